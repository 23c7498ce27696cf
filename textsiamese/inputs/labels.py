"""What a label cell says: 1 = same, 0 = different."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from textsiamese.errors import InputError

_TRUTH = {"1": 1, "true": 1, "yes": 1, "y": 1, "t": 1}
_TRUTH |= {"0": 0, "false": 0, "no": 0, "n": 0, "f": 0}
_MEANING = {
    **dict.fromkeys(("duplicate", "same", "match", "similar", "equivalent", "paraphrase"), 1),
    **dict.fromkeys(("not", "different", "distinct", "dissimilar", "mismatch"), 0),
    **{"positive": 1, "pos": 1, "negative": 0, "neg": 0},
    **{
        f"{no}{word}": 0
        for no in ("not ", "non ", "no ")
        for word in ("duplicate", "same", "match", "similar", "equivalent", "paraphrase")
    },
    **{"nonduplicate": 0, "unique": 0},
}
_SHOWN = 5


@dataclass(frozen=True)
class Labels:
    """Labels read from cells: `values` is 1 (same), 0 (different) or None (the cell is blank).

    `unknown` holds the numbers, from 0, of the cells that say none of these; None in `values`.
    """

    values: list[int | None]
    unknown: list[int]


def read_labels(cells: Sequence[object], *, similar_is_zero: bool = False) -> Labels:
    """Read label cells, a few distinct values repeated many times.

    Understood, in any case: 0/1, 0.0/1.0, true/false, yes/no, duplicate/not duplicate and words of
    that kind. `similar_is_zero` turns round a table coded 0 = similar (Hadsell 2006).

    Raises:
        InputError: `similar_is_zero` is given and the labels are words such as "duplicate", which
            say themselves what they mean.
    """
    try:
        meaning = {cell: _label(cell, similar_is_zero) for cell in set(cells)}
        answers = [meaning[cell] for cell in cells]
    except TypeError:  # a list or another cell that cannot be hashed
        answers = [_label(cell, similar_is_zero) for cell in cells]
    values = [None if answer == "?" else answer for answer in answers]
    unknown = [i for i, answer in enumerate(answers) if answer == "?"] if "?" in answers else []
    return Labels(values, unknown)  # type: ignore[arg-type]


def refusal(column: str, unknown: Sequence[tuple[str, object]], total: int) -> str:
    """One sentence that names the labels nobody can read.

    Args:
        column: the name of the label column.
        unknown: where each of the first of them is ("line 7"), and its cell.
        total: how many there are.
    """
    shown = ", ".join(f"{_quoted(cell)} ({place})" for place, cell in unknown[:_SHOWN])
    more = f" and {total - _SHOWN} more" if total > _SHOWN else ""
    return (
        f'column "{column}" holds labels that are not 0/1, true/false, yes/no or '
        f"duplicate/not duplicate: {shown}{more}; {_fix([cell for _, cell in unknown])}"
    )


def _label(cell: object, similar_is_zero: bool) -> int | str | None:
    if cell is None or (isinstance(cell, float) and cell != cell):
        return None
    word = _word(cell)
    if not word:
        return None
    if word in _MEANING:
        if similar_is_zero:
            raise InputError(
                f"the label {_quoted(cell)} says itself what it means, so similar_is_zero "
                f"(--similar-is-zero) cannot be right; leave it out"
            )
        return _MEANING[word]
    if word not in _TRUTH:
        return "?"
    return 1 - _TRUTH[word] if similar_is_zero else _TRUTH[word]


def _word(cell: object) -> str:
    text = str(cell).strip().casefold()
    if text[:1] == "-":
        return text
    word = " ".join(text.replace("_", " ").replace("-", " ").split())
    head, dot, tail = word.partition(".")
    return head if dot and head in ("0", "1") and not tail.strip("0") else word


def _fix(cells: Sequence[object]) -> str:
    numbers = [_number(cell) for cell in cells]
    if not all(number is not None and math.isfinite(number) for number in numbers):
        return "write 1 for the same and 0 for different, and nothing where there is no label"
    if set(numbers) <= {0.0, 1.0}:
        return "write 1 for the same and 0 for different"
    if set(numbers) <= {-1.0, 1.0}:
        return "labels coded -1/+1 are not guessed at: write 0 where the pair differs (-1)"
    return "a graded score is no label: choose a cut-off and write 1 at or above it and 0 below"


def _number(cell: object) -> float | None:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _quoted(cell: object) -> str:
    shown = str(cell)
    return f'"{shown if len(shown) <= 40 else shown[:39] + "…"}"'
