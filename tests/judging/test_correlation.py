from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from textsiamese.errors import InputError
from textsiamese.judging.correlation import spearman

LISTS = st.lists(st.tuples(st.integers(0, 5), st.floats(-3, 3)), min_size=2, max_size=30)


@given(LISTS)
def test_equals_scipy_on_ties(rows: list[tuple[int, float]]) -> None:
    grades, scores = zip(*rows, strict=True)
    assume(len(set(grades)) > 1 and len(set(scores)) > 1)
    assert spearman(scores, grades) == pytest.approx(spearmanr(scores, grades).statistic)


@pytest.mark.parametrize(("scores", "expected"), [([1, 2, 30], 1), ([3, 2, -9], -1)])
def test_only_the_order_counts(scores: list[float], expected: float) -> None:
    assert spearman(scores, [0, 0.5, 1]) == pytest.approx(expected)


@pytest.mark.parametrize("sides", [([], []), ([1], [2]), ([1, 1], [0, 1]), ([0, 1], [2, 2])])
def test_where_there_is_no_order(sides: tuple[list[float], list[float]]) -> None:
    assert np.isnan(spearman(*sides))


@pytest.mark.parametrize("scores", [[1.0], [1.0, np.nan], [[1.0, 2.0]]])
def test_what_cannot_be_ranked(scores: list[float]) -> None:
    with pytest.raises(InputError, match=r"one shape \(n,\)"):
        spearman(scores, [1.0, 2.0])
