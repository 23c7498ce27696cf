from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.frames import FrameSource

PAIR = Columns("left", "right")


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"left": ["a", "b", "c"], "right": ["d", "e", "f"], **columns})


def test_rows_count_from_one_whatever_the_index():
    data = frame(label=[1, 0, 1]).set_index(pd.Index([7, 7, "x"]))
    every = list(FrameSource(data).batches(Columns("left", "right", "label"), 2, 0))
    assert [(b.index, b.start, list(b.lines), b.position) for b in every] == [
        (0, 0, [1, 2], 2),
        (1, 2, [3], 3),
    ]
    assert every[0].table.to_pydict() == {"left": ["a", "b"], "right": ["d", "e"], "label": [1, 0]}
    assert (every[1].left, every[1].right, every[1].label) == (["c"], ["f"], [1])
    rest = list(FrameSource(data).batches(PAIR, 2, 1))
    assert [b.index for b in rest] == [1]
    assert list(FrameSource(data[:0]).batches(PAIR, 2, 0)) == []


@pytest.mark.parametrize("kind", ["object", "str", "string", "category"])
def test_missing_values_are_missing_in_every_type(kind):
    data = frame()
    data["left"] = pd.Series(["a", None, "NA"], dtype=kind)
    (batch,) = FrameSource(data).batches(PAIR, 5, 0)
    assert batch.left == ["a", None, "NA"]
    assert batch.table["left"].to_pylist() == ["a", None, "NA"]


def test_missing_labels():
    for kind in ("float64", "Int64", "object", "boolean"):
        data = frame(label=pd.Series([1, None, 0], dtype=kind))
        (batch,) = FrameSource(data).batches(Columns("left", "right", "label"), 5, 0)
        assert batch.label == [1, None, 0]


def test_other_objects_in_a_text_column_stay_what_they_are():
    data = frame()
    data["left"] = pd.Series(["a", 3, float("nan")], dtype=object)
    (batch,) = FrameSource(data).batches(PAIR, 5, 0)
    assert batch.left == ["a", 3, None]
    assert batch.table["left"].to_pylist() == ["a", "3", None]


@pytest.mark.parametrize("values", [[1, 2, 3], [1.5, None, 2.0], pd.date_range("2026", periods=3)])
def test_a_column_of_numbers_is_no_text_column(values):
    with pytest.raises(InputError, match=r'DataFrame: column "note" holds .*, not texts'):
        next(FrameSource(frame(note=values)).batches(Columns("left", "note"), 5, 0))


def test_odd_columns_do_not_stand_in_the_way():
    data = frame(what=[object, {1, 2}, None], mixed=[1, "a", 2.5])
    data["bad"] = pd.Series(["\ud83d", "x", "y"], dtype=object)
    data[3] = [1, 2, 3]
    data.insert(0, "left", data["right"], allow_duplicates=True)
    source = FrameSource(data)
    assert source.columns == ["left", "left", "right", "what", "mixed", "bad", "3"]
    (batch,) = source.batches(Columns("right", "bad"), 5, 0)
    assert batch.table.schema == source.schema
    assert batch.right == ["\ud83d", "x", "y"]
    assert batch.table.column(5).to_pylist() == ["?", "x", "y"]
    assert batch.table.column(6).type == pa.int64()


def test_what_only_pandas_has_a_type_for_is_text():
    months = pd.period_range("2026-01", periods=3, freq="M")
    data = frame(month=months, age=pd.arrays.IntervalArray.from_breaks([0, 18, 65, 99]))
    (batch,) = FrameSource(data).batches(PAIR, 5, 0)
    assert batch.table["month"].to_pylist() == ["2026-01", "2026-02", "2026-03"]
    assert batch.table["age"].to_pylist() == ["(0, 18]", "(18, 65]", "(65, 99]"]


def test_the_fingerprint_is_that_of_the_content():
    one = FrameSource(frame(n=[1, 2, 3])).fingerprint()
    assert one == FrameSource(frame(n=[1, 2, 3]).set_index(pd.Index([4, 5, 6]))).fingerprint()
    assert one != FrameSource(frame(n=[1, 2, 4])).fingerprint()
