"""Graded similarity: cells on a scale such as 0 to 5, read as shares of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from textsiamese.errors import InputError

GRADE_COLUMNS = ("similarity", "similarity_score", "score", "grade", "relatedness_score", "label")
_SHOWN = 5
_SAME = 0.8  # share of the scale from which on a pair counts as the same: 4 of 0 to 5


@dataclass(frozen=True)
class Grades:
    """Grades read from cells: ``values`` in [0, 1], or None where the cell is blank or unknown.

    ``unknown`` holds the numbers, from 0, of the cells that are no grade of the scale.
    """

    values: list[float | None]
    unknown: list[int]


@dataclass(frozen=True)
class Scale:
    """How a column grades similarity, and from which grade on a pair counts as the same.

    Args:
        low: the grade of pairs that have nothing in common.
        high: the grade of pairs that mean the same; above ``low``.
        same_from: the cut; four fifths of the way up if None (4 on a scale from 0 to 5).

    Raises:
        InputError: if ``high`` is not above ``low``, or the cut does not lie between them.
    """

    low: float
    high: float
    same_from: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise InputError(
                f"a scale runs from a lower to a higher number, not from {self.low} to {self.high}"
            )
        if self.same_from is not None and not self.low < self.same_from <= self.high:
            raise InputError(
                f"same_from is {self.same_from:g}; on a scale from {self.low:g} to {self.high:g} "
                f"it must lie above {self.low:g} and at most at {self.high:g}"
            )

    @classmethod
    def parse(cls, text: str, same_from: float | None = None) -> Scale:
        """The scale that a text such as "0-5" or "1:5" describes.

        Raises:
            InputError: if it describes none.
        """
        low, _, high = text.strip().replace(":", "-").rpartition("-")
        try:
            return cls(float(low), float(high), same_from)
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f'"{text}" is no scale; give its lowest and highest grade, such as 0-5'
            ) from None

    @property
    def cut(self) -> float:
        """The grade from which on a pair counts as the same."""
        if self.same_from is not None:
            return self.same_from
        return self.low + _SAME * (self.high - self.low)

    def read(self, cells: Sequence[object]) -> Grades:
        """Cells as shares of the scale, 0 at ``low`` and 1 at ``high``."""
        shares = [self._share(cell) for cell in cells]
        unknown = [row for row, share in enumerate(shares) if share is not None and share != share]
        return Grades([None if share != share else share for share in shares], unknown)

    def is_same(self, share: float) -> bool:
        """Whether a share of the scale reaches the cut."""
        return share >= (self.cut - self.low) / (self.high - self.low) - 1e-9

    def refusal(self, column: str, unknown: Sequence[tuple[str, object]]) -> str:
        """One sentence that names the grades nobody can read, each with its place ("line 7")."""
        shown = ", ".join(f'"{str(cell)[:40]}" ({place})' for place, cell in unknown[:_SHOWN])
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        return (
            f'column "{column}" holds grades that are no numbers from {self.low:g} to '
            f"{self.high:g}: {shown}{more}; mend them, or give the scale that they are on"
        )

    def _share(self, cell: object) -> float | None:
        """The share; None for a blank cell, NaN for one that is no grade of the scale."""
        if cell is None or cell != cell or (isinstance(cell, str) and not cell.strip()):
            return None
        try:
            grade = float(cell)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return math.nan
        if not self.low <= grade <= self.high:
            return math.nan
        return (grade - self.low) / (self.high - self.low)
