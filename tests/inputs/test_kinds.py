from __future__ import annotations

import gzip

import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.files import TableFile
from textsiamese.inputs.kinds import find_kind, suffix_kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "csv"),
        ("A.CSV.GZ", "csv"),
        ("a.tsv.zst", "tsv"),
        ("a.tab", "tsv"),
        ("dir.csv/a.jsonl", "jsonl"),
        ("a.ndjson.gz", "jsonl"),
        ("a.parquet", "parquet"),
        ("a.pq", "parquet"),
        ("a.txt", None),
        ("a.gz", None),
        ("owner/name", None),
    ],
)
def test_names(name, kind):
    assert suffix_kind(name) == kind


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"left,right\n", "csv"),
        ("a.txt", b'\xef\xbb\xbf \n{"left": 1}\n', "jsonl"),
        ("a.json", b'{"left": 1}\n', "jsonl"),
        ("a.csv", b'{"left": 1}\n', "csv"),
        ("a.csv", b"PAR1....", "parquet"),
        ("a.csv", gzip.compress(b"PAR1...."), "parquet"),
        ("a.tsv", b"left\tright\n", "tsv"),
        ("a.jsonl", b"\n", "jsonl"),
    ],
)
def test_first_bytes_and_names(write, name, content, kind):
    assert find_kind(TableFile(write(name, content)), None)[0] == kind


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv.gz", gzip.compress(b""), "a.csv.gz is empty"),
        ("a.csv", b"PK\x03\x04xxxx", "Excel workbook or a zip"),
        ("a.xls", b"\xd0\xcf\x11\xe0xxxx", "old Excel"),
        ("a.jsonl", b'[{"left": "a"}]', "JSON array"),
        ("a.json", b'\n [{"left": "a"}]', "JSON array"),
        ("a.parquet", b"left,right\n", "no Parquet file"),
    ],
)
def test_what_cannot_be_read(write, name, content, message):
    with pytest.raises(InputError, match=message):
        find_kind(TableFile(write(name, content)), None)
