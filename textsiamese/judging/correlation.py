"""Rank correlation: whether pairs that are graded higher also score higher."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from textsiamese.errors import InputError
from textsiamese.judging.scored import Floats


def spearman(scores: npt.ArrayLike, grades: npt.ArrayLike) -> float:
    """Spearman's rank correlation (1904), ties at their mean rank: Pearson's over the ranks.

    Args:
        scores: (n,) finite.
        grades: (n,) finite.

    Returns:
        in [-1, 1]; NaN for fewer than two pairs, or where either side is all one value.

    Raises:
        InputError: if the two are not finite numbers of one length.
    """
    one, other = (np.asarray(side, dtype=np.float64) for side in (scores, grades))
    if one.shape != other.shape or one.ndim != 1 or not np.isfinite([one, other]).all():
        raise InputError(
            f"scores {one.shape} and grades {other.shape} must be finite numbers of one shape (n,)"
        )
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return np.nan
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: Floats) -> Floats:
    """(n,) the rank of each value, equal ones at the mean of the places they take."""
    _, number, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[number]
