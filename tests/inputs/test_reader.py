from __future__ import annotations

import gzip
import io
import subprocess
import sys

import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.reader import open_pairs


def only(source, **options):
    (chunk,) = open_pairs(source, **options).chunks()
    return chunk


def test_a_chunk_has_it_all(write):
    path = write("a.csv", "id,question1,question2,is_duplicate\n7,a,b,1\n8,c,d,no\n9,e,f,\n")
    reader = open_pairs(path)
    assert (reader.name, reader.columns) == (
        "a.csv",
        ["id", "question1", "question2", "is_duplicate"],
    )
    assert reader.roles == Columns("question1", "question2", "is_duplicate")
    assert (reader.size, reader.unit) == (path.stat().st_size, "bytes")
    (chunk,) = reader.chunks()
    assert (chunk.left, chunk.right) == (["a", "c", "e"], ["b", "d", "f"])
    assert chunk.labels == [1, 0, None]
    assert chunk.problems == ["", "", ""]
    assert chunk.lines == [2, 3, 4]
    assert (chunk.index, chunk.start, chunk.position) == (0, 0, reader.size)
    assert chunk.table["id"].to_pylist() == ["7", "8", "9"]
    assert chunk.records is None
    assert (reader.label_note, reader.notes) == ("", [])


def test_problems_name_the_line_and_the_reason(write):
    path = write(
        "a.csv", 'left,right,x\n,b,1\n"a\n", ,2\nc\nd,e,f,g\nh,i\0,1\nj,"k"k,1\n\n,,\nz,z,z\n'
    )
    chunk = only(path)
    assert chunk.problems == [
        "line 2: left is empty",
        "line 3: right is blank",
        "line 5: 1 cell where the header has 3",
        "line 6: 4 cells where the header has 3",
        "line 7: right holds a NUL character",
        'line 8: a quote inside a quoted cell is not doubled ("")',
        "line 10: left is empty, right is empty",
        "",
    ]
    assert chunk.left == chunk.right == [None] * 7 + ["z"]
    assert chunk.table["left"].to_pylist() == ["", "a\n", "c", "d", "h", "j", "", "z"]
    assert chunk.table["x"].to_pylist() == ["1", "2", "", "f", "1", "1", "", "z"]


def test_rows_of_other_tables_are_called_rows():
    import pandas as pd

    chunk = only(pd.DataFrame({"left": ["a", None], "right": ["b", "c"]}))
    assert chunk.problems == ["", "row 2: left is missing"]


def test_json_problems(write):
    rows = [
        '{"left": "a", "right": null}',
        '{"left": 3, "right": "b"}',
        "oops",
        '{"left": "\\ud800"}',
    ]
    chunk = only(write("a.jsonl", "\n".join(rows)))
    assert chunk.problems[:2] == ["line 1: right is missing", "line 2: left is no text but 3"]
    assert chunk.problems[2].startswith("line 3: no JSON (")
    assert chunk.problems[3] == "line 4: left holds half of a surrogate pair, right is missing"
    assert chunk.records is not None
    assert chunk.records[1] == {"left": 3, "right": "b"}


def test_words_that_other_readers_take_for_missing_are_texts(write):
    words = ["NA", "null", "None", "nan", "N/A", "NULL", "#N/A"]
    chunk = only(write("a.csv", "left,right\n" + "".join(f"{w},{w}\n" for w in words)))
    assert chunk.left == words
    assert not any(chunk.problems)


def test_a_column_of_numbers_is_noted_once(write):
    path = write("a.csv", "id,left,right\n" + "1,a,b\n2,5,c\n" * 3)
    reader = open_pairs(path, left="id", right="left", chunk_rows=2)
    for _ in range(2):
        assert not any(problem for chunk in reader.chunks() for problem in chunk.problems)
    (note,) = reader.notes
    assert note.startswith('a.csv: column "id" holds numbers only, such as "1"; ')
    assert "--left" in note
    one = open_pairs(write("b.csv", "left,right\n1,2\n"))
    assert next(one.chunks()).left == ["1"]
    assert one.notes == []


def test_labels_nobody_can_read_are_a_note_and_no_problem(write):
    path = write("a.csv", "left,right,label\n" + "a,b,1\n" * 4 + "a,b,2.5\n" * 3 + "a,b,1\n" * 2)
    reader = open_pairs(path, chunk_rows=3)
    chunks = list(reader.chunks())
    assert [chunk.labels for chunk in chunks] == [[1, 1, 1], [1, None, None], [None, 1, 1]]
    assert [chunk.odd_labels for chunk in chunks] == [0, 2, 1]
    assert not any(problem for chunk in chunks for problem in chunk.problems)
    assert 'a.csv: column "label"' in reader.label_note
    assert '"2.5" (line 6)' in reader.label_note
    assert next(reader.chunks()).labels == [1, 1, 1]


def test_cells_of_a_broken_row_are_no_labels(write):
    path = write("a.csv", "left,right,label\na,b,1\nhow old, and,where,1\n,b,?\n")
    reader = open_pairs(path)
    (chunk,) = reader.chunks()
    assert (chunk.labels, chunk.odd_labels, reader.label_note) == ([1, None, None], 0, "")


def test_no_label_column_and_a_table_turned_round(write):
    assert only(write("a.csv", "left,right\na,b\n")).labels is None
    path = write("b.csv", "left,right,gold\na,b,0\nc,d,1\n")
    assert only(path).labels is None
    assert only(path, label="gold").labels == [0, 1]
    assert only(path, label="gold", similar_is_zero=True).labels == [1, 0]


@pytest.mark.parametrize("skip", range(6))
def test_chunks_are_the_same_after_a_skip(write, skip):
    path = write("a.csv.gz", gzip.compress(b"left,right\n" + b'"a\n",b\n' * 9 + b"c\n"))
    reader = open_pairs(path, chunk_rows=3)
    every = list(reader.chunks())
    assert len(every) == 4
    assert list(reader.chunks(skip)) == every[skip:]


def test_standard_input(monkeypatch):
    for content in (b"left;right\na;b\n", b'{"left": "a", "right": "b"}\n'):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        reader = open_pairs("-")
        assert (reader.name, reader.size, reader.fingerprint()) == ("<stdin>", None, "")
        (chunk,) = reader.chunks()
        assert (chunk.left, chunk.right) == (["a"], ["b"])
        with pytest.raises(InputError, match="only once"):
            list(reader.chunks())


def test_header_only(write):
    reader = open_pairs(write("a.csv", "left,right\n"))
    assert list(reader.chunks()) == []
    assert reader.schema.names == ["left", "right"]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", {}, r"a\.csv is empty"),
        ("How?,What?\n", {}, r'a\.csv.*"How\?", "What\?".*--left'),
        ("left,right\n", {"left": "title"}, 'no column "title"'),
        ("left,right\n", {"encoding": "klingon"}, "klingon"),
        ("left,right\n", {"chunk_rows": 0}, "chunk_rows is 0"),
        ("anchor,positive,negative\n", {}, "triplets"),
        (b"left,right\na,\xff\n", {}, "line 2: byte 0xFF"),
    ],
)
def test_what_cannot_be_used(write, content, options, message):
    with pytest.raises(InputError, match=message):
        list(open_pairs(write("a.csv", content), **options).chunks())


def test_scoring_tables_needs_no_heavy_package(write):
    path = write("a.csv", "left,right\na,b\n")
    code = (
        "import sys; from textsiamese.inputs.reader import open_pairs; "
        "list(open_pairs(sys.argv[1]).chunks()); "
        "print([m for m in ('torch', 'pandas', 'sklearn', 'datasets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
