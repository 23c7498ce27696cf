"""The page: what stands in it is all there is, escaped, and no more than it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import textsiamese as ts
from textsiamese.serving import match_page
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.twin import Twin

EVIL = '<script>alert("x")</script> & $body'


def page_of(twin: Twin, left: Any, right: Any, folder: Path, **options: Any) -> str:
    path = folder / "page.html"
    ts.match_table(twin, left, right, folder / "out.csv", html=path, overwrite=True, **options)
    return path.read_text(encoding="utf-8")


def texts(*given: str) -> pd.DataFrame:
    return pd.DataFrame({"question": given})


def test_every_row_stands_beside_its_matches(lstm_twin: Twin, tmp_path: Path) -> None:
    page = page_of(lstm_twin, texts("Where?", "Why?"), texts("Where?", "What?"), tmp_path, k=1)
    entries = page.split("<article")[1:]
    assert len(entries) == 2
    assert re.findall(r"<q dir=auto>(.*?)</q>", entries[0]) == ["Where?", "Where?"]
    out = pd.read_csv(tmp_path / "out.csv")
    for entry, likely, same in zip(entries, out["probability"], out["predicted"], strict=True):
        assert f"<b>{likely:.1%}</b>" in entry
        assert f'style="--at:{likely:.4f}"' in entry
        assert f'data-same="{same}"' in entry
    assert "All of them are here" in page
    assert re.search(r'data-count="all">2<', page)


def test_texts_are_escaped_and_nothing_is_loaded(lstm_twin: Twin, tmp_path: Path) -> None:
    page = page_of(lstm_twin, texts(EVIL), texts(EVIL, "b"), tmp_path)
    body = page.split("<main>")[1].split("</main>")[0]
    assert "<script" not in body
    assert [unescape(text) for text in re.findall(r"<q dir=auto>(.*?)</q>", body)][:2] == [EVIL] * 2
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "//" not in re.sub('data:[^"]*', "", body)


def test_the_first_rows_are_shown_and_it_says_so(
    lstm_twin: Twin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_page, "MOST", 3)
    left = texts(*(f"What is {i}?" for i in range(7)))
    for chunk_rows in (2, 100):
        page = page_of(lstm_twin, left, texts("a"), tmp_path, chunk_rows=chunk_rows)
        assert page.count("<article") == 3
        assert "The first 3 of 7 are here" in page


def test_long_texts_are_cut_and_problems_are_said(lstm_twin: Twin, tmp_path: Path) -> None:
    page = page_of(lstm_twin, texts("x" * 500, ""), texts("a"), tmp_path, min_probability=1)
    assert f"{'x' * 400}… <small>(500 characters)</small>" in page
    assert "row 2: question is empty" in page
    assert page.count("No match.") == 1
    assert "what is below a probability of 100.0%" in page


def test_without_a_decision_similarities_are_shown(lstm_twin: Twin, tmp_path: Path) -> None:
    undecided = lstm_twin.with_parts(measure=lstm_twin.measure)
    page = page_of(undecided, texts("Where?"), texts("Where?"), tmp_path)
    assert "<b>1</b>" in page
    assert "the twin has no decision yet" in page
    assert "data-show" not in page.split("<script")[0]
    assert "likely" not in page.split("<main>")[1]


def test_pictures_are_shown_small_in_the_page(
    colour_twin: PseudoSiamese, paint: Callable[..., Path], tmp_path: Path
) -> None:
    folder = paint(a="red", b="blue")
    page = page_of(colour_twin, pd.DataFrame({"caption": ["red", "blue"]}), folder, tmp_path)
    images = re.findall(r'<img src="data:image/jpeg;base64,[^"]+" alt="(.*?)"', page)
    assert images == ["a.png", "b.png", "b.png", "a.png"]
    assert len(page) < 100_000


def test_tiny_probabilities_are_no_zero(lstm_twin: Twin, tmp_path: Path) -> None:
    page = page_of(lstm_twin, texts("Where?"), texts("What?"), tmp_path, prior=1e-9)
    assert "<b>&lt;0.1%</b>" in page
