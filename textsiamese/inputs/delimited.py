"""CSV and TSV files, streamed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textsiamese.errors import InputError
from textsiamese.inputs.batches import Asked, Batch
from textsiamese.inputs.columns import Columns, find_columns, find_triplet
from textsiamese.inputs.files import TableFile
from textsiamese.inputs.lines import read_lines
from textsiamese.inputs.records import Block, Records
from textsiamese.inputs.texts import text_array

if TYPE_CHECKING:
    import pyarrow as pa

_DELIMITERS = {"csv": (",", "\t", ";", "|"), "tsv": ("\t", ",", ";", "|")}
_HEAD_LINES = 64


class DelimitedSource:
    """A CSV or TSV file; the delimiter is the one by which the header makes sense.

    Cells are strings, exactly as they lie in the file.
    """

    place = "line"
    unit = "bytes"

    def __init__(self, file: TableFile, kind: str, encoding: str, asked: Asked) -> None:
        """Read the header.

        Args:
            file: where the table lies.
            kind: "csv" or "tsv".
            encoding: how its bytes are to be read.
            asked: the names of left, right and label that the user gave, if any; they help to tell
                the delimiter.

        Raises:
            InputError: there is no header line.
        """
        self._file = file
        self._encoding = encoding
        self.name = file.name
        self.size = file.size
        self.notes: list[str] = []
        self._delimiter, self.columns = self._read_header(kind, asked)

    @property
    def schema(self) -> pa.Schema:
        """Strings, all of them."""
        import pyarrow as pa

        return pa.schema([(name, pa.string()) for name in self.columns])

    def fingerprint(self) -> str:
        """Digest of the file's bytes; "" for a pipe."""
        return self._file.fingerprint()

    def batches(self, roles: Columns, rows: int, skip: int) -> Iterator[Batch]:
        """Read on in batches; see `Source`."""
        start = 0
        with self._file.open(last=True) as stream:
            records = Records(read_lines(stream, self._encoding, self.name), self._delimiter)
            records.header()
            for index in itertools.count():
                block = records.take(rows)
                if not block.lines:
                    return
                if index >= skip:
                    yield self._batch(roles, index, start, block, stream.position)
                start += len(block.lines)

    def _batch(self, roles: Columns, index: int, start: int, block: Block, position: int) -> Batch:
        import pyarrow as pa

        columns = dict(zip(self.columns, block.columns, strict=True))
        arrays = [text_array(column) for column in block.columns]
        return Batch(
            index=index,
            start=start,
            table=pa.Table.from_arrays(arrays, schema=self.schema),
            left=columns[roles.left],
            right=columns[roles.right],
            label=None if roles.label is None else columns[roles.label],
            lines=block.lines,
            faults=block.faults,
            position=position,
        )

    def _read_header(self, kind: str, asked: Asked) -> tuple[str, list[str]]:
        with self._file.open() as stream:
            lines = read_lines(stream, self._encoding, self.name)
            head = list(itertools.islice(itertools.dropwhile(_is_blank, lines), _HEAD_LINES))
        headers = {
            d: header for d in _DELIMITERS[kind] if (header := Records(iter(head), d).header())
        }
        if not headers:
            raise InputError(f"{self.name} has no header line that can be read")
        known = (d for d, header in headers.items() if _makes_sense(header, asked))
        delimiter = next(known, max(headers, key=lambda d: len(headers[d])))
        return delimiter, headers[delimiter]


def _makes_sense(header: list[str], asked: Asked) -> bool:
    try:
        find_columns(header, *asked)
    except InputError:
        return find_triplet(header) is not None
    return True


def _is_blank(line: str) -> bool:
    return not line.strip(" \r\n")
