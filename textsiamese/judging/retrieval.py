"""Retrieval: how near the top of all candidates a query's right answers are, right on ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textsiamese.errors import InputError
from textsiamese.judging.bootstrap import mean_intervals
from textsiamese.judging.ranks import Ints, Vectors, check_rows, standings
from textsiamese.judging.scored import Floats

CUTS = (1, 5, 10)
_DEPTH = 10  # of nDCG


@dataclass(frozen=True)
class Retrieval:
    """How well queries find their right answers among all candidates, by cosine.

    Ties: every number is the one that is expected if equal candidates are put in an order at
    random (McSherry & Najork 2008), computed, not drawn. So neither luck nor the order of the rows
    helps, and vectors that are all equal get what chance gets: recall@1 of 1/m with one right
    answer among m candidates.

    Args:
        queries: those with a right answer, over which all means are taken.
        without_match: queries left out, as nothing belongs to them.
        candidates: among which is looked, for every query.
        recall: k -> share of queries with at least one right answer among the first k.
        median_rank: of the best right answer; 1 is the top.
        mrr: mean of 1 / rank of the best right answer.
        ndcg: mean normalised discounted cumulative gain of the first 10 (Järvelin & Kekäläinen
            2002): each right answer at rank i gains 1 / log2(1 + i), divided by what is gained
            when all of them come first.
        intervals: name of a measure -> 95% bootstrap interval (low, high); the median has none.
    """

    queries: int
    without_match: int
    candidates: int
    recall: dict[int, float]
    median_rank: float
    mrr: float
    ndcg: float
    intervals: dict[str, tuple[float, float]]

    @property
    def measures(self) -> dict[str, float]:
        """Name -> value, in the order to be shown, named as in `intervals`."""
        recall = {f"recall@{k}": share for k, share in self.recall.items()}
        rest = {"median_rank": self.median_rank, "mrr": self.mrr, f"ndcg@{_DEPTH}": self.ndcg}
        return recall | rest

    @property
    def counts(self) -> dict[str, int]:
        """Name -> number, in the order to be shown."""
        names = ("queries", "without_match", "candidates")
        return {name: getattr(self, name) for name in names}

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values for `json.dumps`."""
        ends = {name: list(interval) for name, interval in self.intervals.items()}
        return {**self.counts, **self.measures, "intervals": ends}


