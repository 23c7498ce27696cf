"""The command mine: questions in, a table of pairs out, what came of it on stderr."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import textsiamese as ts
from textsiamese.cli.mine import closing_lines
from textsiamese.inputs.questions import question_key

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def questions(tmp_path: Path, sample_texts: list[str]) -> Path:
    """A CSV of 80 questions and an empty cell, with two pairs tables beside it."""
    path = tmp_path / "questions.csv"
    frame = pd.DataFrame({"id": range(81), "question": [*sample_texts[:80], ""]})
    frame.to_csv(path, index=False)
    held = {"question1": sample_texts[:5], "question2": sample_texts[5:10]}
    pd.DataFrame(held).to_csv(tmp_path / "held.csv", index=False)
    return path


def test_pairs_are_written_and_told(
    command: Run, questions: Path, tiny_folder: Path, tmp_path: Path, sample_texts: list[str]
) -> None:
    options = ("--count", 60, "--near", 3, "--middling", 1, "--far", 2, "--seed", 7)
    tables = ("--held-out", "held.csv", "--twin", tiny_folder)
    done = command("mine", questions, "-o", "mined.parquet", *options, *tables)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    mined = pd.read_parquet(tmp_path / "mined.parquet")
    expected = ts.mine_pairs(
        ts.load(tiny_folder),
        sample_texts[:80],
        count=60,
        near=3,
        middling=1,
        far=2,
        seed=7,
        held_out=tmp_path / "held.csv",
    )
    pd.testing.assert_frame_equal(mined, expected)
    told = done.stderr.decode().splitlines()
    assert told[:2] == [
        "questions.csv, line 82: question is empty",
        "questions.csv: 1 row was left out",
    ]
    assert told[2].startswith("mining among 70 questions (")
    assert told[-1] == "next: textsiamese score mined.parquet --twin TEACHER -o labelled.parquet"


def test_what_was_mined_is_scored_and_not_mined_again(
    command: Run, questions: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    options = ("--count", 50, "--twin", tiny_folder)
    assert command("mine", questions, "-o", "mined.csv", *options).returncode == 0
    done = command("score", "mined.csv", "-o", "labelled.csv", "--twin", tiny_folder)
    assert done.returncode == 0, done.stderr
    labelled = pd.read_csv(tmp_path / "labelled.csv")
    assert labelled["probability"].between(0, 1).all()
    assert (
        command(
            "mine", questions, "-o", "more.jsonl.gz", "--avoid", "labelled.csv", *options
        ).returncode
        == 0
    )
    more = pd.read_json(tmp_path / "more.jsonl.gz", lines=True)
    assert not pairs_of(more) & pairs_of(labelled)
    assert len(pairs_of(more)) == len(pairs_of(labelled)) == 50


def pairs_of(table: pd.DataFrame) -> set[frozenset[str]]:
    rows = zip(table["question1"], table["question2"], strict=True)
    return {frozenset(map(question_key, row)) for row in rows}


def test_csv_on_stdout_from_stdin(command: Run, questions: Path, tiny_folder: Path) -> None:
    options = ("--count", 20, "--twin", tiny_folder, "--text", "question", "--quiet")
    with questions.open("rb") as source:
        done = command("mine", "-", "-o", "-", *options, stdin=source)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(pd.read_csv(io.BytesIO(done.stdout))) == 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "mined.xlsx"), "mined.xlsx: the kind of output follows the suffix"),
        (("-o", "nowhere/mined.csv"), "there is no folder nowhere to write mined.csv into"),
        (("-o", "held.csv"), "held.csv is there already; replace it with --overwrite"),
        (("-o", "m.csv", "--count", "0"), "count is 0; it must be a whole number, 1 or more"),
        (("-o", "m.csv", "--near", "-1"), "the shares are near -1, middling 0.3, far 0.1;"),
        (("-o", "m.csv", "--text", "body"), 'questions.csv has no column "body" (--text)'),
        (("-o", "m.csv", "--text", "id"), 'column "id" holds numbers or the like'),
        (("-o", "m.csv", "--avoid", "none.csv"), "none.csv"),
        (("-o", "m.csv", "--held-out", "questions.csv"), "the two text columns cannot be told"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    command: Run,
    questions: Path,
    tiny_folder: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    before = sorted(tmp_path.iterdir())
    done = command("mine", questions, "--twin", tiny_folder, *arguments)
    last = done.stderr.decode().splitlines()[-1]
    assert done.returncode == 2
    assert last.startswith("Error: ")
    assert message in last
    assert sorted(path for path in tmp_path.iterdir() if path.name != "cache") == before


def test_an_output_is_replaced_when_asked(
    command: Run, questions: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "mined.tsv").write_text("old")
    options = ("--count", 5, "--twin", tiny_folder, "--overwrite")
    assert command("mine", questions, "-o", "mined.tsv", *options).returncode == 0
    assert len(pd.read_csv(tmp_path / "mined.tsv", sep="\t")) == 5


def test_what_it_tells() -> None:
    mined = pd.DataFrame({"kind": ["near", "far", "near"], "cosine": [0.5, 0.0, 0.7]})
    assert closing_lines(mined, 3, 61.04, Path("a/m.csv.gz")) == [
        "3 pairs mined in 61.0 s",
        "  near                2  median cosine 0.600",
        "  far                 1  median cosine 0.000",
        "written to a/m.csv.gz",
        "next: textsiamese score a/m.csv.gz --twin TEACHER -o labelled.csv.gz",
    ]
    few = closing_lines(mined, 1000, 1.0, Path("-"))
    assert few[0] == "3 pairs mined in 1.0 s, of 1,000 asked for: some kind has no more"
    assert not any("written" in line or "next" in line for line in few)
