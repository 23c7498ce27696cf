from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs.negatives import add_random_negatives
from textsiamese.inputs.pairs import Pairs


def same(links: list[tuple[str, str]]) -> Pairs:
    left, right = zip(*links, strict=True)
    return Pairs(list(left), list(right), np.ones(len(links)), "same.csv")


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 2), min_size=1, max_size=12), st.integers(0, 9))
def test_no_pair_that_a_chain_joins_becomes_different(
    links: list[tuple[int, int]], seed: int
) -> None:
    pairs = same([(f"text {a}", f"Text {b}?") for a, b in [*links, (97, 98)]])
    group = {n: n for n in range(100)}
    for _ in range(100):
        for a, b in links:
            group[a] = group[b] = min(group[a], group[b])
    group[98] = 97
    found = add_random_negatives(pairs, seed=seed)
    n = len(pairs)
    assert (found.left[:n], found.right[:n], found.labels[:n].tolist()) == (
        pairs.left,
        pairs.right,
        [1] * n,
    )
    for a, b, label in zip(found.left[n:], found.right[n:], found.labels[n:], strict=True):
        one, other = (int(text.strip("?").split()[1]) for text in (a, b))
        assert group[one] != group[other]
        assert label == 0
    assert found.labels.tolist() == add_random_negatives(pairs, seed=seed).labels.tolist()


def test_a_table_with_room_gets_one_each() -> None:
    found = add_random_negatives(same([(f"a {i}", f"b {i}") for i in range(50)]))
    assert (len(found), found.labels.mean(), found.name) == (100, 0.5, "same.csv")


def test_what_cannot_be_done() -> None:
    with pytest.raises(InputError, match="different already"):
        add_random_negatives(Pairs(["a"], ["b"], [0], "x"))
    with pytest.raises(InputError, match="none of them differ"):
        add_random_negatives(same([("a", "b"), ("b", "c")]))
