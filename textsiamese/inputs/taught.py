"""A teacher's probabilities: what the cells of a column, as `textsiamese score` writes it, say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textsiamese.errors import InputError
from textsiamese.inputs.batches import Batch, Source
from textsiamese.inputs.columns import Columns, find_column

_SAME_FROM = 0.5


def find_taught(source: Source, roles: Columns, wanted: str) -> str:
    """The column of the probabilities, as the table spells its name.

    Raises:
        InputError: it is not there, is there twice, or is one of the texts or the label.
    """
    found = find_column(source.columns, wanted, "teacher-column", source.name)
    if found in (roles.left, roles.right, roles.label):
        raise InputError(
            f'{source.name}: column "{found}" holds the texts or the labels, and cannot hold a '
            "teacher's probabilities as well; name another one with --teacher-column (taught=)"
        )
    return found


def read_taught(batch: Batch, column: str) -> tuple[list[float | None], dict[int, str]]:
    """The probability of each row, None where there is none, and what is wrong with those rows."""
    if batch.records is not None:
        cells: Sequence[object] = [record.get(column) for record in batch.records]
    else:
        cells = batch.table.column(batch.table.column_names.index(column)).to_pylist()
    read = [_probability(cell) for cell in cells]
    faults = {i: _fault(column, cells[i]) for i, value in enumerate(read) if value is None}
    return read, faults


def taught_label(label: int | None, probability: float | None) -> int | None:
    """What is taken for the label: the table's own, else whether the teacher says 0.5 or more."""
    if label is not None or probability is None:
        return label
    return int(probability >= _SAME_FROM)


def _probability(cell: object) -> float | None:
    if isinstance(cell, bool):
        return None
    try:
        value = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return value if 0 <= value <= 1 else None


def _fault(column: str, cell: object) -> str:
    blank = isinstance(cell, str) and not cell.strip()
    if cell is None or blank or (isinstance(cell, float) and math.isnan(cell)):
        return f"{column} is blank"
    return f'{column} is "{str(cell)[:40]}", and no number from 0 to 1'
