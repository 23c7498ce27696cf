from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.inputs.breaking import break_component
from textsiamese.inputs.dealing import due_pairs

SHARES = (0.8, 0.1, 0.1)
NONE = np.zeros(2, dtype=np.int64)


def inside(questions: np.ndarray, labels: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Pairs of either label with both ends on each side, (3, 2)."""
    found = np.zeros((3, 2), dtype=np.int64)
    for (a, b), label in zip(questions, labels, strict=True):
        if side[a] == side[b]:
            found[side[a], label] += 1
    return found


def broken(questions, labels, *, shares=SHARES, outside=NONE, seed=0) -> np.ndarray:
    ends, marks = np.array(questions), np.array(labels, dtype=np.int8)
    due = due_pairs(np.bincount(marks, minlength=2) + outside, shares)
    return break_component(ends, marks, due, outside, np.random.default_rng(seed))


def chain(pairs: int) -> np.ndarray:
    """Pairs in a row; which question has which number is drawn."""
    names = np.random.default_rng(1).permutation(pairs + 1)
    return np.stack([names[:-1], names[1:]], axis=1)


@pytest.mark.parametrize("seed", range(3))
def test_a_chain_loses_two_pairs(seed) -> None:
    links, labels = chain(100), np.zeros(100, dtype=np.int8)
    side = broken(links, labels, seed=seed)
    assert inside(links, labels, side)[:, 0].tolist() == [78, 10, 10]


def test_only_what_other_components_do_not_give_is_cut_off() -> None:
    links, labels = chain(90), np.zeros(90, dtype=np.int8)
    side = broken(links, labels, outside=np.array([10, 0]))
    assert inside(links, labels, side)[:, 0].tolist() == [78, 5, 5]


def test_a_side_of_no_share_gets_nothing() -> None:
    links, labels = chain(100), np.zeros(100, dtype=np.int8)
    side = broken(links, labels, shares=(0.8, 0.2, 0.0))
    assert inside(links, labels, side)[:, 0].tolist() == [79, 20, 0]


def test_a_group_too_large_is_broken_too() -> None:
    links, labels = chain(100), np.ones(100, dtype=np.int8)
    assert inside(links, labels, broken(links, labels))[:, 1].tolist() == [78, 10, 10]


def test_a_star_cannot_be_broken() -> None:
    links = np.array([(0, i) for i in range(1, 41)])
    side = broken(links, np.arange(40) % 2)
    assert np.count_nonzero(inside(links, np.arange(40) % 2, side).sum(axis=1)) == 1


@pytest.mark.parametrize("seed", range(6))
def test_the_end_at_which_dev_is_cut_off_is_the_better_one(seed) -> None:
    clique = [(i, j) for i in range(9) for j in range(i)]  # 36 pairs: too many for test
    links = np.array(clique + [(i, i + 1) for i in range(8, 92)])
    labels = np.zeros(len(links), dtype=np.int8)
    side = broken(links, labels, shares=(0.6, 0.3, 0.1), seed=seed)
    assert set(side[:9]) == {1}
    assert inside(links, labels, side)[:, 0].tolist() == [70, 36, 12]


@pytest.mark.parametrize("seed", range(6))
def test_the_end_is_cut_off_where_fewer_pairs_cross(seed) -> None:
    groups = [(2 * i, 2 * i + 1) for i in range(92)]  # of two same questions each
    clique = [(2 * i, 2 * j) for i in range(9) for j in range(i)]
    links = np.array(groups + clique + [(2 * i, 2 * i + 2) for i in range(8, 91)])
    labels = np.repeat([1, 0], [92, len(links) - 92])
    outside = np.array([2000, 0])
    side = broken(links, labels, shares=(0.95, 0.05, 0.0), outside=outside, seed=seed)
    assert inside(links, labels, side).tolist() == [[114, 87], [4, 5], [0, 0]]


@given(st.lists(st.integers(0, 1), min_size=12, max_size=40), st.integers(0, 3))
def test_the_worst_served_side_of_a_chain_is_served_as_well_as_can_be(labels, seed) -> None:
    labels = np.array([*labels, 0, 1, 0, 1], dtype=np.int8)
    links = chain(len(labels))
    order = np.append(links[:, 0], links[-1, 1])
    due = due_pairs(np.bincount(labels, minlength=2), SHARES)

    def served(side: np.ndarray) -> float:
        return float(((inside(links, labels, side) + (due == 0)) / np.maximum(due, 1)).min())

    starts = [0, *(np.flatnonzero(labels == 0) + 1), len(order)]  # of the groups, in a row
    best = 0.0
    for i, begin in enumerate(starts):
        for end in starts[i:]:
            for first, last in ((1, 2), (2, 1)):
                side = np.zeros(len(order), dtype=np.int64)
                side[order[:begin]], side[order[end:]] = first, last
                best = max(best, served(side))
    assert served(broken(links, labels, seed=seed)) >= best - 0.001 - 1e-9


@given(st.data())
def test_groups_of_same_questions_stay_whole(data) -> None:
    size = data.draw(st.integers(6, 20))
    ties = [(i, data.draw(st.integers(0, i - 1))) for i in range(1, size)]
    more = data.draw(st.lists(st.tuples(*[st.integers(0, size - 1)] * 2), max_size=20))
    links = np.array(ties + more)
    labels = np.array([data.draw(st.integers(0, 4)) == 0 for _ in links], dtype=np.int8)
    due = due_pairs(np.bincount(labels, minlength=2), SHARES)
    side = broken(links, labels)
    assert side.shape == (size,)
    group = list(range(size))
    for _ in range(size):
        for a, b in links[labels == 1]:
            group[a] = group[b] = min(group[a], group[b])
    for each in set(group):
        members = [i for i in range(size) if group[i] == each]
        if sum(group[a] == each for a, _ in links[labels == 1]) <= due[0, 1]:
            assert len(set(side[members])) == 1
