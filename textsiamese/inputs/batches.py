"""Rows on their way in: what every kind of table is read into before its texts are judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from textsiamese.inputs.columns import Columns

if TYPE_CHECKING:
    import pyarrow as pa

Asked = tuple[str | None, str | None, str | None]
"""The names of the left, right and label column that the user gave, if any."""

CHUNK_ROWS = 131_072
CHUNK_CHARACTERS = 1 << 25
"""A chunk ends early at this many characters, so that long texts do not fill the memory."""


@dataclass(frozen=True)
class Batch:
    """Some rows of a table, as they are there; every list has one entry a row.

    Attributes:
        index: the number of the batch, from 0.
        start: the number of its first row, from 0.
        table: the table's own columns.
        left, right, label: the cells of these columns; label None without a label column.
        lines: the line, or row from 1, at which each row begins.
        faults: what is wrong with the form of a row, by its number in the batch.
        position: bytes or rows read so far.
        records: the JSON objects of the rows, where the table is JSON Lines.
    """

    index: int
    start: int
    table: pa.Table
    left: Sequence[object]
    right: Sequence[object]
    label: Sequence[object] | None
    lines: Sequence[int]
    faults: dict[int, str]
    position: int
    records: list[dict[str, Any]] | None = None


class Source(Protocol):
    """A table of any kind.

    Attributes:
        name: what messages call it.
        columns: its column names, in order.
        place: what a row's number counts: "line" or "row".
        size: its whole extent in `unit` ("bytes" or "rows"); None if unknown.
        notes: what is worth telling about it once; grows while it is read.
    """

    name: str
    columns: list[str]
    place: str
    size: int | None
    unit: str
    notes: list[str]

    @property
    def schema(self) -> pa.Schema:
        """The names and types that the table of every batch has."""

    def fingerprint(self) -> str:
        """A digest that changes with the content; "" if the table can be read only once."""

    def batches(self, roles: Columns, rows: int, skip: int) -> Iterator[Batch]:
        """Read on in batches of `rows` rows, leaving out the first `skip` batches."""
