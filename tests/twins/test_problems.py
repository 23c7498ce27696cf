from __future__ import annotations

import numpy as np

from textsiamese.twins.problems import by_pair
from textsiamese.twins.runtime import Encoded


def encoded(n: int, problems: dict[int, str]) -> Encoded:
    return Encoded(
        np.zeros((n, 2), np.float32), np.zeros(n, bool), np.zeros(n, np.float32), problems
    )


def test_pairs_take_the_problems_of_both_sides() -> None:
    left = encoded(2, {1: "a.png is cut short"})
    right = encoded(3, {0: "b.png is missing", 2: "a.png is cut short"})
    found = by_pair((left, np.array([0, 1, 1, 0, 1])), (right, np.array([1, 1, 0, 0, 2])))
    assert found == {
        1: "a.png is cut short",
        2: "a.png is cut short; b.png is missing",
        3: "b.png is missing",
        4: "a.png is cut short",
    }


def test_without_problems_there_are_none() -> None:
    assert by_pair((encoded(1, {}), np.array([0]))) == {}
