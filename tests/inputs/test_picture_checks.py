from __future__ import annotations

from pathlib import Path

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
    assert [("torn.png" in line, "gone.png" in line) for line in told[1:4]] == [
        (True, False),
        (False, True),
        (True, False),
    ]
    assert "row 2: " in told[1]


def test_or_refused(table: Path) -> None:
    with pytest.raises(InputError, match=r"4 rows cannot be used: .*torn\.png"):
        ts.read_pairs(table, positives_only=True, picture_sides=["right"])


def test_a_table_of_texts_is_not_looked_for(table: Path) -> None:
    with pytest.raises(InputError, match="1 row cannot be used: line 4"):
        ts.read_pairs(table, positives_only=True)
