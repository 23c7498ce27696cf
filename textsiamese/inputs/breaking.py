"""Breaks a component that is too large for train into three parts between which few pairs cross."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from textsiamese.inputs.components import connected_components

Ints = NDArray[np.int64]
_STARTS = 8
_STEPS = 1000


def break_component(
    questions: Ints, labels: NDArray[np.int8], due: Ints, outside: Ints, rng: np.random.Generator
) -> Ints:
    """The side of each question of one component, (m,): 0 train, 1 dev, 2 test.

    The component is laid out from one end to the other, breadth first, so that what pairs join
    lies close together. Dev gets the one end, test the other and train the middle: pairs cross in
    two places only, while from questions dealt out at random they would cross everywhere. What is
    laid out are groups of questions that same pairs join, so that only different pairs cross; a
    group of more same pairs than train is due is laid out question by question.

    The two places are those at which the side that is worst off, over both labels, holds the
    greatest part of its due. Of a few layouts, each from a start that ``rng`` draws, the one that
    is best at this is taken.

    Args:
        questions: (n, 2) in [0, m), the two questions of each pair; all in one component.
        labels: (n,) 1 = same, 0 = different.
        due: (3, 2) pairs of label 0 and of label 1 that train, dev and test are due.
        outside: (2,) pairs of either label in other components; dev and test have first call on
            them.
        rng: draws the starts.
    """
    group = _groups(questions, labels == 1, int(due[0, 1]))
    links = group[questions]
    starts = rng.integers(group.max() + 1, size=_STARTS)
    places = [_breadth_first(links, start) for start in starts]
    cuts = [_Line(place[links], labels, due, outside).cut() for place in places]
    best = max(range(_STARTS), key=lambda i: cuts[i].served)
    place, cut = places[best][group], cuts[best]
    return np.select([place < cut.begin, place >= cut.end], [1, 2], 0).astype(np.int64)


def _groups(questions: Ints, same: NDArray[np.bool_], most: int) -> Ints:
    """The group of each question, (m,); questions of a group of too many pairs are alone."""
    size = int(questions.max()) + 1
    group = connected_components(questions[same, 0], questions[same, 1], size)
    large = np.bincount(group[questions[same, 0]], minlength=size) > most
    alone = size + np.arange(size)
    return np.unique(np.where(large[group], alone, group), return_inverse=True)[1]


def _breadth_first(links: Ints, start: int) -> Ints:
    """The place of each group, breadth first from the group that is farthest from ``start``."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    size = int(links.max()) + 1
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(size, size)).tocsr()
    for _ in range(2):
        order = breadth_first_order(graph, start, directed=False, return_predecessors=False)
        start = order[-1]
    return np.argsort(order)


class _Cut(NamedTuple):
    """Dev lies before ``begin``, test from ``end`` on; ``served`` says how good that is.

    It is the part of its due that the side worst off is sure of, in thousandths.
    """

    served: int
    begin: int
    end: int


class _Line:
    """Pairs between places on a line, which is to be cut into dev, train and test."""

    def __init__(self, places: Ints, labels: NDArray[np.int8], due: Ints, outside: Ints) -> None:
        """Sort the pairs, whose two ends lie at ``places``, (n, 2); see `break_component`."""
        low, high = places.min(axis=1), places.max(axis=1)
        self._length = int(high.max()) + 1
        self._low, self._high, self._labels = low, high, labels
        # one more at the far end, out of reach, for ends that ask for more pairs than there are
        self._lows = [np.append(-1, np.sort(low[labels == label])) for label in (0, 1)]
        self._highs = [np.append(np.sort(high[labels == label]), self._length) for label in (0, 1)]
        self._due, self._outside = due, outside

    def cut(self) -> _Cut:
        """The best cut."""
        steps = range(1, _STEPS + 1)
        served = bisect_left(steps, True, key=lambda step: not self._suffices(step / _STEPS))
        return _Cut(served, *self._ends(served / _STEPS))

    def _suffices(self, part: float) -> bool:
        """Whether every side can have this part of its due."""
        spare = np.maximum(self._outside - part * self._due[1:].sum(axis=0), 0)
        train = self._middle(*self._ends(part)) + spare
        return bool((train >= part * self._due[0]).all())

    def _ends(self, part: float) -> tuple[int, int]:
        """The shortest ends that, with pairs outside, give dev and test this part of their due."""
        held_out = np.maximum(self._due[1:].sum(axis=0), 1)
        wanted = np.ceil((part - self._outside / held_out) * self._due[1:] - 1e-9).astype(int)
        begin, end = 0, self._length
        for label, (dev, test) in enumerate(wanted.T):
            if dev > 0:
                highs = self._highs[label]
                begin = max(begin, int(highs[min(dev, len(highs)) - 1]) + 1)
            if test > 0:
                lows = self._lows[label]
                end = min(end, int(lows[-min(test, len(lows))]))
        return begin, end

    def _middle(self, begin: int, end: int) -> Ints:
        """Pairs of either label between the ends, (2,); none where these overlap."""
        inside = (self._low >= begin) & (self._high < end)
        return np.bincount(self._labels[inside], minlength=2)
