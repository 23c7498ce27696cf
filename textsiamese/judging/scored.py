"""Scores beside labels: the one check that every number of this package starts from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from textsiamese.errors import InputError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def checked(scores: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[Floats, Bools]:
    """The scores as float64 (n,) and the labels as bool (n,), True = same.

    Args:
        scores: (n,) finite numbers: similarities, probabilities or 0/1 predictions.
        labels: (n,) of 0 or 1 (or bool), 1 = same.

    Raises:
        InputError: if a score is not a finite number, a label is not 0 or 1, or the lengths differ.
    """
    given = _column(scores, "scores")
    marks = _column(labels, "labels")
    if len(given) != len(marks):
        raise InputError(
            f"{len(given)} scores stand beside {len(marks)} labels: give one label a score."
        )
    _refuse(given, np.isfinite(given), "score", "a finite number")
    _refuse(marks, (marks == 0) | (marks == 1), "label", "0 (different) or 1 (same)")
    return given, marks == 1


def checked_probabilities(
    probability: npt.ArrayLike, labels: npt.ArrayLike
) -> tuple[Floats, Bools]:
    """As `checked`, and every score lies in [0, 1].

    Raises:
        InputError: as `checked`, or if a probability lies outside [0, 1].
    """
    given, same = checked(probability, labels)
    _refuse(given, (given >= 0) & (given <= 1), "probability", "in [0, 1]")
    return given, same


def _column(values: npt.ArrayLike, name: str) -> Floats:
    try:
        column = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as cause:
        raise InputError(f"The {name} are not all numbers: {cause}.") from cause
    if column.ndim != 1:
        raise InputError(f"The {name} have the shape {column.shape}: give one flat list of them.")
    return column


def _refuse(values: Floats, good: Bools, name: str, expected: str) -> None:
    if not good.all():
        row = int(np.argmin(good))
        raise InputError(f"The {name} at index {row} is {values[row]:g}: it must be {expected}.")
