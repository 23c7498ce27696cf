"""The check that scores and labels fit together."""

from __future__ import annotations

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.judging.scored import checked, checked_probabilities


def test_scores_come_back_as_floats_and_labels_as_bools() -> None:
    scores, same = checked(np.float32([0.5, 2]), [0, 1])
    assert scores.dtype == np.float64
    assert scores.tolist() == [0.5, 2.0]
    assert same.dtype == np.bool_
    assert same.tolist() == [False, True]


def test_no_pairs_are_no_error() -> None:
    scores, same = checked([], [])
    assert len(scores) == len(same) == 0


@pytest.mark.parametrize("labels", [[True, False], [1.0, 0.0], np.int8([1, 0])])
def test_every_way_to_write_a_label(labels: list) -> None:
    assert checked([0.1, 0.2], labels)[1].tolist() == [True, False]


@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        ([0.1, np.nan], [0, 1], "score at index 1 is nan: it must be a finite number"),
        ([np.inf], [1], "score at index 0 is inf"),
        ([0.1, 0.2], [0, -1], r"label at index 1 is -1: it must be 0 \(different\) or 1 \(same\)"),
        ([0.1], [0.5], "label at index 0 is 0.5"),
        ([0.1, 0.2], [1], "2 scores stand beside 1 labels"),
        ([[0.1]], [1], r"shape \(1, 1\)"),
        (["high"], [1], "not all numbers"),
        ([None], [1], "index 0 is nan"),
    ],
)
def test_what_does_not_fit_is_named(scores: list, labels: list, message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked(scores, labels)


@pytest.mark.parametrize("outside", [-1e-9, 1.0000001, 7.0])
def test_probabilities_lie_in_their_range(outside: float) -> None:
    checked_probabilities([0.0, 1.0], [0, 1])
    with pytest.raises(InputError, match=r"probability at index 1 .* in \[0, 1\]"):
        checked_probabilities([0.5, outside], [0, 1])
