from __future__ import annotations

import csv
import datetime
import decimal
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.serving.cells import as_text, check_cells, delimited_rows

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
ROWS = st.lists(st.tuples(CELL, st.sampled_from(['"', ",", "\r", "\n", "\r\n", "\t", "a", ""])))


def read_back(content: bytes, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))


@given(rows=ROWS, delimiter=st.sampled_from([",", "\t"]))
def test_every_text_reads_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in (0, 1, 0)]
    expected = [[a, b, a] for a, b in rows]
    assert read_back(delimited_rows(columns, delimiter), delimiter) == expected


def test_quotes_only_where_needed() -> None:
    columns = [pa.array(["a b", "it's", 'say "x"', "1,5"]), pa.array(["", "é", None, "\r"])]
    assert delimited_rows(columns, ",").decode() == ('a b,\nit\'s,é\n"say ""x""",\n"1,5","\r"\n')
    assert delimited_rows([pa.array(["1,5"]), pa.array(["a\tb"])], "\t") == b'1,5\t"a\tb"\n'


def test_slices_and_chunks_of_arrays() -> None:
    whole = pa.array([f"t{i}" for i in range(10)])
    chunked = pa.chunked_array([whole.slice(2, 3), whole.slice(7, 1)])
    numbers = pa.array([0, 1, 2, 3, 4]).slice(1)
    assert delimited_rows([chunked, numbers], ",") == b"t2,1\nt3,2\nt4,3\nt7,4\n"


def test_no_rows() -> None:
    assert delimited_rows([pa.array([], pa.string())], ",") == b""


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array([1, None, -3]), ["1", "", "-3"]),
        (pa.array([0.1, 2.0, None]), ["0.1", "2", ""]),
        (pa.array([True, False, None]), ["true", "false", ""]),
        (pa.array(["b", None, "b"]).dictionary_encode(), ["b", "", "b"]),
        (pa.array(["x", None], pa.string_view()), ["x", ""]),
        (pa.array([None, None], pa.null()), ["", ""]),
        (pa.array([[1, 2], None, []]), ["[1, 2]", "", "[]"]),
        (pa.array([{"a": "é"}, None]), ['{"a": "é"}', ""]),
        (pa.array([{"d": datetime.date(2020, 1, 2)}]), ['{"d": "2020-01-02"}']),
        (pa.array([datetime.date(2020, 1, 2), None]), ["2020-01-02", ""]),
        (pa.array([decimal.Decimal("1.50")]), ["1.50"]),
        (pa.array([datetime.timedelta(seconds=90), None]), ["0:01:30", ""]),
        (pa.array([decimal.Decimal("1.5"), None], pa.decimal64(3, 1)), ["1.5", ""]),
    ],
)
def test_other_types_become_text(array: pa.Array, texts: list[str]) -> None:
    assert as_text(array).to_pylist() == texts


def test_bytes_are_refused_where_they_have_no_form() -> None:
    schema = pa.schema([("picture", pa.binary())])
    with pytest.raises(InputError, match=r'"picture" holds bytes.*\.parquet'):
        check_cells(schema, "csv")
    check_cells(schema, "parquet", binary=True)


def test_equal_names_are_refused_where_they_would_be_one() -> None:
    schema = pa.schema([("a", pa.string()), ("a", pa.string())])
    check_cells(schema, "csv")
    with pytest.raises(InputError, match=r'two columns named "a"'):
        check_cells(schema, "jsonl", unique=True)