@dataclass(frozen=True)
class BothWays:
    """Retrieval of right inputs for left ones, and of left inputs for right ones."""

    left_to_right: Retrieval
    right_to_left: Retrieval

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values for `json.dumps`."""
        ways = {"left_to_right": self.left_to_right, "right_to_left": self.right_to_left}
        return {name: way.to_json() for name, way in ways.items()}

    def __str__(self) -> str:
        """A table for people: a line a measure, with its interval, both ways."""
        ways = (self.left_to_right, self.right_to_left)
        lines = [f"{'retrieval':<22}{'left to right':<31}right to left"]
        for name in ways[0].counts:
            lines.append(_line(name, [f"{way.counts[name]:>9,}" for way in ways]))
        for name in ways[0].measures:
            lines.append(_line(name, [_cell(way, name) for way in ways]))
        return "\n".join(lines)


def measure_retrieval(
    queries: Vectors,
    candidates: Vectors,
    relevant: Ints,
    *,
    k: Sequence[int] = CUTS,
    itself: Ints | None = None,
    seed: int = 0,
) -> Retrieval:
    """Look for the right answers of each query among all candidates, in bounded memory.

    Args:
        queries: (n, d) finite, of any length.
        candidates: (m, d) likewise; they may lie in a file.
        relevant: (r, 2) rows of queries and of candidates that belong together, in any order; a
            query may have several right answers, and a candidate be the answer to several.
        k: cuts of the recall, each 1 or more.
        itself: (e, 2) rows that are one and the same input: no candidate and no right answer
            of its query, each query there once at most.
        seed: draws the bootstrap.

    Raises:
        InputError: if shapes or row numbers do not fit, a vector holds NaN or infinity, a cut
            is below 1, or no query has a right answer.
    """
    if not k or any(cut < 1 for cut in k):
        raise InputError(f"k is {tuple(k)}; it must be one or more whole numbers, each 1 or more")
    check_rows(queries, candidates, relevant)
    pairs = np.unique(relevant, axis=0)  # each once, and those of a query together
    if itself is not None:
        check_rows(queries, candidates, itself)
        pairs = pairs[~np.isin(pairs @ [len(candidates), 1], itself @ [len(candidates), 1])]
    if not len(pairs):
        raise InputError("no query has a right answer, so there is nothing to look for")
    above, tied = standings(queries, candidates, pairs, itself)
    first = np.flatnonzero(np.diff(pairs[:, 0], prepend=-1))  # of each query's right answers
    best = _best(above, tied, first)
    kinds, kind = np.unique(best, axis=0, return_inverse=True)
    expected = np.array([_expected(each, k) for each in kinds])[kind]
    values = {f"recall@{cut}": expected[:, i] for i, cut in enumerate(k)}
    values["mrr"] = expected[:, -1]
    values[f"ndcg@{_DEPTH}"] = _gains(above, tied, first)
    means = {name: float(column.mean()) for name, column in values.items()}
    ranks = best[:, 0] + (best[:, 1] + 1) / (best[:, 2] + 1)
    return Retrieval(
        queries=len(first),
        without_match=len(queries) - len(first),
        candidates=len(candidates),
        recall={cut: means[f"recall@{cut}"] for cut in k},
        median_rank=float(np.median(ranks)),
        mrr=means["mrr"],
        ndcg=means[f"ndcg@{_DEPTH}"],
        intervals=mean_intervals(values, seed),
    )


def retrieve_both_ways(
    left: Vectors,
    right: Vectors,
    relevant: Ints,
    *,
    k: Sequence[int] = CUTS,
    itself: Ints | None = None,
    seed: int = 0,
) -> BothWays:
    """`measure_retrieval` of left vectors among the right ones, and the other way round.

    Args:
        left, right: (n, d) and (m, d).
        relevant, itself: rows of left and of right, as for `measure_retrieval`.
        k, seed: as there.

    Raises:
        InputError: as there.
    """
    turned = None if itself is None else itself[:, ::-1]
    return BothWays(
        measure_retrieval(left, right, relevant, k=k, itself=itself, seed=seed),
        measure_retrieval(right, left, relevant[:, ::-1], k=k, itself=turned, seed=seed),
    )


def _best(above: Ints, tied: Ints, first: Ints) -> Ints:
    """(q, 3) of each query's best right answer: above it, tied with it, right ones among these."""
    count = np.diff(first, append=len(above))
    least = np.minimum.reduceat(above, first)
    is_best = above == np.repeat(least, count)
    beside = np.maximum.reduceat(np.where(is_best, tied, 0), first)
    return np.stack([least, beside, np.add.reduceat(is_best, first, dtype=np.int64)], axis=1)


def _expected(best: Ints, k: Sequence[int]) -> list[float]:
    """Expected recall at each cut, then the expected 1 / rank, of a query with such a `_best`.

    The first right one of a run in random order is the i-th of it if those before it are wrong.
    """
    above, tied, right = map(int, best)
    place = np.arange(tied - right + 1)
    missed = np.cumprod(1 - right / (tied - place))  # the chance that the first ones are all wrong
    found = np.array([0.0, *(1 - missed)])
    recall = [float(found[min(max(cut - above, 0), len(place))]) for cut in k]
    return [*recall, float((np.diff(found) / (above + 1 + place)).sum())]


def _gains(above: Ints, tied: Ints, first: Ints) -> Floats:
    """(q,) nDCG: a right answer gains the mean of what the places that it shares with others do."""
    gained = np.cumsum([0.0, *(1 / np.log2(1 + np.arange(1, _DEPTH + 1)))])
    start, end = np.minimum(above, _DEPTH), np.minimum(above + tied, _DEPTH)
    gain = np.add.reduceat((gained[end] - gained[start]) / tied, first)
    return gain / gained[np.minimum(np.diff(first, append=len(above)), _DEPTH)]


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name.replace('_', ' '):<22}{cells[0]:<31}{cells[1]}".rstrip()


def _cell(way: Retrieval, name: str) -> str:
    value = way.measures[name]
    if name not in way.intervals:
        return f"{value:>9,.1f}"
    low, high = way.intervals[name]
    return f"{value:>9.4f}  {low:.4f} to {high:.4f}"
