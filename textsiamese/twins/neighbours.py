"""The nearest of many vectors by cosine: exact, block by block, in bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from textsiamese.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

BLOCK_BYTES = 1 << 26
_CELL_BYTES = 12  # of a product, its partition, and what is looked at again
_KEPT_BYTES = 96  # of one neighbour while two lists of them are merged
_AGAIN = 1024
_UNSEEN, _OWN = -2.0, -3.0  # below every cosine


@dataclass(frozen=True)
class Neighbours:
    """The k nearest known vectors of each of n queries, best first.

    Attributes:
        indices: int64 (n, k), their rows among the known; of equally near ones the lower first.
        similarities: float32 (n, k), their cosines, in [-1, 1].
    """

    indices: Ints
    similarities: Floats


def nearest(
    queries: Floats,
    known: Floats,
    k: int,
    *,
    exclude: Ints | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Neighbours:
    """The ``k`` known vectors with the greatest cosine to each query.

    A product of matrices rounds the same two vectors differently from place to place. So it only
    proposes: what comes within its rounding of the k-th best is compared again, each two vectors
    by themselves. What is found, to the last bit, depends on no block and no number of threads.

    Args:
        queries: float32 (n, d), of any length; a vector of zeros has the cosine 0 with all.
        known: float32 (m, d); read block by block, so that it may lie in a file (`numpy.memmap`).
        k: how many to find, 1 or more; where fewer are known, all of them are found.
        exclude: (n,) the row of ``known`` that each query itself is, which it shall not find;
            ``np.arange(n)`` where the queries are the known ones.
        block_bytes: about what the search may hold in memory beside its arguments and its result;
            where most vectors are equal it is more, and the search slow.

    Raises:
        InputError: if the shapes do not fit, a vector holds NaN or infinity, or k is below 1.
    """
    own = np.full(len(queries), -1, dtype=np.int64) if exclude is None else exclude
    _check(queries, known, k, own)
    k = min(k, len(known) - (exclude is not None))
    found = _empty(len(queries), max(k, 0))
    if k < 1 or not len(queries):
        return found
    rows, width = _block_sizes(len(queries), queries.shape[1], k, block_bytes)
    for start in range(0, len(queries), rows):
        part = slice(start, start + rows)
        best = _nearest(queries[part], known, k, own[part], width)
        found.indices[part], found.similarities[part] = best.indices, best.similarities
    return found


def _nearest(queries: Floats, known: Floats, k: int, own: Ints, width: int) -> Neighbours:
    best, unit = _empty(len(queries), k), _unit(queries, "queries")
    rounding = 2 * (queries.shape[1] + 16) * np.finfo(np.float32).eps
    for start in range(0, len(known), width):
        block = known[start : start + width]
        product = unit @ _unit(block, "known").T
        mine = np.flatnonzero((own >= start) & (own < start + len(block)))
        product[mine, own[mine] - start] = _OWN
        bar = best.similarities[:, -1:]
        if k <= len(block):
            bar = np.maximum(bar, np.partition(product, -k, axis=1)[:, -k, None])
        row, column = np.nonzero(product >= bar - rounding)
        best = _merged(best, row, column + start, _cosines(queries, row, block, column))
    return best


def _merged(best: Neighbours, row: Ints, index: Ints, cosine: Floats) -> Neighbours:
    """The k best of each row, of those kept so far and others that come after them in the known."""
    n, k = best.indices.shape
    row = np.concatenate([np.repeat(np.arange(n), k), row])
    index = np.concatenate([best.indices.ravel(), index])
    cosine = np.concatenate([best.similarities.ravel(), cosine])
    order = np.lexsort((-cosine, row))  # stable
    first = np.searchsorted(row[order], np.arange(n))
    kept = order[(first[:, None] + np.arange(k)).ravel()]
    return Neighbours(index[kept].reshape(n, k), cosine[kept].reshape(n, k))


def _cosines(queries: Floats, row: Ints, known: Floats, column: Ints) -> Floats:
    """(c,) the cosines of single pairs, each from its two vectors alone; 1 where they are equal."""
    cosines = np.empty(len(row), dtype=np.float32)
    for start in range(0, len(row), _AGAIN):
        part = slice(start, start + _AGAIN)
        left, right = (x.astype(np.float64) for x in (queries[row[part]], known[column[part]]))
        lengths = np.sqrt(_dots(left, left) * _dots(right, right))
        cosines[part] = _dots(left, right) / np.where(lengths, lengths, 1)
    return cosines


def _dots(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.einsum("ij,ij->i", left, right)


def _unit(vectors: Floats, name: str) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise InputError(f"{name} hold NaN or infinity; leave those vectors out")
    return (vectors / np.where(lengths, lengths, 1)).astype(np.float32, copy=False)


def _empty(n: int, k: int) -> Neighbours:
    unseen = np.full((n, k), _UNSEEN, dtype=np.float32)
    return Neighbours(np.full((n, k), np.iinfo(np.int64).max), unseen)


def _block_sizes(n: int, dim: int, k: int, memory: int) -> tuple[int, int]:
    """How many queries and how many known vectors are compared at once: as many, if there are."""
    query, vector = 8 * dim + _KEPT_BYTES * k, 8 * dim
    both = (query + vector) / 2
    side = (math.sqrt(both**2 + _CELL_BYTES * memory) - both) / _CELL_BYTES
    rows = max(1, min(n, int(side)))
    return rows, max(1, (memory - query * rows) // (_CELL_BYTES * rows + vector))


def _check(queries: Floats, known: Floats, k: int, own: Ints) -> None:
    if queries.ndim != 2 or known.ndim != 2 or queries.shape[1] != known.shape[1]:
        raise InputError(
            "queries and known have the shapes (n, d) and (m, d), "
            f"not {queries.shape} and {known.shape}"
        )
    if k < 1:
        raise InputError(f"k is {k!r}; it must be a whole number, 1 or more")
    if own.shape != (len(queries),) or own.max(initial=-1) >= len(known):
        raise InputError(
            f"exclude names one row of the {len(known)} known vectors for each of "
            f"{len(queries)} queries; it has the shape {own.shape}"
        )
