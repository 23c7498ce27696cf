from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.reader import Chunk, open_pairs
from textsiamese.serving.scoring import NEW_COLUMNS, check_keys, new_names, score_chunk


def only_chunk(path: Path, text: str) -> Chunk:
    path.write_text(text, encoding="utf-8")
    (chunk,) = open_pairs(path).chunks()
    return chunk


def test_names_and_prefix() -> None:
    assert new_names(["question1"], "") == list(NEW_COLUMNS)
    assert new_names(["similarity"], "x_")[0] == "x_similarity"


def test_taken_names_are_refused_with_a_prefix_that_is_free() -> None:
    with pytest.raises(InputError, match=r'column "probability" already.*--prefix ts_ '):
        new_names(["a", "probability"], "")
    with pytest.raises(InputError, match=r"--prefix new_ts_ "):
        new_names(["problem", "ts_problem"], "")


def test_a_late_json_key_that_is_taken_is_refused_and_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"left": "a", "right": "b"}\n' * 2 + '{"left": "a", "problem": 1}\n')
    (chunk,) = open_pairs(path).chunks()
    with pytest.raises(InputError, match=r'p\.jsonl, line 3, has the column "problem" already'):
        check_keys(chunk, list(NEW_COLUMNS), "p.jsonl")
    check_keys(chunk, [f"ts_{name}" for name in NEW_COLUMNS], "p.jsonl")


def test_a_row_with_a_problem_keeps_its_place(tmp_path: Path, overlap_twin: Any) -> None:
    chunk = only_chunk(tmp_path / "p.csv", "question1,question2\na b,a b\n,x\na b,a c\nonly one\n")
    scored = score_chunk(overlap_twin, chunk, list(NEW_COLUMNS))
    table = scored.table.to_pydict()
    assert table["similarity"] == [1.0, None, pytest.approx(1 / 3), None]
    assert table["predicted"] == [1, None, 0, None]
    assert table["problem"][1] == "line 3: question1 is empty"
    assert table["problem"][3].startswith("line 5: ")
    assert [scored.tally.rows, scored.tally.problems, scored.tally.predicted] == [4, 2, 1]
    kinds = [pa.float64(), pa.float64(), pa.int8(), pa.string()]
    assert scored.new.schema.types == kinds


def test_nothing_is_scored_where_no_row_can_be(tmp_path: Path, overlap_twin: Any) -> None:
    chunk = only_chunk(tmp_path / "p.csv", "question1,question2\n,x\ny,\n")
    scored = score_chunk(overlap_twin, chunk, list(NEW_COLUMNS))
    assert overlap_twin.calls == 0
    assert scored.new.column("probability").to_pylist() == [None, None]
    assert scored.tally.problems == scored.tally.rows == 2


def test_labels_are_counted_where_they_are(tmp_path: Path, overlap_twin: Any) -> None:
    chunk = only_chunk(
        tmp_path / "p.csv",
        "question1,question2,is_duplicate\na b,a b,1\na b,c d,1\na,b,\na b,c d,0\n,x,1\n",
    )
    tally = score_chunk(overlap_twin, chunk, list(NEW_COLUMNS)).tally
    assert (tally.labelled, tally.correct) == (3, 2)
