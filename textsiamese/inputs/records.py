"""The records of a CSV or TSV, quotes and all; a broken one costs itself alone."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from textsiamese.inputs.batches import CHUNK_CHARACTERS
from textsiamese.inputs.lines import LONGEST

_PIECE = 512
"""Lines parsed at once, as long as each is a sound record of its own."""


@dataclass
class Block:
    """Some records, column by column.

    Attributes:
        columns: the cells of each column, as many as the header has.
        lines: the line each record starts on, from 1.
        faults: what is wrong with a record, by its number here.
    """

    columns: list[list[str]]
    lines: list[int] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)


class Records:
    """Reads the records of a delimited text one after the other; blank lines are left out.

    A record whose quotes are broken is cut down to its first line, and reading goes on at the next
    line. In a text with tabs, a quote that is no CSV quote is a character like any other.
    """

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._line = 1
        self._width = 0
        self._reader = self._restart()
        if csv.field_size_limit() < LONGEST:
            csv.field_size_limit(LONGEST)

    def header(self) -> list[str]:
        """Read the first record, which says how many cells the others have; [] if it is broken."""
        cells, _, fault = self._next() or ([], 0, "")
        self._width = len(cells)
        return [] if fault else cells

    def take(self, rows: int) -> Block:
        """Read up to `rows` records, fewer where they fill `CHUNK_CHARACTERS`."""
        block = Block([[] for _ in range(self._width)])
        room = CHUNK_CHARACTERS
        while len(block.lines) < rows and room > 0:
            if not self._again:
                piece = list(islice(self._lines, min(_PIECE, rows - len(block.lines))))
                if self._take_plain(piece, block):
                    room -= sum(map(len, piece))
                    continue
                self._again.extend(piece)
            record = self._next()
            if record is None:
                break
            room -= sum(map(len, record[0]))
            self._add(block, *record)
        return block

    def _take_plain(self, piece: list[str], block: Block) -> bool:
        """Add lines that are a sound record each; False, and nothing added, if they are not so."""
        try:
            records = list(csv.reader(piece, delimiter=self._delimiter, strict=True))
        except csv.Error:
            return False
        if len(records) != len(piece) or set(map(len, records)) != {self._width}:
            return False
        for column, cells in zip(block.columns, zip(*records, strict=True), strict=True):
            column += cells
        block.lines += range(self._line, self._line + len(piece))
        self._line += len(piece)
        return True

    def _add(self, block: Block, cells: list[str], line: int, fault: str) -> None:
        if len(cells) != self._width and not fault:
            count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            fault = f"{count} where the header has {self._width}"
        if fault:
            block.faults[len(block.lines)] = fault
        for i, column in enumerate(block.columns):
            column.append(cells[i] if i < len(cells) else "")
        block.lines.append(line)

    def _next(self) -> tuple[list[str], int, str] | None:
        """Read one record that is not blank: its cells, its line and what is wrong with it."""
        while True:
            fault = ""
            try:
                cells = next(self._reader)
                if len(self._taken) > 1 and self._is_unquoted(self._taken):
                    cells, fault = self._first_line_alone("")
            except StopIteration:
                return None
            except csv.Error as error:
                cells, fault = self._first_line_alone(str(error))
            line = self._line
            self._line += len(self._taken)
            self._taken.clear()
            if fault or len(cells) > 1 or (cells and cells[0].strip(" ")):
                return cells, line, fault

    def _first_line_alone(self, error: str) -> tuple[list[str], str]:
        fault = _fault(error, len(self._taken))
        first, *rest = self._taken
        self._again.extendleft(reversed(rest))
        del self._taken[1:]
        self._reader = self._restart()
        if self._is_unquoted([first]):
            return first.rstrip("\r\n").split(self._delimiter), ""
        try:
            return next(csv.reader([first.rstrip("\r\n")], delimiter=self._delimiter)), fault
        except csv.Error:
            return [], fault

    def _is_unquoted(self, lines: list[str]) -> bool:
        """Whether tabs alone cut each of these lines into as many cells as the header has."""
        tabs = self._width - 1
        return self._delimiter == "\t" and tabs > 0 and all(s.count("\t") == tabs for s in lines)

    def _restart(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self._delimiter, strict=True)

    def _feed(self) -> Iterator[str]:
        while line := self._again.popleft() if self._again else next(self._lines, ""):
            self._taken.append(line)
            yield line


def _fault(error: str, lines: int) -> str:
    if "NUL" in error:
        return "the row holds a NUL character"
    if lines == 1 and "expected after" in error:
        return 'a quote inside a quoted cell is not doubled ("")'
    return "a quote that opens in this row is not closed"
