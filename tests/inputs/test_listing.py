from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs import listing
from textsiamese.inputs.listing import read_texts

TEXTS = ["How old is it?", 'Is "it", so to speak, old?', "Où est-ce ?"]


@pytest.fixture(params=["csv", "tsv", "jsonl", "parquet", "DataFrame", "Arrow", "stdin"])
def source(request, tmp_path, write, write_rows, monkeypatch):
    kind = request.param
    rows = [[str(i), text] for i, text in enumerate(TEXTS)]
    table = pa.table({"id": list(range(3)), "Question": TEXTS})
    if kind in ("csv", "tsv"):
        delimiter = "," if kind == "csv" else "\t"
        return write_rows(f"a.{kind}", [["id", "Question"], *rows], delimiter=delimiter)
    if kind == "jsonl":
        return write("a.jsonl", "\n".join(json.dumps({"Question": text}) for text in TEXTS))
    if kind == "parquet":
        pq.write_table(table, tmp_path / "a.parquet")
        return tmp_path / "a.parquet"
    if kind == "DataFrame":
        return pd.DataFrame({"id": [0, 1, 2], "Question": TEXTS})
    if kind == "Arrow":
        return table
    content = io.BytesIO(b"question\n" + "\n".join([TEXTS[0], TEXTS[2], TEXTS[0]]).encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=content))
    return "-"


def test_every_kind_of_table(source):
    wanted = [TEXTS[0], TEXTS[2], TEXTS[0]] if isinstance(source, str) else TEXTS
    assert read_texts(source) == wanted


def test_rows_without_a_text_are_left_out_and_told(write, monkeypatch):
    monkeypatch.setattr(listing, "_SHOWN", 2)
    told: list[str] = []
    path = write("a.csv", 'id,text\n1,one\n2,\n3\n4," "\n5,five\n')
    assert read_texts(path, tell=told.append) == ["one", "five"]
    assert told == [
        "a.csv, line 3: text is empty",
        "a.csv, line 4: 1 cell where the header has 2",
        "a.csv: 3 rows were left out",
    ]
    told.clear()
    assert read_texts(write("b.csv", "text,n\na,1\n,2\n"), tell=told.append) == ["a"]
    assert told[-1] == "b.csv: 1 row was left out"


def test_what_is_in_no_text_of_the_only_column_is_told_by_type():
    frame = pd.DataFrame({"n": [1, 2], "heading": ["a", "b"], "at": pd.Timestamp("2026-01-01")})
    assert read_texts(frame) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "column", "message"),
    [
        ("a,b\nx,y\n", None, r'its columns are "a", "b"; name it with --text'),
        ("a,b\nx,y\n", "c", r'has no column "c" \(--text\)'),
        ("text,n\nx,1\ny,2\n", "n", r'"n" holds numbers or the like, and no texts; name the one'),
        ("text\n\n", None, r'no row with a text in its column "text"'),
        ("text,b\n,1\n", None, r'no row with a text in its column "text"'),
    ],
)
def test_what_cannot_be_read(write, content, column, message):
    with pytest.raises(InputError, match=message):
        read_texts(write("a.csv", content), column=column)


def test_a_column_of_another_type():
    with pytest.raises(InputError, match=r'DataFrame: column "text" holds numbers or the like'):
        read_texts(pd.DataFrame({"text": [1.5, 2.5], "title": ["a", "b"]}))
    assert read_texts(pd.DataFrame({"text": [1.5], "title": ["a"]}), column="title") == ["a"]
