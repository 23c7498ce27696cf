"""Which kind of table a file is, after its name and its first bytes."""

from __future__ import annotations

import os
from pathlib import Path

from textsiamese.errors import InputError
from textsiamese.inputs.files import TableFile
from textsiamese.inputs.lines import find_encoding

_HEAD = 4096
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
PACKED = (".gz", ".zst")
_FOREIGN = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3": "a SQLite database",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"%PDF": "a PDF",
}


def find_kind(file: TableFile, encoding: str | None) -> tuple[str, str]:
    """Tell the kind ("csv", "tsv", "jsonl" or "parquet") and the encoding of a table.

    The first bytes come before the file's name.

    Raises:
        InputError: the file is empty or of no kind that can be read.
    """
    with file.open() as stream:
        head = stream.read(_HEAD)
    if not head:
        raise InputError(f"{file.name} is empty; a table with a header line is needed")
    for magic, kind in _FOREIGN.items():
        if head.startswith(magic):
            raise InputError(
                f"{file.name} is {kind}; save the table as CSV, TSV, JSON Lines or Parquet "
                f"(also .gz or .zst)"
            )
    if head.startswith(b"PAR1"):
        return "parquet", ""
    named = None if file.piped else suffix_kind(file.path)
    if named == "parquet":
        raise InputError(
            f"{file.name} is no Parquet file: its first bytes are {head[:4]!r}, not b'PAR1'"
        )
    encoding = find_encoding(head, encoding, file.name)
    start = head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")[:1]
    if start == "[" and named not in ("csv", "tsv"):
        raise InputError(
            f"{file.name} holds a JSON array; write it as JSON Lines: one object a line, no commas "
            f"between them"
        )
    kind = named or ("jsonl" if start == "{" else "csv")
    return kind, encoding


def suffix_kind(path: str | os.PathLike[str]) -> str | None:
    """Tell the kind of a table from its name, compressed or not; None if the name says nothing."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    while suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None
