from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs.clusters import cluster_pairs
from textsiamese.inputs.pairs import Pairs


def table(ends: list[tuple[int, int]]) -> Pairs:
    left, right = [f"q{a}" for a, _ in ends], [f"q{b}" for _, b in ends]
    return Pairs(left, right, np.zeros(len(ends)))


def component(pairs: Pairs) -> dict[str, set[str]]:
    """Of each text all those that a chain of pairs joins to it, by brute force."""
    joined = {text: {text} for text in pairs.texts}
    for _ in range(len(pairs)):
        for a, b in zip(pairs.left, pairs.right, strict=True):
            joined[a] = joined[b] = joined[a] | joined[b]
    return joined


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=25))
def test_rows_hold_few_pairs_of_one_component(ends: list[tuple[int, int]]) -> None:
    pairs = table(ends)
    clustered = cluster_pairs(pairs, 3)
    assert (clustered.left, clustered.right) == (pairs.left, pairs.right)
    sizes = Counter(clustered.rows.tolist())
    assert set(sizes) == set(range(len(sizes)))
    assert max(sizes.values()) <= 3
    joined = component(pairs)
    of_row = defaultdict(set)
    for text, row in zip(pairs.left, clustered.rows, strict=True):
        of_row[row].add(frozenset(joined[text]))
    assert all(len(found) == 1 for found in of_row.values())
    of_component = Counter(frozenset(joined[text]) for text in pairs.left)
    assert len(sizes) == sum(-(-n // 3) for n in of_component.values())


def test_pairs_about_one_text_come_together() -> None:
    star = [(0, n) for n in range(1, 9)] + [(n, 99) for n in range(20, 28)]
    shuffled = [star[i] for i in np.random.default_rng(0).permutation(16)]
    clustered = cluster_pairs(table([*shuffled, (8, 20)]), 8)
    texts = defaultdict(set)
    for a, b, row in zip(clustered.left, clustered.right, clustered.rows, strict=True):
        texts[row] |= {a, b}
    assert sorted(map(len, texts.values()))[-2:] == [9, 9]


def test_bad_input() -> None:
    pairs = table([(0, 1), (2, 3)])
    with pytest.raises(InputError, match="at_most is 0"):
        cluster_pairs(pairs, 0)
    with pytest.raises(InputError, match="has rows of several pairs, such as triplets, already"):
        cluster_pairs(replace(pairs, rows=np.array([0, 0])))
    assert cluster_pairs(replace(pairs, rows=np.array([4, 2]))).rows.tolist() == [0, 1]
