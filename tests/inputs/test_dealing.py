from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.inputs.dealing import deal_components, deal_questions, due_pairs

SHARES = (0.8, 0.1, 0.1)


def there(counts: np.ndarray, side: np.ndarray) -> np.ndarray:
    return np.array([counts[side == k].sum(axis=0) for k in range(3)])


def dealt(counts: list[tuple[int, int]], shares=SHARES, placed=None, seed=0) -> np.ndarray:
    table = np.array(counts, dtype=np.int64)
    settled = np.full(len(table), -1) if placed is None else np.array(placed)
    due = due_pairs(table.sum(axis=0), shares)
    return deal_components(table, due, settled, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("counts", "shares", "due"),
    [
        ([640, 360], SHARES, [[512, 288], [64, 36], [64, 36]]),
        ([7, 3], SHARES, [[5, 1], [1, 1], [1, 1]]),
        ([0, 12], SHARES, [[0, 10], [0, 1], [0, 1]]),
        ([50, 50], (0.7, 0.3, 0.0), [[35, 35], [15, 15], [0, 0]]),
    ],
)
def test_what_is_due(counts, shares, due) -> None:
    assert due_pairs(np.array(counts), shares).tolist() == due


def test_pairs_of_their_own_are_dealt_exactly() -> None:
    side = dealt([(1, 0)] * 640 + [(0, 1)] * 360)
    assert there(np.array([(1, 0)] * 640 + [(0, 1)] * 360), side).tolist() == [
        [512, 288],
        [64, 36],
        [64, 36],
    ]


some_counts = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(any), max_size=30)


@given(some_counts, st.integers(0, 5))
def test_small_pairs_even_out_what_larger_components_left_uneven(larger, seed) -> None:
    counts = np.array([*larger, *[(1, 0)] * 200, *[(0, 1)] * 200])
    side = dealt(counts.tolist(), seed=seed)
    due = due_pairs(counts.sum(axis=0), SHARES)
    assert np.abs(there(counts, side) - due).max() <= 1


@given(some_counts, st.integers(0, 5))
def test_each_goes_where_it_lowers_chi_squared_the_most(counts, seed) -> None:
    """With none large; an order that the slow search can know: no two components alike in size."""
    sizes = sorted({a + b: (a, b) for a, b in counts}.items(), reverse=True)
    table = [*[pair for _, pair in sizes if sum(pair) > 1], *[(1, 0)] * 700, *[(0, 1)] * 500]
    due = due_pairs(np.array(table).sum(axis=0), SHARES)
    side = dealt(table, seed=seed)
    have, all_of_it = np.zeros((3, 2), int), int(due.sum())

    def chi_squared(have: np.ndarray) -> Fraction:
        expected = [[Fraction(int(a * b), all_of_it) for b in due.sum(0)] for a in due.sum(1)]
        gaps = have - due
        return sum(int(gaps[k, c]) ** 2 / expected[k][c] for k in range(3) for c in range(2))

    for component in range(sum(sum(pair) > 1 for _, pair in sizes)):
        after = [have + np.outer(np.arange(3) == k, table[component]) for k in range(3)]
        results = [chi_squared(each) for each in after]
        assert float(results[side[component]] - min(results)) < 1e-9
        have = after[side[component]]


def test_large_components_go_to_train() -> None:
    singles = [*[(1, 0)] * 400, *[(0, 1)] * 400]
    assert dealt([(6, 5)] * 18 + singles)[:18].max() == 0  # 11 pairs, over the root of 100
    assert dealt([(5, 5)] * 20 + singles)[:20].max() > 0  # 10 are not


def test_but_not_if_train_has_no_room_for_their_label() -> None:
    side = dealt([(0, 78), (0, 12), *[(1, 0)] * 900, *[(0, 1)] * 10])
    assert side[0] == 0
    assert side[1] != 0


def test_components_of_every_size_come_to_every_side() -> None:
    counts = [(m, 0) for m in range(1, 9) for _ in range(100)] + [(0, 1)] * 100
    side = dealt(counts)
    for size in range(8):
        of_size = np.bincount(side[100 * size : 100 * (size + 1)], minlength=3)
        assert np.abs(of_size - [80, 10, 10]).max() <= 3


def test_what_is_placed_stays() -> None:
    placed = [2, 1, 0, *[-1] * 100]
    side = dealt([(3, 3)] * 3 + [(1, 1)] * 100, placed=placed)
    assert side[:3].tolist() == [2, 1, 0]
    assert np.bincount(side[3:]).min() > 0


def test_a_side_that_is_due_nothing_gets_nothing() -> None:
    side = dealt([(1, 1)] * 50, shares=(0.8, 0.2, 0.0))
    assert np.bincount(side, minlength=3).tolist() == [40, 10, 0]


@pytest.mark.parametrize("seed", range(5))
def test_no_side_is_left_without_a_label_for_want_of_small_components(seed) -> None:
    counts = np.array([(6, 4)] * 6)
    assert there(counts, dealt(counts.tolist(), seed=seed)).min() > 0


def test_questions_of_a_component_lie_together_unless_it_is_too_large() -> None:
    chain = [(i, i + 1) for i in range(60)]
    apart = [(100 + 2 * i, 101 + 2 * i) for i in range(40)]
    questions = np.array(chain + apart)
    questions[60:] -= 39
    labels = np.zeros(100, dtype=np.int8)
    component = np.repeat(np.arange(41), [61, *[2] * 40])
    rng = np.random.default_rng(0)
    side = deal_questions(questions, labels, component, SHARES, rng)
    assert all(len(set(side[component == each])) == 1 for each in range(41))
    side = deal_questions(questions, labels, component, (0.4, 0.3, 0.3), rng)
    assert len(set(side[component == 0])) > 1
    assert all(len(set(side[component == each])) == 1 for each in range(1, 41))
