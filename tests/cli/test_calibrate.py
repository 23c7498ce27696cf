"""The command calibrate: a new twin in a folder, and an honest comparison on stderr."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import textsiamese as ts
from textsiamese.cli.calibrate import closing_lines
from textsiamese.judging.calibration import Platt
from textsiamese.judging.crossfitting import Quality
from textsiamese.twins.calibrate import Calibration, calibrate_and_compare
from textsiamese.twins.decision import Decision

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
GOOD = Quality(0.9, 0.8, 0.7, 0.75, 0.3, 0.1, 0.02, (0.01, 0.03))


def twin_with(decision: Decision | None) -> Any:
    return SimpleNamespace(decision=decision, threshold=decision and decision.threshold)


DECISION = Decision(Platt(2.0, -1.0), 0.45, "accuracy", 0.4, 0.4, 1200)


def test_a_new_twin_is_saved_and_compared(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    done = command("calibrate", tiny_folder, pairs_csv, "-o", "new", "--calibrator", "platt")
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    tiny, pairs = ts.load(tiny_folder), ts.read_pairs(pairs_csv)
    expected = calibrate_and_compare(tiny, pairs, calibrator="platt")
    saved = ts.load(tmp_path / "new")
    assert saved.decision == expected.twin.decision
    assert saved.info == expected.twin.info
    assert done.stderr.decode().splitlines() == closing_lines(tiny, expected, Path("new"))


def test_what_it_tells() -> None:
    worse = replace(GOOD, accuracy=0.8, ece=0.2)
    found = Calibration(twin_with(DECISION), worse, GOOD)
    lines = closing_lines(twin_with(replace(DECISION, threshold=0.6)), found, Path("new"))
    assert lines == [
        "fitted on 1,200 pairs, 40.0% of them same: platt calibrator, threshold 0.45 (rule "
        "accuracy)",
        "               before    after",
        "threshold      0.6000   0.4500",
        "accuracy       0.8000   0.9000",
        "precision      0.8000   0.8000",
        "recall         0.7000   0.7000",
        "f1             0.7500   0.7500",
        "log loss       0.3000   0.3000",
        "brier          0.1000   0.1000",
        "ece            0.2000   0.0200",
        "(after: each fifth of the pairs judged by a decision fitted on the others; an ECE of "
        "0.0100, and up to 0.0300, is what perfect calibration shows)",
        "saved to new",
        "next: textsiamese score PAIRS --twin new -o scored.csv",
    ]


def test_what_is_not_there_is_a_dash() -> None:
    blind = replace(GOOD, precision=float("nan"))
    lines = closing_lines(
        twin_with(None), Calibration(twin_with(DECISION), None, blind), Path("new")
    )
    assert "threshold           -   0.4500" in lines
    assert "precision           -        -" in lines
    lone = closing_lines(twin_with(None), Calibration(twin_with(DECISION), None, None), Path("n"))
    assert "(after: not to be told, as one kind has a single pair)" in lone


@pytest.mark.parametrize(
    ("rule", "accuracy", "warned"),
    [("accuracy", 0.6, True), ("accuracy", 0.61, False), ("f1", 0.5, False)],
)
def test_a_twin_that_cannot_tell_the_pairs_apart(rule: str, accuracy: float, warned: bool) -> None:
    found = Calibration(
        twin_with(replace(DECISION, rule=rule)), None, replace(GOOD, accuracy=accuracy)
    )
    lines = closing_lines(twin_with(None), found, Path("new"))
    assert any("commoner answer is as right (60.0%)" in line for line in lines) == warned


def test_options_reach_the_decision(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    text = pairs_csv.read_text().replace("question1,question2,is_duplicate", "a,b,same")
    (tmp_path / "p.csv").write_text(text)
    done = command(
        *("calibrate", tiny_folder, "p.csv", "-o", "new", "--left", "b", "--right", "a"),
        *("--label", "same", "--rule", "f1", "--calibrator", "isotonic", "--threads", "1", "-q"),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    pairs = ts.read_pairs(tmp_path / "p.csv", left="b", right="a", label="same")
    expected = ts.calibrate(ts.load(tiny_folder), pairs, calibrator="isotonic", rule="f1")
    assert ts.load(tmp_path / "new").decision == expected.decision


def test_a_twin_in_the_way_is_replaced_only_when_asked(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    ts.load(tiny_folder).save(tmp_path / "old")
    before = (tmp_path / "old" / "twin.json").read_bytes()
    done = command("calibrate", tiny_folder, pairs_csv, "-o", "old")
    assert done.returncode == 2
    assert b"old holds a twin already: replace it with --overwrite" in done.stderr
    assert (tmp_path / "old" / "twin.json").read_bytes() == before
    done = command("calibrate", "old", pairs_csv, "-o", "old", "--overwrite")
    assert done.returncode == 0
    assert ts.load(tmp_path / "old").decision.n == 300  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["p.csv", "--rule", "acuracy"], "did you mean 'accuracy'"),
        (["p.csv", "--calibrator", "magic"], "'platt', 'beta' or 'isotonic'"),
        (["p.csv", "--rule", "precision=1"], "No threshold keeps"),
        (["few.csv"], "3 labelled pairs cannot carry a decision"),
        (["one.csv"], "All 60 labels say 'same'"),
        (["missing.csv"], "there is no file missing.csv"),
        (["p.csv", "--similar-is-zero", "--left", "x"], 'no column "x"'),
    ],
)
def test_what_cannot_be_used_leaves_nothing_behind(
    command: Run,
    tiny_folder: Path,
    pairs_csv: Path,
    tmp_path: Path,
    arguments: list[str],
    told: str,
) -> None:
    table = pairs_csv.read_text()
    if "precision=1" in arguments:  # the best pair of all is labelled different
        table += 'x,"same words","same words",0\n'
    (tmp_path / "p.csv").write_text(table)
    (tmp_path / "few.csv").write_text("left,right,label\na,b,1\nc,d,0\ne,f,1\n")
    (tmp_path / "one.csv").write_text("left,right,label\n" + "a,b,1\n" * 60)
    before = sorted(os.listdir(tmp_path))
    done = command("calibrate", tiny_folder, *arguments, "-o", "new")
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert told in line
    assert sorted(os.listdir(tmp_path)) == before


def test_a_folder_of_something_else_is_refused(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "a.txt").touch()
    done = command("calibrate", tiny_folder, pairs_csv, "-o", "thesis", "--overwrite")
    assert done.returncode != 0
    assert b"thesis exists and is no twin" in done.stderr
    assert os.listdir(tmp_path / "thesis") == ["a.txt"]
