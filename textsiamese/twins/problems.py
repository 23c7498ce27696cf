"""Which pairs a picture that cannot be read stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textsiamese.twins.runtime import Encoded


def by_pair(*sides: tuple[Encoded, NDArray[np.int64]]) -> dict[int, str]:
    """Why pairs cannot be compared, by their numbers: what is wrong on each side of them.

    Args:
        sides: a side's distinct inputs as they were encoded, and (n,) each pair's among them.
    """
    found: dict[int, list[str]] = {}
    for encoded, rows in sides:
        if encoded.problems:
            for pair in np.flatnonzero(np.isin(rows, list(encoded.problems))).tolist():
                found.setdefault(pair, []).append(encoded.problems[int(rows[pair])])
    return {pair: "; ".join(dict.fromkeys(faults)) for pair, faults in sorted(found.items())}
