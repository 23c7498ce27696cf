from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import textsiamese as ts
from textsiamese.errors import InputError


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Five captions of three pictures: one sound, one torn, one missing."""
    Image.effect_noise((64, 64), 50).save(tmp_path / "good.png")
    (tmp_path / "torn.png").write_bytes((tmp_path / "good.png").read_bytes()[:900])
    file = tmp_path / "captions.csv"
    rows = ["a,good.png", "b,torn.png", ",good.png", "d,gone.png", "e,good.png", "f,torn.png"]
    file.write_text("\n".join(["caption,image", *rows, ""]))
    return file


def test_rows_whose_pictures_cannot_be_read_are_left_out_and_named(table: Path) -> None:
    told: list[str] = []
    pairs = ts.read_pairs(
        table, positives_only=True, picture_sides=["right"], on_problem="drop", tell=told.append
    )
    assert list(pairs.left) == ["a", "e"]
    assert pairs.rows is not None
    assert pairs.rows.tolist() == [0, 4]
    assert told[-1] == "captions.csv: 4 rows were left out"
    assert [line.partition(":")[0] for line in told[:4]] == [
        f"captions.csv, line {line}" for line in (3, 4, 5, 7)
    ]
    for line, name in zip(told, ("torn.png", "caption is", "gone.png", "torn.png"), strict=False):
        assert name in line


def test_or_refused(table: Path) -> None:
    with pytest.raises(InputError, match=r"4 rows cannot be used: .*torn\.png"):
        ts.read_pairs(table, positives_only=True, picture_sides=["right"])


def test_of_a_triplet_every_picture_is_looked_at(table: Path) -> None:
    good = str(table.with_name("good.png"))
    gone = str(table.with_name("gone.png"))
    rows = {"anchor": "abc", "positive": [good, good, gone], "negative": [good, gone, good]}
    told: list[str] = []
    pairs = ts.read_pairs(
        pd.DataFrame({name: list(cells) for name, cells in rows.items()}),
        picture_sides=["right"],
        on_problem="drop",
        tell=told.append,
    )
    assert list(pairs.left) == ["a", "a"]
    assert told == [
        f"DataFrame, row 2: there is no file {gone}",
        f"DataFrame, row 3: there is no file {gone}",
        "DataFrame: 2 rows were left out",
    ]


def test_where_no_row_is_left_it_says_why(table: Path) -> None:
    with pytest.raises(InputError, match="no row with two inputs and a label; 6 rows cannot be"):
        ts.read_pairs(table, positives_only=True, picture_sides=["left"], on_problem="drop")


def test_pictures_may_have_numbers_for_names(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(table.parent)
    for name in ("1", "2"):
        table.with_name(name).write_bytes(table.with_name("good.png").read_bytes())
    frame = pd.DataFrame({"caption": ["a", "b"], "image": ["1", "2"]})
    pairs = ts.read_pairs(frame, positives_only=True, picture_sides=["right"])
    assert list(pairs.right) == ["1", "2"]


def test_a_table_of_texts_is_not_looked_for(table: Path) -> None:
    with pytest.raises(InputError, match="1 row cannot be used: line 4"):
        ts.read_pairs(table, positives_only=True)
