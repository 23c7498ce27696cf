"""Rows of a match: names that do not clash, left rows repeated, and cells that stay empty."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.sides import SideChunk
from textsiamese.serving.known import know
from textsiamese.serving.matched import Columns, Matcher
from textsiamese.serving.ranking import Ranked
from textsiamese.serving.tally import Tally
from textsiamese.twins.twin import Twin

KNOWN = pa.table({"question": ["Where?", "Why?"], "n": [10, 20]})


def chunk(records: list[dict[str, Any]] | None = None) -> SideChunk:
    table = pa.table({"question": ["a", "", "c"]})
    problems = ["", "line 3: question is empty", ""]
    places = ["line 2", "line 3", "line 4"]
    return SideChunk(4, 12, table, ["a", None, "c"], problems, places, 9, records)


def matcher(twin: Twin) -> Matcher:
    columns = Columns.beside(["question"], KNOWN.column_names, "")
    known = know(twin, ["Where?", "Why?"])
    return Matcher(twin, KNOWN, KNOWN.schema, known, columns, 2, None)


def found(probability: Any = (0.9, 0.1, 0.2)) -> Ranked:
    numbers = [np.array(each) for each in ([0, 0, 2], [1, 2, 1], [1, 0, 1])]
    likely = None if probability is None else np.array(probability)
    return Ranked(*numbers, np.array([3.0, 1.0, 2.0]), likely)


def test_names_of_the_right_table_that_are_taken_get_a_word_before_them() -> None:
    columns = Columns.beside(["id", "right_id", "text"], ["id", "rank", "text", "answer"], "")
    assert columns.right == ["right_right_id", "right_rank", "right_text", "answer"]
    assert columns.added[:3] == ["rank", "right_row", "similarity"]
    assert Columns.beside(["id"], ["id", "id"], "").right == ["right_id", "right_right_id"]
    assert Columns.beside(["rank"], ["a"], "m_").added[0] == "m_rank"


def test_names_of_the_left_table_that_are_taken_are_refused() -> None:
    with pytest.raises(InputError, match='the left table has a column "problem" already'):
        Columns.beside(["id", "problem"], ["a"], "")


def test_a_key_that_comes_late_and_is_taken_is_refused() -> None:
    columns = Columns.beside(["question"], ["answer"], "")
    columns.check(chunk([{"question": "a"}, {}, {"other": 1}]))
    for key in ("rank", "problem", "answer"):
        with pytest.raises(InputError, match=f'line 4 of the left table has a key "{key}"'):
            columns.check(chunk([{}, {}, {key: 1}]))


def test_each_left_row_comes_once_a_match_and_once_without_one(lstm_twin: Twin) -> None:
    rows = matcher(lstm_twin).rows(chunk(), found(), Tally(texts=2))
    assert rows.index == 4
    assert rows.own.to_pylist() == [
        {"question": "a", "rank": 1, "right_row": 1, "right_question": "Why?", "n": 20},
        {"question": "a", "rank": 2, "right_row": 0, "right_question": "Where?", "n": 10},
        {"question": "", "rank": None, "right_row": None, "right_question": None, "n": None},
        {"question": "c", "rank": 1, "right_row": 1, "right_question": "Why?", "n": 20},
    ]
    assert rows.new.column("similarity").to_pylist() == [3.0, 1.0, None, 2.0]
    assert rows.new.column("probability").to_pylist() == [0.9, 0.1, None, 0.2]
    assert rows.new.column("predicted").to_pylist() == [1, 0, None, 0]
    assert rows.problems == ["", "", "line 3: question is empty", ""]
    assert rows.new.column("problem").to_pylist() == rows.problems
    assert rows.tally == Tally(rows=3, problems=1, predicted=1, texts=2)
    assert rows.threshold == lstm_twin.threshold
    assert rows.records is None


def test_objects_of_json_lines_stay_as_they_were(lstm_twin: Twin) -> None:
    records = [{"question": "a", "tags": [1]}, {}, {"question": "c"}]
    rows = matcher(lstm_twin).rows(chunk(records), found(), Tally(texts=2))
    assert rows.records is not None
    assert [record.get("tags") for record in rows.records] == [[1], [1], None, None]
    assert rows.records[2] == {"rank": None, "right_row": None, "right_question": None, "n": None}


def test_without_a_decision_there_is_no_probability(lstm_twin: Twin) -> None:
    undecided = lstm_twin.with_parts(measure=lstm_twin.measure)
    rows = matcher(undecided).rows(chunk(), found(None), Tally(texts=2))
    assert rows.new.column("similarity").to_pylist() == [3.0, 1.0, None, 2.0]
    for name in ("probability", "predicted"):
        assert rows.new.column(name).null_count == 4
    assert rows.tally.predicted == 0


def test_the_schema_is_that_of_the_rows(lstm_twin: Twin) -> None:
    made = matcher(lstm_twin)
    rows = made.rows(chunk(), found(), Tally(texts=2))
    assert made.columns.schema(chunk().table.schema, KNOWN.schema) == rows.table.schema
    nothing = found().at_least(1.0)
    assert made.rows(chunk(), nothing, Tally(texts=2)).table.schema == rows.table.schema
    assert len(made.rows(chunk(), nothing, Tally(texts=2)).table) == 3
