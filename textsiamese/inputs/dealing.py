"""Deals questions to the sides of a split, component by component."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from textsiamese.inputs.breaking import Ints, break_component

Shares = tuple[float, float, float]


def deal_questions(
    questions: Ints,
    labels: NDArray[np.int8],
    component: Ints,
    shares: Shares,
    rng: np.random.Generator,
) -> Ints:
    """The side of each question, (m,): 0 train, 1 dev, 2 test.

    Components stay whole, but for those that hold more pairs of a label than train is due.

    Args:
        questions: (n, 2) in [0, m), the two questions of each pair.
        labels: (n,) 1 = same, 0 = different.
        component: (m,) the component of each question.
        shares: of train, dev and test; they add up to 1.
        rng: draws what is left to chance.
    """
    counts = _count(component[questions], labels)
    total = counts.sum(axis=0)
    due = due_pairs(total, shares)
    part, placed = component.copy(), [-1] * len(counts)
    for large in np.flatnonzero((counts > due[0]).any(axis=1)):
        inside = component[questions[:, 0]] == large
        members, ends = np.unique(questions[inside], return_inverse=True)
        ends = ends.reshape(-1, 2)
        sides = break_component(ends, labels[inside], due, total - counts[large], rng)
        part[members] = len(placed) + sides
        placed += [0, 1, 2]
    counts = _count(part[questions], labels, len(placed))
    due = due_pairs(counts.sum(axis=0), shares)
    return deal_components(counts, due, np.array(placed), rng)[part]


def due_pairs(counts: Ints, shares: Shares) -> Ints:
    """How many pairs of each label every side is due, (3, 2): train, dev, test; labels 0, 1.

    Dev and test are due at least one pair of each label that there is, unless their share is 0;
    train is due the rest.

    Args:
        counts: (2,) pairs of label 0 and of label 1.
        shares: of train, dev and test; they add up to 1.
    """
    exact = np.outer(shares, counts)
    due = np.where(exact > 0, np.maximum(np.rint(exact), 1), 0).astype(np.int64)
    due[0] = counts - due[1:].sum(axis=0)
    return due


def deal_components(counts: Ints, due: Ints, placed: Ints, rng: np.random.Generator) -> Ints:
    """The side of each component, (k,): 0 train, 1 dev, 2 test.

    Large components come first and go to train, as long as it has room for their pairs of either
    label. Large is one of more pairs than the square root of the pairs of the smaller held-out
    side: pairs on one topic tend to be judged right or wrong together, and m that do so add m^2 to
    the variance of the number of right answers, to which n independent pairs add less than n. One
    topic alone would then move the side's numbers more than chance does.

    The others follow, the largest first, equally large ones in an order that ``rng`` draws. Each
    goes to the side where it lowers Pearson's chi-squared the most: the sum over sides and labels
    of (pairs there - pairs due)^2 / pairs expected, where a side expects what it still has room for
    once the large ones lie, in the labels' proportion in all. So every side gets its part of the
    components of every size, and the small ones at the end even out what the others left uneven.

    If a side is then without a label that it is due, it gets the smallest component that has it.

    Args:
        counts: (k, 2) pairs of label 0 and of label 1 in each component.
        due: (3, 2) as `due_pairs` gives them; a side that is due nothing gets nothing.
        placed: (k,) the side of a component where that is settled, else -1.
        rng: draws the order.
    """
    side = placed.copy()
    room = due - np.array([counts[placed == k].sum(axis=0) for k in range(3)])
    sizes = counts.sum(axis=1)
    order = rng.permutation(len(counts))
    order = order[np.argsort(-sizes[order], kind="stable")]
    limit = math.sqrt(min(pairs for pairs in due[1:].sum(axis=1) if pairs))
    for large in order[(sizes[order] > limit) & (side[order] < 0)]:
        if (counts[large] <= room[0]).all():
            side[large] = 0
            room[0] -= counts[large]
    rest = order[side[order] < 0]
    expected = np.outer(np.maximum(room.sum(axis=1), 1), due.sum(axis=0) / due.sum())
    side[rest] = _spread(
        zip(*counts[rest].T.tolist(), strict=True), room, np.where(due > 0, expected, np.inf)
    )
    return _supplied(side, counts, due, placed < 0)


def _spread(
    counts: Iterable[tuple[int, int]], room: Ints, expected: NDArray[np.float64]
) -> list[int]:
    """The side of each component, one after the other; see `deal_components`.

    Args:
        counts: pairs of label 0 and of label 1 in each.
        room: (3, 2) pairs that each side is still due.
        expected: (3, 2) above 0; infinite where a side is due nothing.
    """
    sides = [k for k in range(3) if np.isfinite(expected[k]).any()]
    rooms, weights = room.tolist(), (1 / expected).tolist()
    chosen = []
    for different, same in counts:
        best, most = -1, -math.inf
        for k in sides:
            (room_0, room_1), (weight_0, weight_1) = rooms[k], weights[k]
            lowered = different * (2 * room_0 - different) * weight_0
            lowered += same * (2 * room_1 - same) * weight_1
            if lowered > most:
                best, most = k, lowered
        rooms[best][0] -= different
        rooms[best][1] -= same
        chosen.append(best)
    return chosen


def _supplied(side: Ints, counts: Ints, due: Ints, free: NDArray[np.bool_]) -> Ints:
    """The sides, none without a label that it is due, if moving small components can help it.

    Moved is what is ``free``, (k,), and leaves behind a pair of every label that it has.
    """
    side, sizes = side.copy(), counts.sum(axis=1)
    for k, label in np.argwhere(due > 0):
        there = np.array([counts[side == each].sum(axis=0) for each in range(3)])
        spared = ((there[side] > counts) | (counts == 0)).all(axis=1)
        fit = np.flatnonzero(free & spared & (counts[:, label] > 0))
        if not there[k, label] and len(fit):
            side[fit[sizes[fit].argmin()]] = k
    return side


def _count(ends: Ints, labels: NDArray[np.int8], size: int = 0) -> Ints:
    """Pairs of label 0 and of label 1 in each part, (k, 2); a pair between two parts is in none.

    Args:
        ends: (n, 2) the part at either end of each pair.
        labels: (n,) 1 = same, 0 = different.
        size: k, at least.
    """
    inside = ends[:, 0] == ends[:, 1]
    size = max(size, int(ends.max(initial=-1)) + 1)
    places = 2 * ends[inside, 0] + labels[inside]
    return np.bincount(places, minlength=2 * size).reshape(size, 2)
