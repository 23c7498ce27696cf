"""One side of a match, left or right: a table with a column of texts or of pictures, in chunks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textsiamese.errors import InputError
from textsiamese.inputs.batches import CHUNK_ROWS, Batch, Source
from textsiamese.inputs.columns import Columns, find_column, known_column, listed
from textsiamese.inputs.left_right import Reads, Side
from textsiamese.inputs.picture_folder import PICTURE_COLUMN, PictureFolder
from textsiamese.inputs.picture_paths import PicturePaths, seem_pictures
from textsiamese.inputs.sources import open_source
from textsiamese.inputs.texts import check_texts
from textsiamese.inputs.typed import is_text

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_BYTES = 2**31 - 1

_TEXTS = ("question", "text", "sentence", "query")
_PICTURES = (PICTURE_COLUMN, "image", "picture_path", "image_path", "path", "file", "filename")
_OF_PAIRS = {
    "left": ("question1", "text_a", "sentence1", "left", "text1", "q1", "caption", "title"),
    "right": ("question2", "text_b", "sentence2", "right", "text2", "q2", "caption", "article"),
}


@dataclass(frozen=True)
class SideChunk:
    """Some rows of one side; every list has one entry a row.

    Attributes:
        index: the number of the chunk, from 0.
        start: the number of its first row, from 0.
        table: the table's own columns, of the reader's `schema`.
        inputs: the texts, or the paths of the pictures; None where the row has a problem.
        problems: "", or why the row cannot be read: "line 17: question is empty".
        places: what a message calls each row: "line 17".
        position: bytes or rows read so far, of the reader's `size`.
        records: for JSON Lines the object of each row, as it was; None for other tables.
    """

    index: int
    start: int
    table: pa.Table
    inputs: list[str | None]
    problems: list[str]
    places: list[str]
    position: int
    records: list[dict[str, Any]] | None = None

    def first(self, rows: int) -> SideChunk:
        """Its first rows."""
        return replace(
            self,
            table=self.table.slice(0, rows),
            inputs=self.inputs[:rows],
            problems=self.problems[:rows],
            places=self.places[:rows],
            records=self.records and self.records[:rows],
        )

    def with_faults(self, faults: dict[int, str]) -> SideChunk:
        """The same, with what else is wrong with some of its rows, by their numbers here."""
        problems = list(self.problems)
        for row, fault in faults.items():
            problems[row] = f"{self.places[row]}: {fault}"
        return replace(self, problems=problems)


class SideReader:
    """One opened side, read in chunks; memory does not grow with its rows.

    Attributes:
        name: what messages call it.
        column: the one that holds the texts or the paths of the pictures.
        columns: all names, in order.
    """

    def __init__(
        self, source: Source, side: Side, column: str, paths: PicturePaths, chunk_rows: int
    ) -> None:
        self.name, self.column, self.columns = source.name, column, list(source.columns)
        self._source, self._side, self._paths = source, side, paths
        self._chunk_rows = chunk_rows

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns, the same for every chunk's table."""
        return self._source.schema

    @property
    def size(self) -> int | None:
        """The whole extent, in bytes or rows; None if unknown, as for a pipe."""
        return self._source.size

    @property
    def notes(self) -> list[str]:
        """What is worth telling once about the table; grows while it is read."""
        only = self._source.columns == [self.column] and " " in self.column.strip()
        taken = f'{self.name}: its first line, "{self.column}", is taken for the column\'s name'
        return [*self._source.notes, *([taken] if only else [])]

    def fingerprint(self) -> str:
        """SHA-256 of the file's bytes or of the content, in hex; "" for a pipe."""
        return self._source.fingerprint()

    def chunks(self, skip: int = 0) -> Iterator[SideChunk]:
        """Read the rows, in order, in chunks that are the same in every reading.

        Args:
            skip: how many chunks to leave out at the start; the others keep their numbers.

        Raises:
            InputError: bytes that do not fit the encoding, data that are damaged, a column that
                holds something else than texts, or a pipe that was read before.
        """
        for batch in self._source.batches(
            Columns(self.column, self.column), self._chunk_rows, skip
        ):
            yield self._chunk(batch)

    def _chunk(self, batch: Batch) -> SideChunk:
        inputs, faults = check_texts(batch.left, self.column)
        faults |= batch.faults
        places = [f"{self._source.place} {line}" for line in batch.lines]
        problems = [""] * len(places)
        for i, fault in faults.items():
            inputs[i], problems[i] = None, f"{places[i]}: {fault}"
        inputs = [cell and self._paths.located(self._side, cell) for cell in inputs]
        return SideChunk(
            batch.index,
            batch.start,
            batch.table,
            inputs,
            problems,
            places,
            batch.position,
            batch.records,
        )


