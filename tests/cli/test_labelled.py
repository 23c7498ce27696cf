"""Labelled pairs for a command: what is left out is told, or stops it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from textsiamese.cli.labelled import read_labelled, scale_of
from textsiamese.errors import InputError

PLAIN: dict[str, Any] = {
    "left": None,
    "right": None,
    "label": None,
    "similar_is_zero": False,
    "encoding": None,
    "strict": False,
    "quiet": False,
}


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "p.csv"
    path.write_bytes("a,b,grün\nx,é,0\nx,,0\nx,y,1\n".encode("latin-1"))
    return str(path)


OPTIONS = {
    "left": "b",
    "right": "a",
    "label": "grün",
    "similar_is_zero": True,
    "encoding": "latin-1",
}


def test_options_reach_the_reader_and_rows_left_out_are_told(
    table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = read_labelled(table, **{**PLAIN, **OPTIONS})
    assert (pairs.left, pairs.right, pairs.labels.tolist()) == (["é", "y"], ["x", "x"], [1, 0])
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == ["p.csv, line 3: b is empty", "p.csv: 1 row was left out"]


def test_quiet_tells_nothing(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(read_labelled(table, **{**PLAIN, **OPTIONS, "quiet": True})) == 2
    assert capsys.readouterr().err == ""


def test_strict_stops(table: str) -> None:
    with pytest.raises(InputError, match="1 row cannot be used: line 3: b is empty"):
        read_labelled(table, **{**PLAIN, **OPTIONS, "strict": True})


def test_a_teachers_probabilities_are_read(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("left,right,probability\na,b,0.75\n")
    pairs = read_labelled(str(path), **PLAIN, taught="probability")
    assert pairs.taught is not None
    assert (pairs.taught.tolist(), pairs.labels.tolist()) == ([0.75], [1])


def test_a_scale_is_named_by_its_ends_and_its_cut() -> None:
    assert scale_of(None, None) is None
    scale = scale_of("1-5", 3.0)
    assert scale is not None
    assert (scale.low, scale.high, scale.cut) == (1, 5, 3)
    with pytest.raises(InputError, match="say which scale it is on"):
        scale_of(None, 3.0)
