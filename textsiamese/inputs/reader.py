"""Pair tables of any size, read in chunks."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textsiamese.errors import InputError
from textsiamese.inputs.batches import CHUNK_ROWS, Batch, Source
from textsiamese.inputs.columns import Columns, find_columns
from textsiamese.inputs.labels import read_labels, refusal
from textsiamese.inputs.left_right import Side
from textsiamese.inputs.picture_paths import PicturePaths, seem_pictures
from textsiamese.inputs.sources import open_source
from textsiamese.inputs.texts import are_numbers, check_texts

if TYPE_CHECKING:
    import pyarrow as pa

Texts = list[str | None]


@dataclass(frozen=True)
class Chunk:
    """Some rows of a pair table; every list has one entry a row.

    Attributes:
        index: the number of the chunk, from 0.
        start: the number of its first row, from 0.
        table: the table's own columns, of the reader's `schema`. Cells of CSV and TSV are the
            strings that lie in the file; a ragged row keeps the cells that fit.
        left, right: the texts, or the paths of the pictures; None, both, where the row has a
            problem.
        labels: 1 = same, 0 = different, None = blank or not to be understood; None altogether
            where the table has no label column.
        problems: "", or why the row cannot be scored: "line 17: 3 cells where the header has 5".
        lines: the line of the file at which the row begins; for tables that are no text, the
            number of the row, from 1.
        position: bytes or rows read so far, of the reader's `size`.
        records: for JSON Lines the object of each row, as it was ({} where the line holds none);
            None for other tables.
        odd_labels: how many rows without a problem have a label that cannot be understood.
        place: what `lines` count: "line" or "row".
    """

    index: int
    start: int
    table: pa.Table
    left: list[str | None]
    right: list[str | None]
    labels: list[int | None] | None
    problems: list[str]
    lines: list[int]
    position: int
    records: list[dict[str, Any]] | None = None
    odd_labels: int = 0
    place: str = "line"


class PairReader:
    """An opened pair table, read in chunks; memory does not grow with its rows.

    Attributes:
        name: what messages call it: "pairs.csv", "<stdin>", "DataFrame".
        roles: which columns hold the texts and the label.
        label_note: which labels cannot be understood; "" if all can. Known once the first chunk
            with such labels has been read.
    """

    def __init__(
        self,
        source: Source,
        roles: Columns,
        similar_is_zero: bool,
        chunk_rows: int,
        pictures: PicturePaths | None = None,
    ) -> None:
        self.name = source.name
        self.roles = roles
        self.label_note = ""
        self._source = source
        self._similar_is_zero = similar_is_zero
        self._chunk_rows = chunk_rows
        self._pictures = pictures or PicturePaths()
        self._notes: list[str] = []

    @property
    def columns(self) -> list[str]:
        """The table's own column names, in order; names that are not used may be there twice."""
        return list(self._source.columns)

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns, the same for every chunk's table."""
        return self._source.schema

    @property
    def size(self) -> int | None:
        """The whole extent, in `unit`; None if unknown, as for a pipe."""
        return self._source.size

    @property
    def unit(self) -> str:
        """What `size` and a chunk's `position` count: "bytes" or "rows"."""
        return self._source.unit

    @property
    def notes(self) -> list[str]:
        """What is worth telling once about the table; grows while it is read."""
        return [*self._source.notes, *self._notes]

    def fingerprint(self) -> str:
        """SHA-256 of the file's bytes or of the content, in hex; "" for a pipe."""
        return self._source.fingerprint()

    def chunks(self, skip: int = 0) -> Iterator[Chunk]:
        """Read the rows, in order, in chunks that are the same in every reading.

        A chunk has `chunk_rows` rows, fewer where the texts are very long and at the end.

        Args:
            skip: how many chunks to leave out at the start; the others keep their numbers.

        Raises:
            InputError: bytes that do not fit the encoding, data that are damaged, a text column
                that holds something else, or a pipe that was read before.
        """
        self.label_note = ""
        for batch in self._source.batches(self.roles, self._chunk_rows, skip):
            yield self._chunk(batch)

    def _chunk(self, batch: Batch) -> Chunk:
        left, right, problems = judge_texts(batch, self.roles, self._source.place)
        labels, odd = self._labels(batch, problems)
        if not batch.start:
            self._notes = [*self._odd("left", left), *self._odd("right", right)]
        return Chunk(
            index=batch.index,
            start=batch.start,
            table=batch.table,
            left=[cell and self._pictures.located("left", cell) for cell in left],
            right=[cell and self._pictures.located("right", cell) for cell in right],
            labels=labels,
            problems=problems,
            lines=list(batch.lines),
            position=batch.position,
            records=batch.records,
            odd_labels=odd,
            place=self._source.place,
        )

    def _odd(self, side: Side, cells: Texts) -> list[str]:
        """A note on a column that seems to hold ids or pictures where texts belong."""
        texts = [cell for cell in cells if cell is not None]
        if side not in self._pictures.sides and seem_pictures(texts):
            return [
                f'{self.name}: column "{getattr(self.roles, side)}" holds names of picture files, '
                f'such as "{texts[0][:40]}", and they are read as texts; name a twin that reads '
                "pictures there with --twin"
            ]
        if not are_numbers(texts):
            return []
        return [
            f'{self.name}: column "{getattr(self.roles, side)}" holds numbers only, such as '
            f'"{texts[0][:40]}"; if the texts lie in another one, name it with --{side} '
            f"({side}= in Python)"
        ]

    def _labels(self, batch: Batch, problems: list[str]) -> tuple[list[int | None] | None, int]:
        """The labels, and how many cannot be understood; cells of a broken row are none."""
        if batch.label is None or not self.roles.label:
            return None, 0
        read = read_labels(batch.label, similar_is_zero=self._similar_is_zero)
        odd = [i for i in read.unknown if not problems[i]]
        if odd and not self.label_note:
            cells = [(f"{self._source.place} {batch.lines[i]}", batch.label[i]) for i in odd]
            self.label_note = f"{self.name}: {refusal(self.roles.label, cells, len(cells))}"
        return read.values, len(odd)


