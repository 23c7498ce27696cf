"""Rows of a match: a left row beside each of its best right rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.sides import SideChunk
from textsiamese.inputs.texts import text_array
from textsiamese.serving.kinds import json_objects
from textsiamese.serving.known import Known
from textsiamese.serving.ranking import Ranked, best_matches
from textsiamese.serving.scoring import NEW_COLUMNS, ScoredChunk, new_schema, output_schema, spread
from textsiamese.serving.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from textsiamese.twins.twin import Twin

    Ints = NDArray[np.int64]

ADDED = ("rank", "right_row", *NEW_COLUMNS)


@dataclass(frozen=True)
class Columns:
    """The names of the columns that stand beside those of the left table.

    Attributes:
        added: those of `ADDED`, with the prefix that was asked for.
        right: those of the right table, with "right_" before a name that is taken.
    """

    added: Sequence[str]
    right: Sequence[str]

    @classmethod
    def beside(cls, left: Sequence[str], right: Sequence[str], prefix: str) -> Columns:
        """Name the columns.

        Raises:
            InputError: the left table has a column of such a name already.
        """
        added = [prefix + name for name in ADDED]
        if taken := [name for name in added if name in left]:
            raise InputError(
                f'the left table has a column "{taken[0]}" already; give the new columns other '
                f'names with --prefix match_ (prefix="match_" in Python)'
            )
        named: list[str] = []
        for name in right:
            while name in {*left, *added, *named}:
                name = f"right_{name}"
            named.append(name)
        return cls(added, named)

    def check(self, chunk: SideChunk) -> None:
        """Refuse a JSON object of the left table with a key of such a name.

        Raises:
            InputError: naming its line.
        """
        for place, record in zip(chunk.places, chunk.records or [], strict=False):
            for name in (*self.added, *self.right):
                if name in record:
                    raise InputError(
                        f'{place} of the left table has a key "{name}", which names a column of '
                        f"the output; rename it"
                    )

    def schema(self, left: pa.Schema, right: pa.Schema) -> pa.Schema:
        """All columns of the output, with their types."""
        import pyarrow as pa

        own = [field.with_name(name) for field, name in zip(right, self.right, strict=True)]
        numbers = [pa.field(name, pa.int64()) for name in self.added[:2]]
        new = new_schema(list(self.added[2:]))
        return output_schema(left, pa.schema([*numbers, *own, *new]))


@dataclass(frozen=True)
class Matcher:
    """What left rows are matched with, and how.

    Attributes:
        twin: what compares.
        table: the right table's own columns, as they are held (see `joined_table`).
        right: their types in the output.
        known: its inputs, encoded.
        columns: the names of the columns.
        k: how many matches of a row there are, at most.
        least: the probability that a match has at least; None: any.
    """

    twin: Twin
    table: pa.Table
    right: pa.Schema
    known: Known
    columns: Columns
    k: int
    least: float | None

    def match(self, inputs: Sequence[Any]) -> tuple[Ranked, dict[int, str], Tally]:
        """The matches of some left inputs, and what was noticed about these; see `best_matches`."""
        return best_matches(self.twin, inputs, self.known, self.k, self.least)

    def rows(self, chunk: SideChunk, found: Ranked, noticed: Tally) -> ScoredChunk:
        """The rows of the output: each left row once for each match, and once if it has none.

        Their tally counts left rows, and what was noticed about their texts.
        """
        alone = np.setdiff1d(np.arange(len(chunk.inputs)), found.query)
        order = np.argsort(np.concatenate([found.query, alone]), kind="stable")
        left = np.concatenate([found.query, alone])[order]
        matched = (np.arange(len(order)) < len(found.query))[order]
        own = self._own(chunk, left, matched, found)
        problems = [chunk.problems[row] for row in left.tolist()]
        new = self._new(matched, found, problems)
        records = None if chunk.records is None else self._records(chunk, left, own)
        tally = self._tally(chunk, found) + noticed
        threshold = self.twin.threshold if self.twin.decision else 0.0
        return ScoredChunk(chunk.index, own, new, records, problems, tally, threshold)

    def _own(
        self, chunk: SideChunk, left: Ints, matched: NDArray[np.bool_], found: Ranked
    ) -> pa.Table:
        import pyarrow as pa

        numbers = [spread(each, matched, pa.int64()) for each in (found.rank, found.row)]
        every = np.ones(len(left), dtype=np.bool_)
        own = chunk.table.take(spread(left, every, pa.int64()))
        right = self.table.take(numbers[1])
        arrays = [*own.columns, *numbers, *right.columns]
        schema = self._schema_of(chunk, len(arrays))
        cast = [array.cast(field.type) for array, field in zip(arrays, schema, strict=True)]
        return pa.Table.from_arrays(cast, schema=schema)

    def _schema_of(self, chunk: SideChunk, count: int) -> pa.Schema:
        """The first columns of the output; a right one that is held as another type as it was."""
        import pyarrow as pa

        schema = self.columns.schema(chunk.table.schema, self.right)
        return pa.schema(list(schema)[:count], metadata=schema.metadata)

    def _new(self, matched: NDArray[np.bool_], found: Ranked, problems: Sequence[str]) -> pa.Table:
        import pyarrow as pa

        decided = matched & (found.probability is not None)
        likely = np.zeros(0) if found.probability is None else found.probability
        same = self.twin.decision.decide(likely) if self.twin.decision else likely
        columns = [
            spread(found.similarity, matched, pa.float64()),
            spread(likely, decided, pa.float64()),
            spread(same, decided, pa.int8()),
            text_array(problems),
        ]
        return pa.Table.from_arrays(columns, schema=new_schema(list(self.columns.added[2:])))

    def _records(self, chunk: SideChunk, left: Ints, own: pa.Table) -> list[dict[str, Any]]:
        """For JSON Lines: the objects of the left rows, as they were, and what stands beside."""
        beside = json_objects(own.select(range(len(chunk.table.schema), len(own.schema))))
        assert chunk.records is not None
        return [
            {**chunk.records[row], **more} for row, more in zip(left.tolist(), beside, strict=True)
        ]

    def _tally(self, chunk: SideChunk, found: Ranked) -> Tally:
        best = found.rank == 1
        same = 0
        if self.twin.decision and found.probability is not None:
            same = int(self.twin.decision.decide(found.probability[best]).sum())
        problems = sum(map(bool, chunk.problems))
        return Tally(rows=len(chunk.inputs), problems=problems, predicted=same)
