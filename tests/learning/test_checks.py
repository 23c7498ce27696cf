from __future__ import annotations

import numpy as np
import pytest
import torch

from textsiamese.errors import InputError
from textsiamese.learning.checks import check_choice, check_labels, check_margin


@pytest.mark.parametrize(
    ("given", "meant"),
    [("cosin", "cosine"), ("Euclidean", "euclidean"), ("squared_euclidean", "squared-euclidean")],
)
def test_a_misspelt_name_is_told_the_right_one(given: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"did you mean '{meant}'"):
        check_choice("distance", given, ("cosine", "euclidean", "squared-euclidean"))


def test_a_name_like_nothing_gets_the_choices_alone() -> None:
    with pytest.raises(InputError, match=r"kind is one of 'all', 'hard', not 'xyz'$"):
        check_choice("kind", "xyz", ("all", "hard"))


@pytest.mark.parametrize("margin", [0, -0.5, float("nan"), float("inf"), "1", None, True])
def test_impossible_margins_are_refused(margin: float) -> None:
    with pytest.raises(InputError, match=r"margin2 is a .*number above 0"):
        check_margin("margin2", margin, "euclidean")


def test_a_margin_no_cosine_distance_can_keep_is_refused() -> None:
    with pytest.raises(InputError, match="end at 2"):
        check_margin("margin", 5, "cosine")
    check_margin("margin", 5, "euclidean")
    check_margin("margin", 2, "cosine")


def test_numpy_numbers_are_margins() -> None:
    check_margin("margin", np.float32(0.5), "cosine")


@pytest.mark.parametrize("dtype", [torch.bool, torch.int8, torch.int64, torch.float32])
def test_labels_of_any_kind_become_booleans(dtype: torch.dtype) -> None:
    labels = torch.tensor([1, 0, 0, 1]).to(dtype)
    assert check_labels(labels, 4).tolist() == [True, False, False, True]


def test_no_labels_are_fine_for_no_pairs() -> None:
    assert check_labels(torch.zeros(0), 0).shape == (0,)


@pytest.mark.parametrize("bad", [-1.0, 0.5, 2.0, float("nan")])
def test_other_labels_are_refused_by_number(bad: float) -> None:
    with pytest.raises(InputError, match=rf"label 2 is {bad};"):
        check_labels(torch.tensor([1.0, 0.0, bad, bad]), 4)


@pytest.mark.parametrize("shape", [(3,), (4, 1), (1, 4), ()])
def test_labels_that_would_broadcast_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"4 pairs need \(4,\)"):
        check_labels(torch.ones(shape), 4)
