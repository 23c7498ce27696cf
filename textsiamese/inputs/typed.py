"""Tables whose columns have types: Parquet files, Arrow tables and `datasets.Dataset`."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any

from textsiamese.errors import InputError, TextsiameseError
from textsiamese.inputs.batches import CHUNK_CHARACTERS, Batch
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.files import BLOCK, Bytes, TableFile

if TYPE_CHECKING:
    import pyarrow as pa

READ_ROWS = 4096
"""Rows read at once; a chunk is put together from several such pieces."""


class TypedSource:
    """A table that comes as Arrow record batches."""

    place = "row"
    unit = "rows"

    def __init__(
        self,
        name: str,
        schema: pa.Schema,
        rows: int,
        read: Callable[[], Iterator[pa.RecordBatch]],
        *,
        digest: Callable[[], str] | None = None,
        label_names: dict[str, list[str]] | None = None,
    ) -> None:
        """Describe a table.

        Args:
            name: what messages call it.
            schema: its columns, with their types.
            rows: how many it has.
            read: begins to read it, from the first row, in pieces of any size.
            digest: its fingerprint; left out, the content is hashed.
            label_names: for columns of class numbers, the name of each class.
        """
        self.name = name
        self.columns = [str(column) for column in schema.names]
        self.size: int | None = rows
        self.notes: list[str] = []
        self._schema = schema
        self._read = read
        self._digest = digest
        self._label_names = label_names or {}

    @property
    def schema(self) -> pa.Schema:
        """The columns and types of the table itself."""
        return self._schema

    def fingerprint(self) -> str:
        """Digest of the file's bytes, or of names, types and cells where there is no file."""
        return self._digest() if self._digest else content_digest(self._schema, self._read())

    def batches(self, roles: Columns, rows: int, skip: int) -> Iterator[Batch]:
        """Read on in batches; see `Source`.

        Raises:
            InputError: a text column does not hold texts.
        """
        sides = [self.columns.index(name) for name in (roles.left, roles.right)]
        for i in sides:
            refuse_type(self.name, self.columns[i], self._schema.field(i).type)
        start = 0
        for index, table in enumerate(regroup(self._read(), self._schema, rows)):
            if index >= skip:
                left, right = (table.column(i).to_pylist() for i in sides)
                lines = range(start + 1, start + len(table) + 1)
                label = self._labels(table, roles.label)
                end = start + len(table)
                yield Batch(index, start, table, left, right, label, lines, {}, end)
            start += len(table)

    def _labels(self, table: pa.Table, label: str | None) -> list[Any] | None:
        if label is None:
            return None
        cells = table.column(self.columns.index(label)).to_pylist()
        names = self._label_names.get(label)
        if names is None:
            return cells
        return [names[c] if c is not None and 0 <= c < len(names) else c for c in cells]


def parquet_source(file: TableFile) -> TypedSource:
    """Open a Parquet file; a compressed or piped one is first written to a temporary file.

    Raises:
        InputError: it is no whole Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = _spooled(file)
    try:
        # what is buffered ahead (pyarrow's default) stays in memory until the file is closed
        parquet = pq.ParquetFile(whole, buffer_size=BLOCK, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{file.name} is no whole Parquet file ({_first_line(error)}); write it anew"
        ) from error

    def read() -> Iterator[pa.RecordBatch]:
        try:
            yield from parquet.iter_batches(batch_size=READ_ROWS)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{file.name} is damaged ({_first_line(error)})") from error

    rows = parquet.metadata.num_rows
    return TypedSource(file.name, parquet.schema_arrow, rows, read, digest=file.fingerprint)


def arrow_source(table: pa.Table, name: str) -> TypedSource:
    """Open an Arrow table that is in memory."""
    read = lambda: iter(table.to_batches(max_chunksize=READ_ROWS))  # noqa: E731
    return TypedSource(name, table.schema, len(table), read)


def refuse_type(name: str, column: str, kind: pa.DataType) -> None:
    """Refuse a column of numbers, dates, lists... where texts belong.

    Raises:
        InputError: the type is not one of texts.
    """
    if not is_text(kind):
        raise InputError(
            f'{name}: column "{column}" holds {kind}, not texts; name another column '
            f"(--left, --right) or turn it into texts first"
        )


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of this type holds texts, or nothing at all."""
    import pyarrow.types as types

    inner = kind.value_type if types.is_dictionary(kind) else kind
    texts = (types.is_string, types.is_large_string, types.is_string_view, types.is_null)
    return any(fits(inner) for fits in texts)


def regroup(pieces: Iterator[pa.RecordBatch], schema: pa.Schema, rows: int) -> Iterator[pa.Table]:
    """Put pieces together into tables of `rows` rows, fewer where texts are very long.

    A table ends after the piece that brings it to `CHUNK_CHARACTERS` bytes.
    """
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    count = size = 0
    for piece in pieces:
        while len(piece):
            part, piece = piece.slice(0, rows - count), piece.slice(rows - count)
            held.append(part)
            count, size = count + len(part), size + part.nbytes
            if count == rows or size >= CHUNK_CHARACTERS:
                yield pa.Table.from_batches(held, schema)
                held, count, size = [], 0, 0
    if held:
        yield pa.Table.from_batches(held, schema)


def content_digest(schema: pa.Schema, pieces: Iterator[pa.RecordBatch]) -> str:
    """SHA-256 of names, types and cells, whatever pieces the table comes in."""
    import pyarrow as pa

    digest = hashlib.sha256(str(schema.remove_metadata()).encode())
    for table in regroup(pieces, schema, READ_ROWS):
        for column in table.columns:
            array = pa.concat_arrays(column.chunks)
            digest.update(pa.RecordBatch.from_arrays([array], ["x"]).serialize())
    return digest.hexdigest()


def _spooled(file: TableFile) -> Any:
    with file.open(last=True) as stream:
        if not (file.piped or stream.packed):
            return str(file.path)
        try:
            return _copied(stream)
        except OSError as error:
            raise TextsiameseError(
                f"{file.name} has to be unpacked before it can be read, and there is no room for "
                f"it in {tempfile.gettempdir()} ({error.strerror}); name another folder in the "
                f"environment variable TMPDIR"
            ) from error


def _copied(stream: Bytes) -> IO[bytes]:
    spool = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as its source
    while block := stream.read(BLOCK):
        spool.write(block)
    spool.seek(0)
    return spool


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
