"""Which cells are texts that can be scored, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa


def check_texts(cells: Sequence[object], column: str) -> tuple[list[str | None], dict[int, str]]:
    """Keep the cells that are texts; say of every other one what is wrong.

    "NA", "null" and "None" are texts. None and NaN are missing values; an empty or blank text,
    a NUL character, half of a surrogate pair, a number or another object is a fault.

    Returns:
        the cells, None where one is no text; and the fault of each of those, by its number.
    """
    if set(map(type, cells)) <= {str} and all(map(str.strip, cells)):  # type: ignore[arg-type]
        whole = "".join(cells)  # type: ignore[arg-type]
        if "\0" not in whole and _is_unicode(whole):
            return list(cells), {}  # type: ignore[arg-type]
    faults = {i: fault for i, cell in enumerate(cells) if (fault := text_fault(cell))}
    texts = [None if i in faults else str(cell) for i, cell in enumerate(cells)]
    return texts, {i: f"{column} {fault}" for i, fault in faults.items()}


def text_fault(cell: object) -> str:
    """Say what keeps one value from being scored as a text ("is empty"), or "" if nothing does."""
    if isinstance(cell, str):
        if not cell.strip():
            return "is blank" if cell else "is empty"
        if "\0" in cell:
            return "holds a NUL character"
        return "" if _is_unicode(cell) else "holds half of a surrogate pair"
    if cell is None or _is_missing(cell):
        return "is missing"
    shown = repr(cell)
    return f"is no text but {shown if len(shown) <= 40 else shown[:39] + '…'}"


def are_numbers(texts: Sequence[str]) -> bool:
    """Whether two or more texts are all numbers, as those of a column of ids are."""
    return len(texts) > 1 and all(map(_is_number, texts))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_missing(value: object) -> bool:
    """NaN of Python and numpy (which does not equal itself), and the NA and NaT of pandas."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, Real) and bool(value != value)


def text_array(texts: Sequence[str]) -> pa.StringArray:
    """Make an Arrow array of texts that can all be encoded; `pyarrow.array` imports pandas."""
    import pyarrow as pa

    joined = "".join(texts)
    data = joined.encode()
    encoded = texts if len(data) == len(joined) else [text.encode() for text in texts]
    ends = np.fromiter(accumulate(map(len, encoded), initial=0), np.int32, len(texts) + 1)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(data))


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
