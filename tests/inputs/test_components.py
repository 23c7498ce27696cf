from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.inputs.components import connected_components


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=14))
def test_components_equal_a_slow_search(links: list[tuple[int, int]]) -> None:
    slow = list(range(12))
    for _ in range(12):
        for a, b in links:
            slow[a] = slow[b] = min(slow[a], slow[b])
    ends = np.array(links, dtype=np.int64).reshape(-1, 2)
    found = connected_components(ends[:, 0], ends[:, 1], 12)
    assert found.dtype == np.int64
    order = sorted(set(slow))  # the least item of each component is its first
    assert found.tolist() == [order.index(each) for each in slow]


def test_no_items() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert connected_components(none, none, 0).shape == (0,)
