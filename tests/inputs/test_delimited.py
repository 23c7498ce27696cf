from __future__ import annotations

import csv
import io

import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.delimited import DelimitedSource
from textsiamese.inputs.files import TableFile

NOBODY = (None, None, None)
ROLES = Columns("left", "right")


def source(path, kind="csv", encoding="utf-8", asked=NOBODY) -> DelimitedSource:
    return DelimitedSource(TableFile(path), kind, encoding, asked)


@pytest.mark.parametrize("kind", ["csv", "tsv"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_by_which_the_header_makes_sense(write_rows, kind, delimiter):
    rows = [["note; a, b\t|", "left", "right"], ["x", "y, z", 'w; "v"']]
    table = source(write_rows("a.csv", rows, delimiter=delimiter), kind)
    assert table.columns == rows[0]
    (batch,) = table.batches(ROLES, 10, 0)
    assert batch.table.to_pylist() == [dict(zip(*rows, strict=True))]


def test_asked_names_help_to_tell_the_delimiter(write):
    path = write("a.csv", "a,b;c,d;e\n1;2;3\n")
    assert source(path, asked=("a,b", "e", None)).columns == ["a,b", "c,d", "e"]
    assert source(path).columns == ["a", "b;c", "d;e"]


def test_triplets_are_no_reason_for_another_delimiter(write):
    assert len(source(write("a.csv", "anchor;positive;negative\n")).columns) == 3


def test_cells_come_back_as_they_are(write_rows):
    texts = [
        "",
        " ",
        "NA",
        "null",
        "1.0",
        "01",
        "é",
        "😀",
        "a\nb",
        "a\r\nb",
        'say "hi"',
        "x" * 10**5,
    ]
    rows = [["left", "right"], *([text, text] for text in texts)]
    table = source(write_rows("a.csv", rows))
    (batch,) = table.batches(ROLES, 100, 0)
    assert batch.table.schema == table.schema
    assert batch.left == batch.right == batch.table["left"].to_pylist() == texts
    assert batch.position == table.size


def test_batches_are_the_same_whatever_is_skipped(write_rows):
    rows = [["left", "right", "label"], *([f"a\n{i}", f"b{i}", i % 2] for i in range(23))]
    table = source(write_rows("a.csv", rows))
    roles = Columns("left", "right", "label")
    every = list(table.batches(roles, 5, 0))
    assert [(b.index, b.start, len(b.lines)) for b in every] == [
        (0, 0, 5),
        (1, 5, 5),
        (2, 10, 5),
        (3, 15, 5),
        (4, 20, 3),
    ]
    assert every[1].lines[:2] == [12, 14]
    for skip in range(7):
        rest = list(table.batches(roles, 5, skip))
        assert [b.index for b in rest] == list(range(skip, 5))
        for one, other in zip(rest, every[skip:], strict=True):
            assert one == other


def test_headers(write):
    assert source(write("a.csv", "\ufeffleft , Right\n")).columns == ["left ", " Right"]
    assert source(write("a.csv", "\n\nleft,right")).columns == ["left", "right"]
    assert source(write("a.csv", '"le\nft",right\n')).columns == ["le\nft", "right"]
    assert list(source(write("a.csv", "left,right\n")).batches(ROLES, 5, 0)) == []
    for content in ("\n\n \n", '"left,right\n'):
        with pytest.raises(InputError, match="no header line"):
            source(write("a.csv", content))


def test_columns_of_the_same_name_are_kept(write):
    table = source(write("a.csv", "left,right,note,note\na,b,c,d\n"))
    (batch,) = table.batches(ROLES, 5, 0)
    assert [column.to_pylist() for column in batch.table.columns] == [["a"], ["b"], ["c"], ["d"]]
    assert (batch.left, batch.right) == (["a"], ["b"])


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends(write, ends):
    (batch,) = source(write("a.csv", ends.join(["left,right", "a,b", "c,d"]))).batches(ROLES, 5, 0)
    assert (batch.left, batch.right, batch.lines) == (["a", "c"], ["b", "d"], [2, 3])


def test_a_pipe(monkeypatch):
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["left", "right"], *([f"a{i}", "b"] for i in range(5000))])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(out.getvalue().encode())))
    table = source("-")
    assert table.fingerprint() == ""
    assert sum(len(b.lines) for b in table.batches(ROLES, 999, 0)) == 5000
    with pytest.raises(InputError, match="only once"):
        next(table.batches(ROLES, 999, 0))