def open_side(
    source: Any,
    side: Side,
    reads: Reads,
    *,
    column: str | None = None,
    encoding: str | None = None,
    pictures: str | os.PathLike[str] | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> SideReader:
    """Open one side of a match to read it in chunks.

    Args:
        source: as for `open_pairs`; where pictures are read, also a folder of them.
        side: which one it is.
        reads: what is read there.
        column: its name; None: found by convention (question, text, sentence, query, those of this
            side in tables of pairs, caption, title or article; for pictures picture, image, path,
            file), or the only column with texts.
        encoding: of a text file; None: by its byte order mark, else UTF-8.
        pictures: the folder that relative paths of pictures start from; None: that of the table.
        chunk_rows: rows of a chunk.

    Raises:
        InputError: it cannot be opened, or its column cannot be told.
    """
    if chunk_rows < 1:
        raise InputError(f"chunk_rows is {chunk_rows}; a chunk has at least one row")
    _check_kind(source, side, reads)
    if reads == "pictures" and isinstance(source, (str, os.PathLike)) and os.path.isdir(source):
        paths = PicturePaths.of(source, [side], source)
        return SideReader(PictureFolder(source), side, PICTURE_COLUMN, paths, chunk_rows)
    opened = open_source(source, encoding, (None, None, None))
    paths = PicturePaths.of(source, [side], pictures) if reads == "pictures" else PicturePaths()
    return SideReader(opened, side, _find_column(opened, side, reads, column), paths, chunk_rows)


def _check_kind(source: object, side: Side, reads: Reads) -> None:
    """Refuse a folder where texts belong, and a picture where a table or a folder does."""
    if not isinstance(source, (str, os.PathLike)):
        return
    if reads == "texts" and os.path.isdir(source):
        raise InputError(
            f"{source} is a folder, and texts are read on the {side} side: name a table of them "
            "(a folder of pictures can stand on a side that reads those)"
        )
    if reads == "pictures" and os.path.isfile(source) and seem_pictures([os.fspath(source)]):
        raise InputError(
            f"{source} is one picture: name the folder that it lies in, or a table of paths"
        )


def _find_column(source: Source, side: Side, reads: Reads, wanted: str | None) -> str:
    if wanted is not None:
        return find_column(source.columns, str(wanted), side, source.name)
    usual = _PICTURES if reads == "pictures" else (*_TEXTS, *_OF_PAIRS[side])
    if known := known_column(source.columns, usual, source.name):
        return known
    with_texts = [field.name for field in source.schema if is_text(field.type)]
    if len(with_texts) == 1:
        return with_texts[0]
    raise InputError(
        f"{source.name}: the column of the {reads} cannot be told from the names; its columns are "
        f"{listed(source.columns)}; name it with --{side} ({side}_column= in Python)"
    )


def joined_table(chunks: Sequence[SideChunk], schema: pa.Schema) -> pa.Table:
    """The own columns of all chunks.

    Columns of more texts than Arrow can take rows of at once, 2 GiB, come as large strings.
    """
    import pyarrow as pa

    table = pa.concat_tables([pa.Table.from_batches([], schema), *(c.table for c in chunks)])
    for i, field in enumerate(schema):
        if field.type == pa.string() and table.column(i).nbytes > _MOST_BYTES:
            column = table.column(i).cast(pa.large_string())
            table = table.set_column(i, field.with_type(pa.large_string()), column)
    return table
