from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.inputs import records as module
from textsiamese.inputs.records import Block, Records

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
TRICKY = st.text(st.sampled_from("\"'a,;\t\r\n |\u2028\x85\x0b"), max_size=6)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(CELLS | TRICKY, min_size=width, max_size=width), min_size=1, max_size=9
    )
)


def split(text: str) -> list[str]:
    return io.StringIO(text, newline="").readlines()


def read_all(text: str, rows: int, delimiter: str = ",") -> tuple[list[str], list[Block]]:
    records = Records(iter(split(text)), delimiter)
    header, blocks = records.header(), []
    while (block := records.take(rows)).lines:
        assert len(block.lines) <= rows
        assert all(len(column) == len(block.lines) for column in block.columns)
        blocks.append(block)
    return header, blocks


def rows_of(blocks: list[Block]) -> list[list[str]]:
    return [list(row) for block in blocks for row in zip(*block.columns, strict=True)]


def problems_of(text: str, delimiter: str = ",") -> tuple[list[list[str]], dict[int, str]]:
    _, blocks = read_all(text, 1000, delimiter)
    return rows_of(blocks), {b.lines[i]: fault for b in blocks for i, fault in b.faults.items()}


@given(
    table=TABLES,
    rows=st.integers(1, 5),
    piece=st.integers(1, 4),
    ends=st.sampled_from(["\r\n", "\n", "\r"]),
    delimiter=st.sampled_from(",;|"),
    blank=st.booleans(),
)
def test_what_the_csv_writer_writes_is_read_back(table, rows, piece, ends, delimiter, blank):
    written, expected, line = [], [], 2
    for row in table:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter, lineterminator=ends, quoting=csv.QUOTE_ALL).writerow(
            row
        )
        if ends == "\r\n" and not blank:
            out = io.StringIO(newline="")
            csv.writer(out, delimiter=delimiter).writerow(row)
        written.append(out.getvalue() + ends * blank)
        expected.append(line)
        line += len(re.findall("\r\n|\r|\n", written[-1]))
    header = delimiter.join("abcd"[: len(table[0])]) + ends
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PIECE", piece)
        names, blocks = read_all(header + "".join(written), rows, delimiter)
    assert names == list("abcd")[: len(table[0])]
    assert rows_of(blocks) == table
    assert [line for block in blocks for line in block.lines] == expected
    assert not any(block.faults for block in blocks)
    assert all(len(block.lines) == rows for block in blocks[:-1])


@given(
    lengths=st.lists(st.integers(1, 5), max_size=12),
    rows=st.integers(1, 4),
    piece=st.integers(1, 4),
    newline=st.integers(0, 3),
)
def test_ragged_rows_keep_the_cells_that_fit_and_name_their_line(lengths, rows, piece, newline):
    first = '"x\n' + "y\n" * newline + 'z"'
    text = "a,b,c\n" + "".join(",".join([first, *"defgh"][:n]) + "\n" for n in lengths)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PIECE", piece)
        _, blocks = read_all(text, rows)
    faults = {b.lines[i]: fault for b in blocks for i, fault in b.faults.items()}
    expected = {
        2 + i * (newline + 2): f"{n} cell{'s' * (n > 1)} where the header has 3"
        for i, n in enumerate(lengths)
        if n != 3
    }
    assert faults == expected
    cells = [first.strip('"'), "d", "e"]
    assert rows_of(blocks) == [cells[:n] + [""] * (3 - n) for n in lengths]


def test_blank_lines_are_left_out_and_counted():
    text = '\n\r\na,b\n\n1,2\n   \n""\n3,4\n\n'
    header, blocks = read_all(text, 10)
    assert header == ["a", "b"]
    assert rows_of(blocks) == [["1", "2"], ["3", "4"]]
    assert blocks[0].lines == [5, 8]


def test_a_quote_that_is_never_closed_costs_its_own_row():
    rows, faults = problems_of('a,b\n1,2\n3,"four\n5,6\n7,8\n')
    assert rows == [["1", "2"], ["3", "four"], ["5", "6"], ["7", "8"]]
    assert faults == {3: "a quote that opens in this row is not closed"}


def test_a_quote_that_is_closed_by_a_later_one_costs_its_own_row():
    rows, faults = problems_of('a,b\n1,"two\n3,4\n5,"six"\n7,"a ""b"" c"\n')
    assert rows == [["1", "two"], ["3", "4"], ["5", "six"], ["7", 'a "b" c']]
    assert list(faults) == [2]


def test_a_quote_inside_a_quoted_cell():
    rows, faults = problems_of('a,b\n1,"he said "no" to it"\n3,4\n')
    assert len(rows) == 2
    assert faults == {2: 'a quote inside a quoted cell is not doubled ("")'}


def test_a_quote_inside_an_unquoted_cell_is_a_character():
    assert problems_of("a,b\n5\" nail,6' board\n") == ([['5" nail', "6' board"]], {})


def test_every_row_broken_takes_linear_time():
    rows, faults = problems_of("a,b\n" + '1,"x\n' * 3000)
    assert len(rows) == len(faults) == 3000


def test_a_runaway_cell_is_broken_off(monkeypatch):
    before = csv.field_size_limit(1000)
    monkeypatch.setattr(module, "LONGEST", 500)
    try:
        rows, faults = problems_of('a,b\n1,"x\n' + "1,2\n" * 2000)
        assert len(rows) == 2001
        assert list(faults) == [2]
    finally:
        csv.field_size_limit(before)


def test_quotes_in_tab_separated_text_may_be_characters():
    text = 'a\tb\n"Well," he said\tx\n"open\ty\nx\tz\nw"\tclosed\n"so\tit\n"ends"\there\n'
    assert problems_of(text, "\t") == (
        [
            ['"Well," he said', "x"],
            *[['"open', "y"], ["x", "z"], ['w"', "closed"]],
            *[['"so', "it"], ["ends", "here"]],
        ],
        {},
    )
    quoted = 'a\tb\n"one\ntwo"\t"tab\there"\n'
    assert problems_of(quoted, "\t") == ([["one\ntwo", "tab\there"]], {})


def test_long_texts_end_a_block_early(monkeypatch):
    monkeypatch.setattr(module, "CHUNK_CHARACTERS", 1000)
    monkeypatch.setattr(module, "_PIECE", 2)
    text = "a,b\n" + "".join(f"{i},{'x' * 400}\n" for i in range(9))
    _, blocks = read_all(text, 100)
    assert [len(block.lines) for block in blocks] == [4, 4, 1]
    assert [row[0] for row in rows_of(blocks)] == list("012345678")


def test_no_records():
    assert read_all("", 5) == ([], [])
    assert read_all("a,b\n", 5) == (["a", "b"], [])
    assert read_all('"a,b\n1,2\n', 5)[0] == []
