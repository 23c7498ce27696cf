"""Connected components of a graph: which items a chain of links joins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def connected_components(
    one: NDArray[np.int64], other: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    """The component of each of ``size`` items, numbered in order of their first items.

    Args:
        one: (k,) an end of each link, in [0, size).
        other: (k,) its other end.
        size: n, the number of items.

    Returns:
        (n,) int64, equal where a chain of links joins two items.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components as found

    links = coo_array((np.ones(len(one), dtype=np.bool_), (one, other)), shape=(size, size))
    numbers = found(links, directed=False)[1]
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)
