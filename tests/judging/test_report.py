"""The report: whole, self-contained, sound, and without texts where they are not wanted."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from textsiamese.errors import InputError, OutputError, OutputExistsError
from textsiamese.judging import report
from textsiamese.judging.evaluation import Judged
from textsiamese.judging.report import report_page, write_report

VOID = {"meta", "link", "input", "br"}
NASTY = [
    "<script>alert('x')</script>",
    '"><img src=x onerror=alert(1)>',
    "كيف أتعلم البرمجة؟",
    "👩‍👩‍👧 family 🎉",
    "line one\nline two </script><!--",
    "half \ud800 a pair $title {{x}} &amp;",
]
HISTORY = [{"epoch": 1, "loss": 0.5, "dev_f1": 0.6}, {"epoch": 2, "loss": 0.4, "dev_f1": 0.7}]


class Soundness(HTMLParser):
    """Every tag is closed in its order; collects tags, attributes, ids and scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(judged: Judged, **options: Any) -> str:
    return report_page(judged, **{"title": "T & <t>", "facts": [("Twin", "<x>")], **options})


@pytest.fixture
def nasty(make_judged: Callable[..., Judged]) -> Judged:
    return make_judged(
        probability=[0.9, 0.8, 0.1, 0.2, 0.95, 0.05],
        labels=[0, 0, 1, 1, 0, 1],
        left=NASTY,
        right=[f"{text} again" for text in NASTY],
    )


def test_it_is_sound_and_loads_nothing(judged: Judged, nasty: Judged) -> None:
    for page in (page_of(judged, history=HISTORY), page_of(nasty)):
        seen = Soundness(page).seen
        tags = {tag for tag, _ in seen}
        assert {"svg", "table", "script", "style", "h1"} <= tags
        assert not tags & {"img", "iframe", "object", "embed", "audio", "video", "use", "image"}
        assert sum(tag == "script" for tag, _ in seen) == 2
        for tag, attributes in seen:
            assert "src" not in attributes
            assert not any(name.startswith("on") for name in attributes)
            if "href" in attributes:
                assert (tag, attributes["href"]) == ("link", "data:,")
        assert not re.search(r"https?:|@import|url\(|//[a-z]", page)
        assert "default-src 'none'" in page


def test_every_section_is_there(judged: Judged) -> None:
    found = re.findall("<h2>(.*?)</h2>", page_of(judged, history=HISTORY))
    assert found == [
        "Metrics",
        "Learning curves",
        "Curves",
        "Threshold",
        "Slices",
        "Worst mistakes",
    ]
    assert "Learning curves" not in page_of(judged)
    figures = re.findall("<figure><h3>(.*?)</h3>", page_of(judged, history=HISTORY))
    assert figures == [
        *("Loss in training", "Metrics on dev"),
        *("ROC", "Precision and recall", "Reliability", "Scores by class"),
    ]
    assert "<title>T &amp; &lt;t&gt;</title>" in page_of(judged)


def test_headline_numbers_are_those_of_the_evaluation(judged: Judged) -> None:
    page = page_of(judged)
    for name in ("accuracy", "precision", "recall"):
        assert f'<p class="value">{getattr(judged.evaluation, name):.1%}</p>' in page
    for name in ("f1", "average_precision", "roc_auc", "log_loss", "brier"):
        assert f'<p class="value">{getattr(judged.evaluation, name):.3f}</p>' in page


def test_the_script_finds_all_that_it_moves_and_writes(judged: Judged) -> None:
    page = page_of(judged)
    attributes = [values for _, values in Soundness(page).seen]
    script = report._asset("report.js")
    for name in ("data-out", "data-moves"):
        used = {str(values[name]) for values in attributes if name in values}
        assert used
        for value in used:
            assert re.search(rf'\b{value}\b"?:|"{value}"|, {value},', script), value
    assert {values["id"] for values in attributes if "id" in values} == {"theme", "slider", "data"}
    data = json.loads(re.search(r'application/json">(.*?)</script>', page)[1])  # type: ignore[index]
    assert data["threshold"][data["own"]] == judged.evaluation.threshold
    assert data["same"] + data["different"] == 300
    assert len(data["hits"]) == len(data["false"]) == len(data["threshold"])


