from __future__ import annotations

import json

import pytest

from textsiamese.errors import BundleError
from textsiamese.twins.info import TwinInfo

FULL = TwinInfo(
    name="lstm-quora",
    description="Do two questions ask the same?",
    language="English",
    trained_on="question pairs",
    terms="non-commercial use",
    recipe="python -m recipe",
    base="another",
    scores={"dev accuracy": 0.87654321},
)


def test_json_round_trip() -> None:
    for info in (TwinInfo(), FULL):
        assert TwinInfo.from_json(json.loads(json.dumps(info.to_json()))) == info


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(BundleError, match="unknown keys: colour, size"):
        TwinInfo.from_json({"size": 1, "colour": 2, "name": "x"})


def test_shown_a_fact_a_line() -> None:
    lines = str(FULL).splitlines()
    assert lines[0].split() == ["name", "lstm-quora"]
    assert lines[-1].split("  ") == ["dev accuracy", "0.8765"]
    assert len(lines) == 8
    assert len({line.index(value) for line, value in zip(lines, ["lstm", "Do"], strict=False)}) == 1
    assert str(TwinInfo()) == "name      unnamed twin\nlanguage  unknown"
    assert str(TwinInfo(name="", language="")) == ""
