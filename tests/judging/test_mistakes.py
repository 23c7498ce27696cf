"""The worst mistakes against a slow search."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from textsiamese.judging.evaluation import Judged
from textsiamese.judging.mistakes import worst_mistakes


def test_they_are_wrong_and_none_is_worse(judged: Judged) -> None:
    found = worst_mistakes(judged, most=4)
    labels = judged.pairs.labels
    for mistakes, answer, sign in ((found.false_alarms, True, -1), (found.misses, False, 1)):
        assert len(mistakes) == 4
        rows = [mistake.row - 1 for mistake in mistakes]
        assert all(judged.predicted[i] == answer != labels[i] for i in rows)
        every = sorted(
            sign * judged.probability[i]
            for i in range(300)
            if judged.predicted[i] == answer != labels[i]
        )
        assert [sign * mistake.probability for mistake in mistakes] == every[:4]
        for mistake, i in zip(mistakes, rows, strict=True):
            assert (mistake.left, mistake.right) == (f"leftmost {i}", f"rightmost {i}")


def test_rows_are_those_of_the_table_and_ties_keep_its_order(
    make_judged: Callable[..., Judged],
) -> None:
    judged = make_judged(
        probability=[0.9, 0.9, 0.95, 0.1, 0.2], labels=[0, 0, 1, 1, 0], rows=[7, 9, 20, 21, 30]
    )
    found = worst_mistakes(judged)
    assert [mistake.row for mistake in found.false_alarms] == [8, 10]
    assert [mistake.row for mistake in found.misses] == [22]


def test_no_mistakes(make_judged: Callable[..., Judged]) -> None:
    judged = make_judged(probability=[0.9, 0.1], labels=[1, 0])
    assert worst_mistakes(judged) == ([], [])
    assert np.array_equal(judged.predicted, [True, False])
