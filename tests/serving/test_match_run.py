"""A run: what it is known by, and that it tells now and then how far the encoding is."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from textsiamese.inputs.sides import open_side
from textsiamese.serving import match_run
from textsiamese.serving.match_run import match_job
from textsiamese.twins.twin import Twin


def job(twin: Twin, left: Any, right: Any) -> dict[str, Any]:
    return match_job(twin, open_side(left, "left", "texts"), open_side(right, "right", "texts"))


def test_a_job_tells_tables_columns_twin_and_decision_apart(
    lstm_twin: Twin, head_twin: Twin, tmp_path: Path
) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("question\na\n")
    other.write_text("text\nb\n")
    jobs = [
        job(lstm_twin, one, other),
        job(lstm_twin, other, one),
        job(lstm_twin, one, one),
        job(lstm_twin.with_decision(threshold=0.9), one, other),
        job(lstm_twin.with_decision(prior=0.01), one, other),
        job(lstm_twin.with_parts(measure=lstm_twin.measure), one, other),
    ]
    assert all(jobs.count(each) == 1 for each in jobs)
    assert job(lstm_twin, one, other) == jobs[0]


def test_a_pipe_on_either_side_cannot_be_told(
    lstm_twin: Twin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.csv"
    path.write_text("question\na\n")
    for sides in (("-", path), (path, "-")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"question\na\n")))
        assert job(lstm_twin, *sides)["input"] == ""
    assert job(lstm_twin, path, pd.DataFrame({"text": ["a"]}))["input"]


def test_encoding_tells_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([100.0, 100.0, 109.0, 110.0, 111.0, 150.0])
    monkeypatch.setattr(match_run.time, "monotonic", lambda: next(times))
    told: list[str] = []
    steps = match_run._Steps(told.append, "pictures")
    for done in (0, 1_000, 2_000, 3_000, 4_000):
        steps(done, 4_000)
    assert told == ["2,000 of 4,000 pictures encoded"]
