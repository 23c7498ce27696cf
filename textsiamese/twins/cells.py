"""The nearest of very many vectors, most of them: looked for in the cells where they should lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from textsiamese.twins.neighbours import Neighbours, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

CELL, PROBES = 1024, 32
_SAMPLE = 40  # vectors that a centre is learnt from
_ROUNDS = 5
_BLOCK = 8192
_NONE, _UNSEEN = -1, -2.0  # no row, and below every cosine


class Cells:
    """Vectors in cells, each in that of the nearest centre (an inverted file: Jegou 2011).

    The centres are those of spherical k-means (Dhillon and Modha 2001) on a sample. Of the three
    nearest to each of 400 among 786,663 questions, by the vectors of lstm-quora, 32 cells of 768
    held 90% (8 cells 68%, 64 cells 96%).

    Args:
        vectors: float32 (n, d), n at least 1, of unit length.
        random: draws the sample.
        size: how many vectors a cell has, about.
    """

    def __init__(self, vectors: Floats, random: np.random.Generator, size: int = CELL) -> None:
        self._vectors = vectors
        self._centres = _centres(vectors, max(1, round(len(vectors) / size)), random)
        own = _probed(vectors, np.arange(len(vectors)), self._centres, 1)
        self._members = _rows_of_each(own, len(self._centres))

    def nearest(self, queries: Ints, k: int, probes: int = PROBES) -> Neighbours:
        """The nearest vectors to some of them, never themselves, as `neighbours.nearest` has them.

        They are exact among the vectors of so many cells, those of the centres nearest to the
        query: among all, if there are no more cells.

        Args:
            queries: (q,) the rows of the vectors to find the nearest for.
            k: how many, 1 or more; an index of -1 stands where there are fewer.
            probes: how many cells are looked into.
        """
        best = Neighbours(
            np.full((len(queries), k), _NONE), np.full((len(queries), k), _UNSEEN, np.float32)
        )
        probed = _probed(self._vectors, queries, self._centres, probes)
        asking = _rows_of_each(probed, len(self._centres))
        for places, members in zip(asking, self._members, strict=True):
            rows = places // probed.shape[1]
            if len(rows) and len(members):
                _merge(best, rows, self._among(members, queries[rows], k))
        return best

    def _among(self, members: Ints, queries: Ints, k: int) -> Neighbours:
        found = nearest(self._vectors[queries], self._vectors[members], k + 1)
        indices = members[found.indices]
        itself = indices == queries[:, None]
        return Neighbours(
            np.where(itself, _NONE, indices), np.where(itself, _UNSEEN, found.similarities)
        )


def _merge(best: Neighbours, rows: Ints, found: Neighbours) -> None:
    """Keep of the best so far, in these rows, and of what was found the nearest."""
    k = best.indices.shape[1]
    indices = np.concatenate([best.indices[rows], found.indices], axis=1)
    cosines = np.concatenate([best.similarities[rows], found.similarities], axis=1)
    kept = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    best.indices[rows] = np.take_along_axis(indices, kept, axis=1)
    best.similarities[rows] = np.take_along_axis(cosines, kept, axis=1)


def _rows_of_each(values: NDArray[np.int32], count: int) -> list[Ints]:
    """For each number below ``count`` where it stands among the values, row by row."""
    ends = np.cumsum(np.bincount(values.ravel(), minlength=count))
    return np.split(np.argsort(values, axis=None, kind="stable"), ends[:-1])


def _centres(vectors: Floats, count: int, random: np.random.Generator) -> Floats:
    sample = vectors[np.sort(random.permutation(len(vectors))[: _SAMPLE * count])]
    centres = sample[random.permutation(len(sample))[:count]]
    for _ in range(_ROUNDS):
        own = _probed(sample, np.arange(len(sample)), centres, 1)[:, 0]
        sums = np.zeros_like(centres)
        np.add.at(sums, own, sample)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 0, sums / np.where(lengths > 0, lengths, 1), centres)
    return centres


def _probed(vectors: Floats, rows: Ints, centres: Floats, probes: int) -> NDArray[np.int32]:
    """(m, probes), the numbers of the centres nearest to some vectors; fewer if there are."""
    probes = min(probes, len(centres))
    found = np.empty((len(rows), probes), dtype=np.int32)
    for start in range(0, len(rows), _BLOCK):
        some = slice(start, start + _BLOCK)
        cosines = vectors[rows[some]] @ centres.T
        found[some] = np.argpartition(-cosines, probes - 1, axis=1)[:, :probes]
    return found
