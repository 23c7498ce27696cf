from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from textsiamese.errors import InputError
from textsiamese.twins.checks import checked_pairs, checked_texts, is_single, problem_of


@pytest.mark.parametrize("value", ["", "a", b"a", None, 1.5, float("nan"), pd.NA])
def test_single(value: Any) -> None:
    assert is_single(value)


@pytest.mark.parametrize("value", [[], (), np.array(["a"]), pd.Series(["a"]), iter("ab"), {"a": 1}])
def test_rows(value: Any) -> None:
    assert not is_single(value)


@pytest.mark.parametrize(
    "text", ["a", " a ", "NA", "None", "nan", "0", "\x00", "ä🙂", np.str_("a")]
)
def test_texts(text: str) -> None:
    assert problem_of(text) == ""
    assert checked_texts([text], "a", "raise") == checked_texts(text, "a", "raise") == [text]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "a missing value"),
        (np.float64("nan"), "a missing value"),
        (pd.NaT, "a missing value"),
        ("\u2003", "an empty text"),
        (1.5, "1.5, of type float"),
        ("a\udfff", "which holds half of a surrogate pair"),
        (np.array([1.0, 2.0]), "of type ndarray"),
        ("\ud800" * 1000, "half of a surrogate pair"),
    ],
)
def test_problems(value: Any, said: str) -> None:
    assert said in problem_of(value)
    assert len(problem_of(value)) < 120
    assert checked_texts(["a", value], "a", "nan") == ["a", None]


def test_what_was_given_stays_as_it_was() -> None:
    given: list[Any] = ["a", None]
    checked_texts(given, "a", "nan")
    assert given == ["a", None]


def test_pairs_keep_rows_with_both_texts() -> None:
    left, right, usable = checked_pairs(["a", None, "c", ""], ["x", "y", "z", ""], "nan")
    assert (left, right, usable.tolist()) == (["a", "c"], ["x", "z"], [True, False, True, False])
    assert checked_pairs([], [], "raise")[2].dtype == np.bool_
    with pytest.raises(InputError, match="a has 1 texts and b has 0"):
        checked_pairs(["a"], [], "nan")
