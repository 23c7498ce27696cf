"""The command evaluate: a table, JSON and a page; what cannot be used ends in one sentence."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import textsiamese as ts
from textsiamese.cli.opening import undecided
from textsiamese.twins.siamese import Siamese

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def test_the_table_goes_to_stdout(command: Run, tiny_folder: Path, pairs_csv: Path) -> None:
    done = command("evaluate", tiny_folder, pairs_csv)
    expected = ts.evaluate(ts.load(tiny_folder), ts.read_pairs(pairs_csv))
    assert done.returncode == 0
    assert done.stdout.decode() == f"{expected}\n"
    assert done.stderr == b""
    assert b"\n\nslice " in done.stdout


def test_json_and_page_are_written_and_told(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    done = command(
        *("evaluate", tiny_folder, pairs_csv, "--json", "o.json", "--report", "o.html"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.decode().splitlines() == ["written to o.json", "written to o.html"]
    expected = ts.evaluate(ts.load(tiny_folder), ts.read_pairs(pairs_csv))
    found = json.loads((tmp_path / "o.json").read_text())
    wanted = {"twin": str(tiny_folder), "pairs": "pairs.csv", **expected.to_json()}
    for name, ends in wanted.pop("intervals").items():
        assert found["intervals"][name] == pytest.approx(ends)  # another number of threads
    assert {name: value for name, value in found.items() if name != "intervals"} == wanted
    page = (tmp_path / "o.html").read_text(encoding="utf-8")
    assert "<title>tiny on pairs.csv</title>" in page
    assert f'<p class="value">{expected.accuracy:.1%}</p>' in page
    for fact in ("free for everybody", "pairs.csv: 300 pairs", "40.0%", "rule accuracy"):
        assert fact in page
    assert sum(text in page for text in ts.read_pairs(pairs_csv).texts) >= 15


def test_json_on_stdout_stands_alone(command: Run, tiny_folder: Path, pairs_csv: Path) -> None:
    done = command("evaluate", tiny_folder, pairs_csv, "--json", "-", "--quiet")
    assert json.loads(done.stdout)["n"] == 300
    assert done.stderr == b""


def test_no_examples_keeps_the_texts_out(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    done = command(
        "evaluate", tiny_folder, pairs_csv, "--report", "o.html", "--no-examples", "--quiet"
    )
    assert done.stderr == b""
    page = (tmp_path / "o.html").read_text(encoding="utf-8")
    assert "probability of same" in page
    for text in ts.read_pairs(pairs_csv).texts:
        assert text not in page


def test_options_reach_the_decision(command: Run, tiny_folder: Path, pairs_csv: Path) -> None:
    twin = ts.load(tiny_folder).with_decision(threshold=0.3, prior=0.1)
    expected = ts.evaluate(twin, ts.read_pairs(pairs_csv))
    done = command("evaluate", tiny_folder, pairs_csv, "--threshold", 0.3, "--prior", 0.1)
    assert done.stdout.decode() == f"{expected}\n"


def test_rows_that_cannot_be_used_are_told_or_stop_it(
    command: Run, tiny_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "p.csv").write_text("left,right,label\na,b,1\nc,d,0\ne,,1\nf,g,\n")
    done = command("evaluate", tiny_folder, "p.csv")
    assert done.returncode == 0
    assert done.stderr.decode().splitlines() == [
        "p.csv, line 4: right is empty",
        "p.csv, line 5: label is blank",
        "p.csv: 2 rows were left out",
    ]
    assert b"pairs                         2  50.0% of them same" in done.stdout
    strict = command("evaluate", tiny_folder, "p.csv", "--strict")
    assert strict.returncode == 2
    assert b"2 rows cannot be used: line 4: right is empty" in strict.stderr
    assert strict.stdout == b""


def test_stdin_and_one_class(command: Run, tiny_folder: Path, tmp_path: Path) -> None:
    table = b"left,right,label\na b,a b,1\nc,d,1\n"
    done = command("evaluate", tiny_folder, "-", "--report", "o.html", stdin=None, input=table)
    assert done.returncode == 0, done.stderr
    assert b"roc auc                     nan" in done.stdout
    assert "All pairs are labelled same" in (tmp_path / "o.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.csv"], "there is no file missing.csv"),
        (["p.csv", "--label", "id"], "a graded score is no label"),
        (["p.csv", "--left", "frage"], 'no column "frage" (--left)'),
        (["p.csv", "--json", "there"], "there is there already; replace it with --overwrite"),
        (["p.csv", "--report", "there"], "there is there already; replace it with --overwrite"),
        (["p.csv", "--report", "no/o.html"], "there is no folder no to write o.html into"),
        (["p.csv", "--report", "."], ". is a folder"),
        (["p.csv", "--json", "p.csv", "--overwrite"], "p.csv is the input itself"),
        (["p.csv", "--json", "o", "--report", "./o"], "o cannot be both --json and --report"),
        (["p.csv", "--threshold", "2"], "threshold is 2.0"),
        (["p.csv", "--prior", "0"], "prior is 0.0"),
        (["empty.csv"], "has no row"),
    ],
)
def test_what_cannot_be_used_ends_with_2_and_one_line(
    command: Run,
    tiny_folder: Path,
    pairs_csv: Path,
    tmp_path: Path,
    arguments: list[str],
    told: str,
) -> None:
    (tmp_path / "p.csv").write_bytes(pairs_csv.read_bytes())
    (tmp_path / "empty.csv").write_text("left,right,label\n")
    (tmp_path / "there").write_text("precious")
    before = sorted(os.listdir(tmp_path))
    done = command("evaluate", tiny_folder, *arguments)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.decode().splitlines()
    assert told in line
    assert done.stdout == b""
    assert sorted(os.listdir(tmp_path)) == before
    assert (tmp_path / "there").read_text() == "precious"
    assert (tmp_path / "p.csv").read_bytes() == pairs_csv.read_bytes()


def test_a_twin_without_a_decision_is_sent_to_calibrate(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    tiny = ts.load(tiny_folder)
    Siamese(tiny.encoder, tiny.measure, None, tiny.info).save(tmp_path / "bare")
    done = command("evaluate", "bare", pairs_csv)
    assert done.returncode == 2
    assert done.stderr.decode() == f"Error: {undecided('bare')}\n"
    scored = command("score", pairs_csv, "-o", "scored.csv", "--twin", "bare")
    assert (scored.returncode, scored.stderr) == (2, done.stderr)
    assert command("calibrate", "bare", pairs_csv, "-o", "ready").returncode == 0
    assert command("evaluate", "ready", pairs_csv).returncode == 0


def test_help_has_examples(command: Run) -> None:
    for name in ("evaluate", "calibrate"):
        told = command(name, "--help").stdout.decode()
        assert "Examples:" in told
        assert told.count(f"textsiamese {name} ") >= 2


def test_retrieval_stands_after_the_table_in_json_and_on_the_page(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    done = command(
        *("evaluate", tiny_folder, pairs_csv, "--retrieval"),
        *("--json", "o.json", "--report", "o.html"),
    )
    assert done.returncode == 0, done.stderr
    twin, pairs = ts.load(tiny_folder), ts.read_pairs(pairs_csv)
    expected = ts.evaluate_retrieval(twin, pairs)
    assert done.stdout.decode().endswith(f"\n\n{expected}\n")
    found = json.loads((tmp_path / "o.json").read_text())
    assert found["retrieval"]["left_to_right"]["mrr"] == expected.left_to_right.mrr
    assert "<h2>Retrieval</h2>" in (tmp_path / "o.html").read_text(encoding="utf-8")


def test_of_pairs_that_are_all_the_same_only_retrieval_is_told(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    pairs = ts.read_pairs(pairs_csv)
    same = pairs.subset(pairs.labels == 1)
    pd.DataFrame({"question1": same.left, "question2": same.right}).to_csv(
        tmp_path / "same.csv", index=False
    )
    done = command("evaluate", tiny_folder, "same.csv", "--positives-only")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().startswith("retrieval ")
    refused = command("evaluate", tiny_folder, "same.csv", "--positives-only", "--report", "o.html")
    assert refused.returncode == 2
    assert b"--report makes a page of labelled pairs" in refused.stderr
