"""Batches of texts of equal length: no padding, no mask, and the same result in any company."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def equal_length_batches(
    lengths: NDArray[np.int64], rows: int, pieces: int | None = None
) -> Iterator[NDArray[np.int64]]:
    """Row numbers, longest texts first, so that threads which take them in turn end together.

    Args:
        lengths: (n,) pieces of each text.
        rows: the most texts of a batch.
        pieces: the most pieces of a batch, though a batch has one text at least.
    """
    order = np.argsort(-lengths, kind="stable")
    edges = np.flatnonzero(np.diff(lengths[order])) + 1
    for equal in np.split(order, edges):
        size = rows if pieces is None or not len(equal) else max(1, pieces // lengths[equal[0]])
        for start in range(0, len(equal), min(rows, size)):
            yield equal[start : start + min(rows, size)]