def test_texts_are_shown_escaped(nasty: Judged) -> None:
    page = page_of(nasty)
    assert "كيف أتعلم البرمجة؟ again" in page
    assert "👩‍👩‍👧 family 🎉" in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; again" in page
    assert "$title {{x}} &amp;amp;" in page
    assert "alert('x')" not in page


def test_without_examples_no_text_of_the_pairs_is_in_the_file(
    judged: Judged, nasty: Judged, tmp_path: Path
) -> None:
    marks = ["leftmost", "rightmost", "alert", "كيف", "🎉", "again", "a pair", "onerror"]
    out, told = tmp_path / "report.html", set()
    for each in (judged, nasty):
        write_report(out, each, title="t", facts=[], examples=False, overwrite=True)
        page = out.read_text(encoding="utf-8")
        assert [mark for mark in marks if mark in page or mark in unescape(page)] == []
        assert "probability of same" in page  # rows are told all the same
        write_report(out, each, title="t", facts=[], overwrite=True)
        told |= {mark for mark in marks if mark in out.read_text(encoding="utf-8")}
    assert told == set(marks)  # so that each of them could have been found


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_few_pairs_and_one_class_give_a_page(
    make_judged: Callable[..., Judged], n: int, label: int
) -> None:
    page = page_of(make_judged(n, labels=[label] * n))
    Soundness(page)
    assert "All pairs are labelled" in page
    assert f"Only {n} pair" in page
    assert "Not defined" in page
    assert not re.search(r"[>\" ]nan\b", page)


def test_no_slices_are_no_section(make_judged: Callable[..., Judged]) -> None:
    judged = make_judged(50)
    bare = replace(judged, evaluation=replace(judged.evaluation, slices=()))
    assert "Slices" not in re.findall("<h2>(.*?)</h2>", page_of(bare))


def test_a_history_needs_its_epochs(judged: Judged) -> None:
    with pytest.raises(InputError, match="number of its epoch"):
        page_of(judged, history=[{"loss": 0.5}])
    page = page_of(judged, history=[{"epoch": 3, "f1": 0.5, "kept": True}])
    assert "Loss in training" not in page
    assert "the one that was kept" in page
    assert "Metrics on dev" not in page_of(judged, history=[{"epoch": 1, "loss": 0.5}])


def test_an_output_in_the_way_stays(judged: Judged, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("precious")
    with pytest.raises(OutputExistsError, match="--overwrite"):
        write_report(out, judged, title="t", facts=[])
    assert out.read_text() == "precious"
    write_report(str(out), judged, title="t", facts=[], overwrite=True)
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert os.listdir(tmp_path) == ["report.html"]
    with pytest.raises(InputError, match="is a folder"):
        write_report(tmp_path, judged, title="t", facts=[])


def test_it_is_there_whole_or_not_at_all(
    judged: Judged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OutputError, match="no space left on its disk"):
        write_report(tmp_path / "report.html", judged, title="t", facts=[])
    assert os.listdir(tmp_path) == []


def test_the_same_pairs_give_the_same_bytes(judged: Judged) -> None:
    assert page_of(judged, history=HISTORY) == page_of(judged, history=HISTORY)


def contrast(one: str, other: str) -> float:
    """Ratio of relative luminances (WCAG 2.2)."""

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_and_lines_be_seen_on_their_ground(theme: int) -> None:
    pattern = r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)"
    colors = {name: pair[theme] for name, *pair in re.findall(pattern, report._asset("report.css"))}
    for ground in ("page", "card", "soft", "good-soft", "bad-soft", "warn-soft"):
        assert contrast(colors["ink"], colors[ground]) >= 7, ground
    for ground in ("page", "card", "soft"):
        assert contrast(colors["muted"], colors[ground]) >= 4.5, ground
    for line in ("same", "different", "three", "four", "five", "six"):
        assert contrast(colors[line], colors["card"]) >= 3, line
