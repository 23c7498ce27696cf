"""Of what is known, what matches best: proposed by cosine, ranked by what the twin says of it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from textsiamese.cores import usable_cores
from textsiamese.serving.known import Known
from textsiamese.serving.tally import Tally
from textsiamese.twins.distinct import distinct_inputs
from textsiamese.twins.neighbours import nearest
from textsiamese.twins.twin import FOREIGN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textsiamese.twins.twin import Twin

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

LEAST, TIMES = 64, 4
"""So many candidates at least, and so many times as many as are asked for."""
_BLOCK = 2048
_CANDIDATES = 1 << 21  # of all queries at once


@dataclass(frozen=True)
class Ranked:
    """The best matches of some queries: those of the first one, best first, then the next one's.

    Attributes:
        query: int64 (p,), whose match it is.
        rank: int64 (p,), from 1.
        row: int64 (p,), the row of the right side.
        similarity: float64 (p,), the twin's own, of the two vectors.
        probability: float64 (p,), that both are the same; None without a decision.
    """

    query: Ints
    rank: Ints
    row: Ints
    similarity: NDArray[np.float64]
    probability: NDArray[np.float64] | None

    @classmethod
    def joined(cls, parts: Sequence[tuple[int, Ranked]]) -> Ranked:
        """One of one or more, each with the number of its first query among those of all."""
        found = [part for _, part in parts]
        likely = [part.probability for part in found if part.probability is not None]
        return cls(
            np.concatenate([part.query + start for start, part in parts]),
            np.concatenate([part.rank for part in found]),
            np.concatenate([part.row for part in found]),
            np.concatenate([part.similarity for part in found]),
            np.concatenate(likely) if likely else None,
        )

    def at_least(self, probability: float | None) -> Ranked:
        """Those with this probability or a greater one; all, for None."""
        if probability is None or self.probability is None:
            return self
        kept = self.probability >= probability
        return Ranked(
            self.query[kept],
            self.rank[kept],
            self.row[kept],
            self.similarity[kept],
            self.probability[kept],
        )


def best_matches(
    twin: Twin, inputs: Sequence[Any], known: Known, k: int, least: float | None = None
) -> tuple[Ranked, dict[int, str], Tally]:
    """The best matches of some left inputs; None among them has none.

    Args:
        twin, known, k: as for `rank`.
        inputs: texts, or pictures.
        least: the probability that a match has at least; None: any.

    Returns:
        them, by the number of the input; why a picture cannot be read, by its number; and the
        counts of distinct texts, and of those that were cut or that the twin hardly knows.
    """
    there = np.flatnonzero([each is not None for each in inputs])
    distinct, rows = distinct_inputs(inputs[row] for row in there.tolist())
    tower = twin.tower("left")
    encoded = tower.runtime.encode(distinct)
    read = np.array([row not in encoded.problems for row in rows.tolist()], dtype=np.bool_)
    found = rank(twin, encoded.vectors[rows[read]], known, k).at_least(least)
    faults = {int(there[i]): encoded.problems[int(rows[i])] for i in np.flatnonzero(~read)}
    foreign = int((encoded.unknown > FOREIGN).sum())
    noticed = Tally(texts=tower.count_texts(distinct), cut=int(encoded.cut.sum()), foreign=foreign)
    return replace(found, query=there[read][found.query]), faults, noticed


def rank(twin: Twin, queries: Floats, known: Known, k: int) -> Ranked:
    """The ``k`` best matches of each query, by the twin's similarity.

    An exact search by cosine proposes 4 k of the distinct known inputs, and 64 at least; the twin
    compares the query with each of them, and the best k stay. So where the twin's similarity is
    the cosine the k best of all are found; a pair head may see something in an input whose cosine
    is lower than that of all those, which is then missed. (The pair head of lstm-quora, 200
    questions of quora/dev, 20,000 known ones: the best of all was among 64 for 195 of them, and
    for all 171 whose best it calls the same; of the five best, 93% were.) Inputs that are there
    several times give several matches; where the similarity is equal, the lower row comes first.

    Args:
        twin: what compares.
        queries: float32 (q, d), vectors of its left side.
        known: its right side.
        k: how many, 1 or more; all, where fewer are known.
    """
    rows = max(1, _CANDIDATES // max(TIMES * k, LEAST))
    starts = range(0, max(1, len(queries)), rows)
    return Ranked.joined(
        [(start, _rank(twin, queries[start : start + rows], known, k)) for start in starts]
    )


def _rank(twin: Twin, queries: Floats, known: Known, k: int) -> Ranked:
    proposed = nearest(queries, known.vectors, max(TIMES * k, LEAST)).indices
    similarity = _compared(twin, queries, known.vectors, proposed)
    order = np.lexsort((proposed, -similarity))[:, :k]
    best = np.take_along_axis(proposed, order, axis=1)
    return _numbered(twin, known, best, np.take_along_axis(similarity, order, axis=1), k)


def _compared(twin: Twin, queries: Floats, known: Floats, proposed: Ints) -> NDArray[np.float64]:
    """(q, c): the similarity of each query with each of its own c candidates."""
    query = np.repeat(np.arange(len(proposed)), proposed.shape[1])
    candidate = proposed.ravel()

    def measured(start: int) -> NDArray[np.float32]:
        part = slice(start, start + _BLOCK)
        return twin.measure(queries[query[part]], np.asarray(known[candidate[part]]))

    with ThreadPoolExecutor(usable_cores()) as pool:
        parts = list(pool.map(measured, range(0, len(query), _BLOCK)))
    return np.concatenate([*parts, np.zeros(0)], dtype=np.float64).reshape(proposed.shape)


def _numbered(
    twin: Twin, known: Known, best: Ints, similarity: NDArray[np.float64], k: int
) -> Ranked:
    """From the best distinct inputs, (q, k), to the best k rows of each query."""
    first = known.starts[best].ravel()
    each = np.minimum(known.starts[best + 1] - known.starts[best], k)
    last = ((np.cumsum(each, axis=1) - each) < k).sum(axis=1, keepdims=True) - 1
    reached = similarity >= np.take_along_axis(similarity, last, axis=1)
    count = np.where(reached, each, 0).ravel()
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    query = np.repeat(np.arange(len(best)), best.shape[1]).repeat(count)
    row, alike = known.rows[np.repeat(first, count) + place], similarity.ravel().repeat(count)
    order = np.lexsort((row, -alike, query))
    query, row, alike = query[order], row[order], alike[order]
    number = np.arange(len(query)) - np.searchsorted(query, query) + 1
    kept = number <= k
    decision, alike = twin.decision, alike[kept]
    probability = None if decision is None else decision.probability(alike)
    return Ranked(query[kept], number[kept], row[kept], alike, probability)
