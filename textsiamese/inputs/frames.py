"""pandas DataFrames as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from textsiamese.inputs.batches import Batch
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.typed import content_digest, refuse_type

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class FrameSource:
    """A DataFrame: rows counted from 1, whatever its index; the index itself is left out."""

    name = "DataFrame"
    place = "row"
    unit = "rows"

    def __init__(self, frame: pd.DataFrame) -> None:
        """Take the columns over; cells that Arrow has no type for are taken as their `str`."""
        import pyarrow as pa

        self._frame = frame
        self.columns = [str(column) for column in frame.columns]
        self.size: int | None = len(frame)
        self.notes: list[str] = []
        arrays = [_array(frame.iloc[:, i]) for i in range(len(self.columns))]
        self._table = pa.Table.from_arrays(arrays, names=self.columns)

    @property
    def schema(self) -> pa.Schema:
        """The columns with the types Arrow gives them."""
        return self._table.schema

    def fingerprint(self) -> str:
        """Digest of names, types and cells."""
        return content_digest(self.schema, iter(self._table.to_batches()))

    def batches(self, roles: Columns, rows: int, skip: int) -> Iterator[Batch]:
        """Read on in batches; see `Source`.

        Raises:
            InputError: a text column holds numbers, dates or the like.
        """
        for name in (roles.left, roles.right):
            if self._frame.iloc[:, self.columns.index(name)].dtype != object:
                refuse_type(self.name, name, self.schema.field(self.columns.index(name)).type)
        for index in range(skip, -(-len(self._frame) // rows)):
            start, end = index * rows, min((index + 1) * rows, len(self._frame))
            yield Batch(
                index=index,
                start=start,
                table=self._table.slice(start, rows),
                left=self._cells(roles.left, start, end),
                right=self._cells(roles.right, start, end),
                label=None if roles.label is None else self._cells(roles.label, start, end),
                lines=range(start + 1, end + 1),
                faults={},
                position=end,
            )

    def _cells(self, column: str, start: int, end: int) -> list[Any]:
        part = self._frame.iloc[start:end, self.columns.index(column)]
        missing = part.isna()
        cells = part.tolist()
        if missing.any():
            cells = [None if gone else cell for cell, gone in zip(cells, missing, strict=True)]
        return cells


def _array(column: pd.Series[Any]) -> pa.Array:
    import pyarrow as pa

    try:
        array = pa.Array.from_pandas(column)
        if isinstance(array.type, pa.BaseExtensionType):  # periods, intervals: numbers elsewhere
            raise TypeError(array.type)
    except (pa.ArrowException, UnicodeEncodeError, TypeError, OverflowError, ValueError):
        missing = column.isna()
        texts = [
            None if gone else str(cell).encode("utf-8", "replace").decode()
            for cell, gone in zip(column, missing, strict=True)
        ]
        array = pa.array(texts, pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
