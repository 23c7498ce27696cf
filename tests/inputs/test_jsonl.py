from __future__ import annotations

import io
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs import jsonl
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.files import TableFile
from textsiamese.inputs.jsonl import JsonlSource

ROLES = Columns("left", "right", "label")


def source(path) -> JsonlSource:
    return JsonlSource(TableFile(path), "utf-8")


def lines(*objects: object) -> str:
    return "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in objects)


def test_types_follow_the_values(write):
    row = {"left": "a", "right": "b", "label": 1, "score": 0.5, "sure": True, "tags": ["x"]}
    other = {**row, "score": 2, "tags": "plain", "more": None}
    table = source(write("a.jsonl", lines(row, other)))
    assert table.columns == [*row, "more"]
    assert table.schema.types == [
        *[pa.string(), pa.string(), pa.int64(), pa.float64(), pa.bool_()],
        *[pa.string(), pa.string()],
    ]
    (batch,) = table.batches(ROLES, 10, 0)
    assert batch.table.to_pylist() == [
        {**row, "tags": '["x"]', "more": None},
        {**other, "score": 2.0},
    ]
    assert batch.records == [row, other]
    assert (batch.left, batch.right, batch.label) == (["a", "a"], ["b", "b"], [1, 1])


def test_keys_may_differ_and_be_missing(write):
    table = source(write("a.jsonl", lines({"left": "a", "right": "b"}, {"right": "c", "x": 1})))
    (batch,) = table.batches(Columns("left", "right"), 10, 0)
    assert batch.left == ["a", None]
    assert batch.label is None
    assert batch.records == [{"left": "a", "right": "b"}, {"right": "c", "x": 1}]
    assert batch.table["x"].to_pylist() == [None, 1]


def test_late_keys_and_types_are_noted_and_stay_in_the_records(write, monkeypatch):
    monkeypatch.setattr(jsonl, "CHUNK_ROWS", 2)
    rows = [{"left": "a", "right": "b", "id": i, "w": 0.5} for i in range(2)]
    rows += [{"left": "a", "right": "b", "id": "x7", "late": 1, "w": 1}] * 2
    table = source(write("a.jsonl", lines(*rows)))
    batches = list(table.batches(Columns("left", "right"), 2, 0))
    assert [r for b in batches for r in b.records or []] == rows
    assert all(b.table.schema == table.schema for b in batches)
    assert batches[1].table["id"].to_pylist() == [None, None]
    assert batches[1].table["w"].to_pylist() == [1.0, 1.0]
    assert len(table.notes) == 2
    assert 'a.jsonl, line 3: "late" comes after row 2 for the first time' in table.notes[0]
    assert 'a.jsonl, line 3: "id" is "x7", where the first rows hold int64' in table.notes[1]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"left": "a", }', "no JSON (Illegal trailing comma|no JSON (Expecting"),
        ("[1, 2]", "no JSON object but [1, 2]"),
        ('"text"', 'no JSON object but "text"'),
        ("left,right", "no JSON ("),
        ('{"left": ' + "[" * 10**5, "no JSON"),
        ('{"left": ' + "1" * 5000 + "}", "no JSON that can be read"),
    ],
)
def test_a_line_that_is_no_object_costs_itself_alone(write, line, fault):
    good = lines({"left": "a", "right": "b"})
    table = source(write("a.jsonl", f"{good}\n  \n{line}\n{good}"))
    (batch,) = table.batches(Columns("left", "right"), 10, 0)
    assert batch.lines == [1, 4, 5]
    assert list(batch.faults) == [1]
    assert batch.faults[1].startswith(tuple(fault.split("|")))
    assert batch.records == [{"left": "a", "right": "b"}, {}, {"left": "a", "right": "b"}]
    assert len(batch.table) == 3


def test_surrogates_stay_in_the_records(write):
    table = source(write("a.jsonl", '{"left": "a\\ud83d", "right": "b"}\n'))
    (batch,) = table.batches(Columns("left", "right"), 10, 0)
    assert batch.left == ["a\ud83d"]
    assert batch.table["left"].to_pylist() == ["a?"]
    assert batch.records == [{"left": "a\ud83d", "right": "b"}]


@pytest.mark.parametrize("content", ["{\n", "\n \n", "{}\n", "left,right\n"])
def test_no_object_at_all(write, content):
    with pytest.raises(InputError, match=r"a\.jsonl holds no JSON object"):
        source(write("a.jsonl", content))


def test_batches_are_the_same_whatever_is_skipped(write):
    rows = [{"left": f"a{i}", "right": "b", "label": i % 2} for i in range(11)]
    table = source(write("a.jsonl", "\n".join(map(json.dumps, rows)) + "\n\n"))
    every = list(table.batches(ROLES, 4, 0))
    assert [len(b.lines) for b in every] == [4, 4, 3]
    assert [line for b in every for line in b.lines] == list(range(1, 12))
    for skip in range(5):
        assert list(table.batches(ROLES, 4, skip)) == every[skip:]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)


@given(
    st.lists(st.dictionaries(st.sampled_from("abcde"), VALUES), min_size=1, max_size=8),
    st.integers(1, 3),
    st.integers(1, 9),
)
def test_any_objects_come_back(objects, rows, first):
    text = "".join(json.dumps(o) + "\n" for o in [{"left": "x", "right": "y"}, *objects])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        patch.setattr(jsonl, "CHUNK_ROWS", first)
        table = source("-")
        batches = list(table.batches(Columns("left", "right"), rows, 0))
    assert [r for b in batches for r in b.records or []][1:] == objects
    assert all(b.table.schema == table.schema for b in batches)
    assert sum(len(b.table) for b in batches) == len(objects) + 1
