"""The kinds of output: how scored rows become bytes, chunk by chunk, and chunks one file.

Similarities and probabilities are written with 6 significant digits in the text kinds (a
probability with more where it would else seem to lie on the other side of the threshold), and as
they are, float64, in Parquet. A chunk lies in a part file of its own until all are there; the
parts are the same whatever the process that wrote them, and so is the file they are joined to.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from textsiamese.errors import InputError
from textsiamese.inputs.kinds import PACKED, suffix_kind
from textsiamese.inputs.texts import text_array
from textsiamese.serving.cells import check_cells, delimited_rows, json_value
from textsiamese.serving.scoring import ScoredChunk

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 1 << 20
_JSON = json.JSONEncoder(ensure_ascii=False, default=json_value)


class Kind(Protocol):
    """A kind of output.

    Attributes:
        name: what tells it from others in a fingerprint.
    """

    name: str

    def check(self, schema: pa.Schema) -> None:
        """Refuse columns that this kind cannot hold.

        Raises:
            InputError: there is such a column.
        """

    def write_part(self, chunk: ScoredChunk, file: BinaryIO) -> None:
        """Write the rows of one chunk."""

    def join(self, schema: pa.Schema, parts: Iterable[Path], file: BinaryIO) -> None:
        """Write one file from the parts of all chunks, in order."""

    def write(self, table: pa.Table, file: BinaryIO) -> None:
        """Write a table that is whole already, its cells as they are."""


class Delimited:
    """CSV or TSV in UTF-8, a line feed after each row, quotes only where a cell needs them."""

    def __init__(self, delimiter: str = ",", codec: str = "") -> None:
        self.name = {",": "csv", "\t": "tsv"}[delimiter] + codec
        self._delimiter = delimiter
        self._codec = codec

    def check(self, schema: pa.Schema) -> None:
        """Refuse columns of bytes."""
        check_cells(schema, self.name)

    def head(self, schema: pa.Schema) -> bytes:
        """The header line."""
        return delimited_rows([text_array([name]) for name in schema.names], self._delimiter)

    def rows(self, chunk: ScoredChunk) -> bytes:
        """The lines of a chunk."""
        return delimited_rows([*chunk.own.columns, *_short(chunk)], self._delimiter)

    def write_part(self, chunk: ScoredChunk, file: BinaryIO) -> None:
        """Write the lines of a chunk."""
        file.write(self.rows(chunk))

    def join(self, schema: pa.Schema, parts: Iterable[Path], file: BinaryIO) -> None:
        """Write the header and the lines of all parts."""
        with _packed(file, self._codec) as stream:
            stream.write(self.head(schema))
            _copy(parts, stream)

    def write(self, table: pa.Table, file: BinaryIO) -> None:
        """Write the header and the lines of a table."""
        with _packed(file, self._codec) as stream:
            stream.write(self.head(table.schema))
            stream.write(delimited_rows(table.columns, self._delimiter))


class JsonLines:
    """One JSON object a line, in UTF-8; a JSON Lines input gets its own objects back."""

    def __init__(self, codec: str = "") -> None:
        self.name = "jsonl" + codec
        self._codec = codec

    def check(self, schema: pa.Schema) -> None:
        """Refuse columns of bytes, and two columns of one name."""
        check_cells(schema, "jsonl", unique=True)

    def write_part(self, chunk: ScoredChunk, file: BinaryIO) -> None:
        """Write the objects of a chunk."""
        own = json_objects(chunk.own) if chunk.records is None else chunk.records
        numbers = zip(*[column.to_pylist() for column in _short(chunk)], strict=True)
        names = chunk.new.column_names
        for record, (similarity, probability, predicted, problem) in zip(own, numbers, strict=True):
            added = (_number(similarity), _number(probability), predicted, problem)
            file.write(_json_line({**record, **dict(zip(names, added, strict=True))}))

    def join(self, schema: pa.Schema, parts: Iterable[Path], file: BinaryIO) -> None:
        """Write the lines of all parts."""
        with _packed(file, self._codec) as stream:
            _copy(parts, stream)

    def write(self, table: pa.Table, file: BinaryIO) -> None:
        """Write the objects of a table."""
        with _packed(file, self._codec) as stream:
            for record in json_objects(table):
                stream.write(_json_line(record))


class Parquet:
    """Parquet with the types of the input; one row group a chunk."""

    name = "parquet"

    def check(self, schema: pa.Schema) -> None:
        """Refuse two columns of one name."""
        check_cells(schema, "parquet", unique=True, binary=True)

    def write_part(self, chunk: ScoredChunk, file: BinaryIO) -> None:
        """Write the rows of a chunk as a Parquet file."""
        import pyarrow.parquet as pq

        pq.write_table(chunk.table, file)

    def join(self, schema: pa.Schema, parts: Iterable[Path], file: BinaryIO) -> None:
        """Write the rows of all parts, each as a row group."""
        import pyarrow.parquet as pq

        with pq.ParquetWriter(file, schema) as writer:
            for part in parts:
                writer.write_table(pq.read_table(part, partitioning=None).cast(schema))

    def write(self, table: pa.Table, file: BinaryIO) -> None:
        """Write a table."""
        import pyarrow.parquet as pq

        pq.write_table(table, file)


def output_kind(path: str | os.PathLike[str]) -> Kind:
    """The kind of output that the suffix of a file's name asks for.

    Raises:
        InputError: it asks for none that can be written.
    """
    last = Path(path).suffix.lower()
    codec = last if last in PACKED else ""
    kind = suffix_kind(path)
    if kind is None or (kind == "parquet" and codec):
        raise InputError(
            f"{path}: the kind of output follows the suffix, which must be .csv, .tsv or .jsonl "
            f"(also with .gz or .zst after it), or .parquet"
        )
    if kind == "parquet":
        return Parquet()
    return JsonLines(codec) if kind == "jsonl" else Delimited("," if kind == "csv" else "\t", codec)


def _short(chunk: ScoredChunk) -> list[pa.Array]:
    """The new columns; similarity and probability are strings of 6 significant digits, or ""."""
    similarity, probability, *others = chunk.new.columns
    alike = ["" if value is None else f"{value:.6g}" for value in similarity.to_pylist()]
    probable = [
        "" if value is None else _on_its_side(value, chunk.threshold)
        for value in probability.to_pylist()
    ]
    return [text_array(alike), text_array(probable), *others]


def _on_its_side(probability: float, threshold: float) -> str:
    """6 digits, or all where 6 would carry it to the other side of the threshold."""
    short = f"{probability:.6g}"
    same = (float(short) >= threshold) == (probability >= threshold)
    return short if same else repr(probability)


def _number(text: str) -> float | None:
    return float(text) if text else None


def json_objects(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table; NaN and the infinities, which JSON does not have, are None."""
    import pyarrow.compute as pc
    import pyarrow.types as types

    for i, column in enumerate(table.columns):
        if types.is_floating(column.type):
            finite = pc.if_else(pc.is_finite(column), column, None)
            table = table.set_column(i, table.schema.field(i), finite)
    return table.to_pylist()


def _json_line(record: dict[str, Any]) -> bytes:
    try:
        return _JSON.encode(record).encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair
        return json.dumps(record, default=json_value).encode() + b"\n"


def _copy(parts: Iterable[Path], stream: Any) -> None:
    for part in parts:
        with part.open("rb") as source:
            shutil.copyfileobj(source, stream, _BLOCK)


@contextmanager
def _packed(file: BinaryIO, codec: str) -> Iterator[Any]:
    """The file, or a stream that compresses into it; equal input gives equal bytes."""
    if codec == ".gz":
        with gzip.GzipFile("", "wb", 6, file, mtime=0) as stream:
            yield stream
    elif codec == ".zst":
        import pyarrow as pa

        with pa.CompressedOutputStream(pa.PythonFile(_Open(file), "w"), "zstd") as stream:
            yield stream
    else:
        yield file


class _Open:
    """A file that stays open when the stream around it is closed."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write
        self.flush = file.flush

    def close(self) -> None:
        """Leave the file as it is."""