def open_pairs(
    source: Any,
    *,
    left: str | None = None,
    right: str | None = None,
    label: str | None = None,
    similar_is_zero: bool = False,
    encoding: str | None = None,
    chunk_rows: int = CHUNK_ROWS,
    picture_sides: Collection[str] = (),
    pictures: str | os.PathLike[str] | None = None,
) -> PairReader:
    """Open a pair table to read it in chunks.

    Args:
        source: a path of a CSV, TSV, JSON Lines or Parquet file (also .gz or .zst), "-" for
            standard input, a pandas DataFrame, a datasets.Dataset, a pyarrow.Table, or a dataset
            of the Hub: "owner/name", "owner/name:split", "owner/name/config:split".
        left, right, label: column names; found by convention where they are None (`find_columns`).
        similar_is_zero: the table writes 0 for the same and 1 for different.
        encoding: of a text file; None: by its byte order mark, else UTF-8.
        chunk_rows: rows of a chunk.
        picture_sides, pictures: which sides hold paths of pictures, and the folder that relative
            ones start from; see `read_pairs`.

    Raises:
        InputError: there is no such table, it holds no rows with a header, or its columns cannot
            be told.
    """
    if chunk_rows < 1:
        raise InputError(f"chunk_rows is {chunk_rows}; a chunk has at least one row")
    opened = open_source(source, encoding, (left, right, label))
    roles = find_columns(opened.columns, left, right, label, opened.name)
    paths = PicturePaths.of(source, picture_sides, pictures)
    return PairReader(opened, roles, similar_is_zero, chunk_rows, paths)


def judge_texts(batch: Batch, roles: Columns, place: str) -> tuple[Texts, Texts, list[str]]:
    """Check the two texts of each row.

    Returns:
        the left texts, the right texts, and the problem of each row, "" for none; both texts of a
        row with a problem are None.
    """
    left, left_faults = check_texts(batch.left, roles.left)
    right, right_faults = check_texts(batch.right, roles.right)
    problems = [""] * len(batch.lines)
    for i in sorted({*batch.faults, *left_faults, *right_faults}):
        faults = (
            [batch.faults[i]] if i in batch.faults else [left_faults.get(i), right_faults.get(i)]
        )
        problems[i] = f"{place} {batch.lines[i]}: {', '.join(fault for fault in faults if fault)}"
        left[i] = right[i] = None
    return left, right, problems
