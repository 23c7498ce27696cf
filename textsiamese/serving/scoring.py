"""One chunk of a pair table, scored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.reader import Chunk
from textsiamese.inputs.texts import text_array
from textsiamese.serving.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from textsiamese.twins.scorer import PairScorer, PairScores

NEW_COLUMNS = ("similarity", "probability", "predicted", "problem")


@dataclass(frozen=True)
class ScoredChunk:
    """Some rows of the output.

    Attributes:
        index: the number of the chunk, from 0.
        own: the input's own columns.
        new: similarity and probability (float64), predicted (int8, 0 or 1) and problem (string,
            "" for none); the first three are null where there is a problem.
        records: for JSON Lines the object of each row as it was.
        problems: "", or why a row could not be scored.
        tally: the counts over these rows.
        threshold: the probability from which on a row is predicted 1.
    """

    index: int
    own: pa.Table
    new: pa.Table
    records: list[dict[str, Any]] | None
    problems: list[str]
    tally: Tally
    threshold: float

    @property
    def table(self) -> pa.Table:
        """The input's own columns, then the new ones."""
        import pyarrow as pa

        arrays = [*self.own.columns, *self.new.columns]
        return pa.Table.from_arrays(arrays, schema=output_schema(self.own.schema, self.new))


def new_names(columns: list[str], prefix: str) -> list[str]:
    """The names of the new columns.

    Raises:
        InputError: the input has a column of such a name already.
    """
    names = [prefix + name for name in NEW_COLUMNS]
    if taken := [name for name in names if name in columns]:
        raise _taken("the input", taken, columns)
    return names


def check_keys(chunk: Chunk, names: list[str], table: str) -> None:
    """Refuse a JSON object that has a key of a new column, though the first rows had none.

    Raises:
        InputError: naming its line; `table` is what it calls the table.
    """
    for line, record in zip(chunk.lines, chunk.records or [], strict=False):
        if not record.keys().isdisjoint(names):
            taken = [name for name in names if name in record]
            raise _taken(f"{table}, line {line},", taken, record)


def _taken(where: str, taken: list[str], columns: Collection[str]) -> InputError:
    free = "ts_"
    while any(free + name in columns for name in NEW_COLUMNS):
        free = "new_" + free
    listed = ("column " if len(taken) == 1 else "columns ") + ", ".join(f'"{n}"' for n in taken)
    return InputError(
        f"{where} has the {listed} already; give the new columns other names with "
        f'--prefix {free} (prefix="{free}" in Python)'
    )


def output_schema(own: pa.Schema, new: pa.Table | pa.Schema) -> pa.Schema:
    """The columns of the input, with what its file says about them, then the new ones."""
    import pyarrow as pa

    added = new.schema if isinstance(new, pa.Table) else new
    return pa.schema([*own, *added], metadata=own.metadata)


def new_schema(names: list[str]) -> pa.Schema:
    """Names and types of the new columns."""
    import pyarrow as pa

    kinds = (pa.float64(), pa.float64(), pa.int8(), pa.string())
    return pa.schema(list(zip(names, kinds, strict=True)))


def score_chunk(twin: PairScorer, chunk: Chunk, names: list[str]) -> ScoredChunk:
    """Score the rows of a chunk that can be scored; `names` are those of the new columns."""
    import pyarrow as pa

    sound = np.flatnonzero([not problem for problem in chunk.problems])
    left = [each for each in chunk.left if each is not None]
    right = [each for each in chunk.right if each is not None]
    scores = twin.score_pairs(left, right) if left else None
    problems = list(chunk.problems)
    for pair, fault in (scores.problems if scores else {}).items():
        row = int(sound[pair])
        problems[row] = f"{chunk.place} {chunk.lines[row]}: {fault}"
    usable = np.array([not problem for problem in problems], dtype=np.bool_)
    found = np.flatnonzero(usable[sound])
    columns = [
        spread(scores.similarity[found] if scores else 0, usable, pa.float64()),
        spread(scores.probability[found] if scores else 0, usable, pa.float64()),
        spread(scores.predicted[found] if scores else 0, usable, pa.int8()),
        text_array([_encodable(problem) for problem in problems]),
    ]
    new = pa.Table.from_arrays(columns, schema=new_schema(names))
    tally = _tally(chunk, usable, scores, found)
    own = chunk.index, chunk.table
    return ScoredChunk(*own, new, chunk.records, problems, tally, twin.threshold)


def spread(values: NDArray[Any] | int, usable: NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    """The values of the usable rows in their places, null elsewhere.

    Made of buffers, since `pyarrow.array` imports pandas, which takes half a second.
    """
    import pyarrow as pa

    full: NDArray[Any] = np.zeros(len(usable), dtype=kind.to_pandas_dtype())
    full[usable] = values
    valid = np.packbits(usable, bitorder="little")
    return pa.Array.from_buffers(kind, len(full), [pa.py_buffer(valid), pa.py_buffer(full)])


def _encodable(problem: str) -> str:
    return problem.encode("utf-8", "replace").decode() if problem else problem


def _tally(
    chunk: Chunk, usable: NDArray[np.bool_], scores: PairScores | None, found: NDArray[np.int64]
) -> Tally:
    rows = len(usable)
    if scores is None:
        return Tally(rows=rows, problems=rows)
    predicted = scores.predicted[found]
    labelled = correct = 0
    if chunk.labels is not None:
        given = np.array([-1 if label is None else label for label in chunk.labels])[usable]
        labelled = int((given >= 0).sum())
        correct = int((given == predicted).sum())
    return Tally(
        rows=rows,
        problems=rows - len(predicted),
        predicted=int(predicted.sum()),
        labelled=labelled,
        correct=correct,
        texts=scores.texts,
        cut=scores.cut,
        foreign=scores.foreign,
        odd_labels=chunk.odd_labels,
    )
