from __future__ import annotations

import csv
import errno
import gzip
import io
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import textsiamese as ts
from textsiamese.errors import InputError, OutputError, OutputExistsError
from textsiamese.inputs.reader import open_pairs
from textsiamese.serving.tally import Progress

NEW = ["similarity", "probability", "predicted", "problem"]


def rows_of(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def stopping(twin: Any, calls: int, error: BaseException) -> Any:
    """The twin, but its chunk number `calls` ends in an error."""
    scored, real = 0, twin.score_pairs

    def score_pairs(left: Any, right: Any) -> Any:
        nonlocal scored
        scored += 1
        if scored > calls:
            raise error
        return real(left, right)

    twin.score_pairs = score_pairs
    return twin


def test_every_row_comes_back_in_order_with_its_scores(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scored.csv"
    summary = ts.score_table(overlap_twin, pairs_csv, out, chunk_rows=64)
    given, got = rows_of(pairs_csv), rows_of(out)
    assert got[0] == given[0] + NEW
    assert [row[:4] for row in got] == given
    scores = overlap_twin.score_pairs([r[1] for r in given[1:]], [r[2] for r in given[1:]])
    assert [row[4] for row in got[1:]] == [f"{value:.6g}" for value in scores.similarity]
    assert [row[5] for row in got[1:]] == [f"{value:.6g}" for value in scores.probability]
    assert [row[6] for row in got[1:]] == [str(int(value)) for value in scores.predicted]
    assert {row[7] for row in got[1:]} == {""}
    labels = np.array([int(row[3]) for row in given[1:]])
    assert summary.tally.rows == summary.tally.labelled == 300
    assert summary.accuracy == (labels == scores.predicted).mean()
    assert summary.share_predicted == scores.predicted.mean()
    assert os.listdir(tmp_path) == ["scored.csv"]


@pytest.mark.parametrize("chunk_rows", [1, 7, 299, 300, 65_536])
def test_chunks_leave_no_trace_in_text(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path, chunk_rows: int
) -> None:
    whole, chunked = io.BytesIO(), io.BytesIO()
    ts.score_table(overlap_twin, pairs_csv, whole)
    ts.score_table(overlap_twin, pairs_csv, chunked, chunk_rows=chunk_rows)
    assert whole.getvalue() == chunked.getvalue()


def read_table(path: Path) -> list[dict[str, Any]]:
    (chunk,) = open_pairs(path).chunks()
    return chunk.table.to_pylist()


@pytest.mark.parametrize(
    "suffix", [".csv", ".tsv", ".jsonl", ".parquet", ".csv.gz", ".tsv.zst", ".jsonl.gz"]
)
def test_every_kind_holds_the_same(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"scored{suffix}"
    ts.score_table(overlap_twin, pairs_csv, out, chunk_rows=100)
    frame = ts.score_table(overlap_twin, pairs_csv)
    rows = read_table(out)
    assert [row["question1"] for row in rows] == list(frame["question1"])
    for name in ("similarity", "probability", "predicted"):
        assert [float(row[name]) for row in rows] == pytest.approx(list(frame[name]), rel=1e-5)


def test_texts_of_any_kind_come_back_as_they_were(overlap_twin: Any, tmp_path: Path) -> None:
    texts = [
        'say "hi"',
        "a\nb",
        "a\r\nb",
        "a\rb",
        "x,y",
        " blank ",
        "é中😀",
        "NA",
        "null",
        "'",
        "-",
    ]
    source, out = tmp_path / "pairs.csv", tmp_path / "scored.csv"
    rows = [["question1", "question2", "id,x"], *[[text, text, "00"] for text in texts]]
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    ts.score_table(overlap_twin, source, out)
    assert [row[:3] for row in rows_of(out)] == rows
    again = ts.score_table(overlap_twin, out, prefix="again_")
    assert list(again["question1"]) == texts


def test_parquet_keeps_the_types_of_the_input(overlap_twin: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "pairs.parquet", tmp_path / "scored.parquet"
    table = pa.table(
        {
            "id": pa.array([1, 2, 3], pa.int32()),
            "question1": pa.array(["a b", None, "c"], pa.large_string()),
            "question2": pa.array(["a b", "x", "d"]).dictionary_encode(),
            "when": pa.array([1, None, 3], pa.timestamp("us")),
        }
    )
    pq.write_table(table, source)
    ts.score_table(overlap_twin, source, out, chunk_rows=2)
    scored = pq.read_table(out)
    assert scored.schema.names == [*table.schema.names, *NEW]
    assert scored.select(table.schema.names) == table
    assert scored.schema.field("predicted").type == pa.int8()
    assert scored.column("similarity").to_pylist() == [1.0, None, 0.0]
    assert scored.column("problem").to_pylist() == ["", "row 2: question1 is missing", ""]


def test_json_lines_keep_their_objects(overlap_twin: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "pairs.jsonl", tmp_path / "scored.jsonl"
    rows = [{"left": "a", "right": "a", "tags": ["x", {"y": None}]}, {"left": "a", "id": 7}]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n")
    ts.score_table(overlap_twin, source, out)
    got = [json.loads(line) for line in out.read_text().splitlines()]
    assert [{key: row[key] for key in row if key not in NEW} for row in got] == [*rows, {}]
    assert [bool(row["problem"]) for row in got] == [False, True, True]


def test_a_frame_in_gives_a_frame_back(overlap_twin: Any) -> None:
    frame = pd.DataFrame(
        {
            "question1": ["a b", "", None, "a"],
            "question2": ["a b", "x", "y", "b"],
            "extra": [{1}, 2.5, None, "z"],
        },
        index=pd.Index([5, 6, 7, 8], name="key"),
    )
    scored = ts.score_table(overlap_twin, frame, chunk_rows=3)
    pd.testing.assert_frame_equal(scored[frame.columns], frame)
    assert list(scored.columns) == [*frame.columns, *NEW]
    assert scored["similarity"].isna().tolist() == [False, True, True, False]
    assert scored["predicted"].tolist()[0] == 1
    assert scored["problem"].tolist()[1] == "row 2: question1 is empty"
    expected = overlap_twin.score_pairs(["a b", "a"], ["a b", "b"]).probability
    np.testing.assert_array_equal(scored["probability"].dropna(), expected)


def test_a_frame_can_be_written_to_a_file(overlap_twin: Any, tmp_path: Path) -> None:
    frame = pd.DataFrame({"question1": ["a"], "question2": ["a"]})
    assert ts.score_table(overlap_twin, frame, tmp_path / "o.csv").tally.rows == 1
    assert rows_of(tmp_path / "o.csv")[1][:3] == ["a", "a", "1"]


def test_rows_with_a_problem_and_who_is_told(overlap_twin: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "pairs.csv", tmp_path / "scored.csv"
    bad = "one\n" * 7
    source.write_text(f"question1,question2,n\n{bad}a,a,1\na,b,2,3\n,x,4\n")
    told: list[str] = []
    summary = ts.score_table(overlap_twin, source, out, tell=told.append, chunk_rows=3)
    assert told[0] == "pairs.csv, line 2: 1 cell where the header has 3"
    assert len(told) == 5
    assert (summary.tally.rows, summary.tally.problems) == (10, 9)
    got = rows_of(out)
    assert got[1] == ["one", "", "", "", "", "", "line 2: 1 cell where the header has 3"]
    assert got[8] == ["a", "a", "1", "1", "0.982014", "1", ""]
    assert got[9] == ["a", "b", "2", "", "", "", "line 10: 4 cells where the header has 3"]
    assert got[10][-1] == "line 11: question1 is empty"


@pytest.mark.parametrize("chunk_rows", [1, 100])
def test_strict_stops_at_the_first_bad_row_and_leaves_nothing(
    overlap_twin: Any, tmp_path: Path, chunk_rows: int
) -> None:
    source, out = tmp_path / "pairs.csv", tmp_path / "scored.csv"
    source.write_text("question1,question2\na,a\n\na,\n,\n")
    with pytest.raises(InputError, match=r"pairs\.csv, line 4: question2 is empty"):
        ts.score_table(overlap_twin, source, out, strict=True, chunk_rows=chunk_rows)
    assert os.listdir(tmp_path) == ["pairs.csv"]


def test_columns_of_the_same_name_are_refused(overlap_twin: Any, tmp_path: Path) -> None:
    source, out = tmp_path / "pairs.csv", tmp_path / "scored.csv"
    source.write_text("question1,question2,probability\na,a,1\n")
    with pytest.raises(InputError, match=r'"probability" already; .*--prefix ts_'):
        ts.score_table(overlap_twin, source, out)
    ts.score_table(overlap_twin, source, out, prefix="ts_")
    assert rows_of(out)[0][3:] == ["ts_" + name for name in NEW]


def test_threshold_and_prior_change_what_is_predicted(overlap_twin: Any, pairs_csv: Path) -> None:
    plain = ts.score_table(overlap_twin, pairs_csv)
    never = ts.score_table(overlap_twin, pairs_csv, threshold=1.0)
    rare = ts.score_table(overlap_twin, pairs_csv, prior=0.001)
    assert plain["predicted"].sum() > rare["predicted"].sum()
    assert never["predicted"].sum() == 0
    np.testing.assert_array_equal(plain["similarity"], rare["similarity"])
    assert (rare["probability"] < plain["probability"]).all()
    with pytest.raises(InputError, match="threshold"):
        ts.score_table(overlap_twin, pairs_csv, threshold=2.0)


def test_a_json_key_of_a_later_chunk_is_not_overwritten(overlap_twin: Any, tmp_path: Path) -> None:
    source = tmp_path / "p.jsonl"
    first = '{"left": "a", "right": "b"}\n'
    source.write_text(first * 131_072 + '{"left": "a", "right": "b", "probability": "mine"}\n')
    with pytest.raises(InputError, match=r'line 131073, has the column "probability".*--prefix'):
        ts.score_table(overlap_twin, source, tmp_path / "o.jsonl")
    assert os.listdir(tmp_path) == ["p.jsonl"]


def test_notes_are_told_once_and_before_the_end(overlap_twin: Any, tmp_path: Path) -> None:
    source = tmp_path / "ids.csv"
    source.write_text("question1,question2\n" + "1,a b\n2,c d\n" * 3)
    told: list[str] = []
    run = stopping(overlap_twin, 1, RuntimeError())
    with pytest.raises(RuntimeError):
        ts.score_table(run, source, io.BytesIO(), chunk_rows=2, tell=told.append)
    assert len(told) == 1
    assert 'column "question1" holds numbers only' in told[0]
    del run.score_pairs
    ts.score_table(overlap_twin, source, io.BytesIO(), chunk_rows=2, tell=told.append)
    assert told[1:] == told[:1]


def test_labels_turned_round_and_unknown(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path
) -> None:
    right = ts.score_table(overlap_twin, pairs_csv, io.BytesIO()).accuracy
    turned = ts.score_table(overlap_twin, pairs_csv, io.BytesIO(), similar_is_zero=True).accuracy
    assert right == pytest.approx(1 - turned)
    told: list[str] = []
    graded = tmp_path / "graded.csv"
    graded.write_text("question1,question2,label\na,a,0.7\na,b,0.1\n")
    summary = ts.score_table(overlap_twin, graded, io.BytesIO(), tell=told.append)
    assert (summary.tally.labelled, summary.tally.problems) == (0, 0)
    assert any("graded score" in line for line in told)


def test_a_label_nobody_understands_is_counted_after_a_resume_too(
    overlap_twin: Any, tmp_path: Path
) -> None:
    source = tmp_path / "p.csv"
    source.write_text("question1,question2,label\na,a,1\na,b,maybe\n" + "a,a,1\n" * 4)
    run: dict[str, Any] = {"out": tmp_path / "o.csv", "chunk_rows": 2}
    broken = stopping(overlap_twin, 2, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        ts.score_table(broken, source, **run)
    del broken.score_pairs
    summary = ts.score_table(overlap_twin, source, **run, resume=True)
    assert summary.resumed == 4
    assert summary.tally.odd_labels == 1
    assert math.isnan(summary.accuracy)


def test_no_rows(overlap_twin: Any, tmp_path: Path) -> None:
    source = tmp_path / "pairs.csv"
    source.write_text("question1,question2\n")
    ts.score_table(overlap_twin, source, tmp_path / "o.csv")
    assert rows_of(tmp_path / "o.csv") == [["question1", "question2", *NEW]]
    ts.score_table(overlap_twin, source, tmp_path / "o.parquet")
    assert pq.read_table(tmp_path / "o.parquet").schema.names == ["question1", "question2", *NEW]
    assert len(ts.score_table(overlap_twin, source)) == 0


def test_progress_counts_rows_and_bytes(overlap_twin: Any, pairs_csv: Path) -> None:
    seen: list[Progress] = []
    ts.score_table(overlap_twin, pairs_csv, io.BytesIO(), chunk_rows=100, progress=seen.append)
    assert [step.rows for step in seen] == [0, 100, 200, 300]
    assert seen[-1].position == seen[-1].size == pairs_csv.stat().st_size


@pytest.mark.parametrize("name", ["o.csv", "o.jsonl.gz", "o.tsv.zst", "o.parquet"])
@pytest.mark.parametrize("finished", [1, 3, 6])
def test_an_interrupted_run_goes_on_to_the_same_bytes(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path, name: str, finished: int
) -> None:
    whole, out = tmp_path / f"whole-{name}", tmp_path / name
    complete = ts.score_table(overlap_twin, pairs_csv, whole, chunk_rows=45)
    broken = stopping(overlap_twin, finished, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt, match=r"rows finished .*o\..*partial; run .*--resume"):
        ts.score_table(broken, pairs_csv, out, chunk_rows=45)
    assert not out.exists()
    del broken.score_pairs
    overlap_twin.calls = 0
    told: list[str] = []
    summary = ts.score_table(
        overlap_twin, pairs_csv, out, chunk_rows=45, resume=True, tell=told.append
    )
    assert out.read_bytes() == whole.read_bytes()
    assert summary.tally == complete.tally
    assert summary.resumed >= 45
    assert overlap_twin.calls == 7 - summary.resumed // 45
    assert told == [f"going on after the {summary.resumed:,} rows of an earlier run"]
    assert sorted(os.listdir(tmp_path)) == sorted([name, f"whole-{name}"])


def test_resume_without_chunks_is_a_fresh_start_and_afterwards_nothing(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    out = tmp_path / "o.csv"
    first = ts.score_table(overlap_twin, pairs_csv, out, resume=True)
    assert (first.tally.rows, first.resumed) == (300, 0)
    content = out.read_bytes()
    second = ts.score_table(overlap_twin, pairs_csv, out, resume=True, tell=told.append)
    assert second.finished_before
    assert "is whole already" in told[0]
    assert out.read_bytes() == content
    out.write_text("yesterday's")
    third = ts.score_table(overlap_twin, pairs_csv, out, resume=True, overwrite=True)
    assert not third.finished_before
    assert out.read_bytes() == content


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"threshold": 0.6}, r"threshold 0\.5, not 0\.6"),
        ({"prior": 0.1}, r"prior 0\.4, not 0\.1"),
        ({"prefix": "x_"}, "prefix none, not x_"),
        ({"chunk_rows": 50}, "rows a chunk 45, not 50"),
        ({"strict": True}, "strict False, not True"),
        ({"left": "question2", "right": "question1"}, "left column question1, not question2"),
        ({"encoding": "utf-8"}, "encoding none, not utf-8"),
    ],
)
def test_another_job_does_not_go_on(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    out = tmp_path / "o.csv"
    with pytest.raises(KeyboardInterrupt):
        ts.score_table(
            stopping(overlap_twin, 2, KeyboardInterrupt()), pairs_csv, out, chunk_rows=45
        )
    before = {path.name: path.read_bytes() for path in (tmp_path / "o.csv.partial").iterdir()}
    with pytest.raises(InputError, match=named):
        ts.score_table(overlap_twin, pairs_csv, out, **{"chunk_rows": 45, "resume": True, **change})
    after = {path.name: path.read_bytes() for path in (tmp_path / "o.csv.partial").iterdir()}
    assert before == after


def test_another_input_or_twin_does_not_go_on(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "pairs.csv", tmp_path / "o.csv"
    source.write_bytes(pairs_csv.read_bytes())
    with pytest.raises(KeyboardInterrupt):
        ts.score_table(stopping(overlap_twin, 2, KeyboardInterrupt()), source, out, chunk_rows=45)
    del overlap_twin.score_pairs
    overlap_twin.fingerprint = "1" * 64
    with pytest.raises(InputError, match="begun with another twin;"):
        ts.score_table(overlap_twin, source, out, chunk_rows=45, resume=True)
    overlap_twin.fingerprint = "0" * 64
    source.write_bytes(pairs_csv.read_bytes().replace(b"age?", b"Age?", 1))
    with pytest.raises(InputError, match="begun with another input;"):
        ts.score_table(overlap_twin, source, out, chunk_rows=45, resume=True)
    with pytest.raises(OutputExistsError, match="--resume, or begin anew with --overwrite"):
        ts.score_table(overlap_twin, source, out, chunk_rows=45)
    ts.score_table(overlap_twin, source, out, chunk_rows=45, overwrite=True)
    assert sorted(os.listdir(tmp_path)) == ["o.csv", "pairs.csv"]


def test_what_cannot_be_resumed_says_so(
    unsaved_twin: Any, overlap_twin: Any, pairs_csv: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="never saved"):
        ts.score_table(unsaved_twin, pairs_csv, tmp_path / "o.csv", resume=True)
    with pytest.raises(InputError, match="goes on with a file"):
        ts.score_table(overlap_twin, pairs_csv, io.BytesIO(), resume=True)
    assert ts.score_table(unsaved_twin, pairs_csv, tmp_path / "o.csv").tally.rows == 300


def test_an_unexpected_error_keeps_the_finished_chunks(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o.csv"
    with pytest.raises(ZeroDivisionError):
        ts.score_table(
            stopping(overlap_twin, 3, ZeroDivisionError()), pairs_csv, out, chunk_rows=45
        )
    assert (tmp_path / "o.csv.partial" / "part-000002").exists()


@pytest.mark.parametrize("syncs", [0, 3, 12, 20, 60])
def test_a_full_disk_is_told_and_the_run_can_go_on(
    overlap_twin: Any,
    pairs_csv: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    syncs: int,
) -> None:
    out, real, count = tmp_path / "o.csv", os.fsync, 0

    def fsync(descriptor: int) -> None:
        nonlocal count
        count += 1
        if count > syncs:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    if syncs == 60:
        assert ts.score_table(overlap_twin, pairs_csv, out, chunk_rows=45).tally.rows == 300
        return
    with pytest.raises(OutputError, match=r"o\.csv cannot be written: there is no space left"):
        ts.score_table(overlap_twin, pairs_csv, out, chunk_rows=45)
    monkeypatch.undo()
    assert not list(tmp_path.glob("**/*.tmp"))
    ts.score_table(overlap_twin, pairs_csv, out, chunk_rows=45, resume=True)
    assert len(rows_of(out)) == 301
    assert os.listdir(tmp_path) == ["o.csv"]


def test_a_twin_without_a_decision_is_refused(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path
) -> None:
    overlap_twin.decision = None
    with pytest.raises(InputError, match="no decision yet"):
        ts.score_table(overlap_twin, pairs_csv, tmp_path / "o.csv")


def test_packed_input_and_output(overlap_twin: Any, pairs_csv: Path, tmp_path: Path) -> None:
    source = tmp_path / "pairs.csv.gz"
    source.write_bytes(gzip.compress(pairs_csv.read_bytes()))
    ts.score_table(overlap_twin, source, tmp_path / "o.csv.gz")
    plain = io.BytesIO()
    ts.score_table(overlap_twin, pairs_csv, plain)
    assert gzip.decompress((tmp_path / "o.csv.gz").read_bytes()) == plain.getvalue()


def test_the_real_twin_scores_as_in_python(tiny_folder: Path, pairs_csv: Path) -> None:
    twin = ts.load(tiny_folder)
    frame = ts.score_table(twin, pairs_csv, chunk_rows=77)
    expected = twin.score(list(frame["question1"]), list(frame["question2"]))
    np.testing.assert_allclose(frame["probability"], expected, atol=1e-5)


def test_a_run_over_other_pictures_is_another_one(
    overlap_twin: Any, pairs_csv: Path, tmp_path: Path
) -> None:
    overlap_twin.picture_sides = ["right"]
    job: dict[str, Any] = {"out": tmp_path / "o.csv", "chunk_rows": 45}
    folders = [tmp_path / "mine", tmp_path / "yours"]
    for folder in folders:
        folder.mkdir()
    twin = stopping(overlap_twin, 2, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        ts.score_table(twin, pairs_csv, **job, pictures=folders[0])
    with pytest.raises(InputError, match="pictures"):
        ts.score_table(twin, pairs_csv, **job, pictures=folders[1], resume=True)
