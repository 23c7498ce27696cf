from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from textsiamese.errors import InputError
from textsiamese.twins.checks import checked_inputs, checked_pairs, is_single


@pytest.mark.parametrize("value", ["", "a", b"a", None, 1.5, float("nan"), pd.NA])
def test_single(value: Any) -> None:
    assert is_single(value)


@pytest.mark.parametrize("value", [[], (), np.array(["a"]), pd.Series(["a"]), iter("ab"), {"a": 1}])
def test_rows(value: Any) -> None:
    assert not is_single(value)


@pytest.mark.parametrize("text", ["a", " a ", "NA", "None", "nan", "0", "ä🙂", np.str_("a")])
def test_texts(text: str) -> None:
    assert checked_inputs([text], "a", "raise") == checked_inputs(text, "a", "raise") == [text]


@pytest.mark.parametrize(
    "value", [None, np.float64("nan"), pd.NaT, "\u2003", 1.5, "a\udfff", "a\0"]
)
def test_problems(value: Any) -> None:
    assert checked_inputs(["a", value], "a", "nan") == ["a", None]
    with pytest.raises(InputError, match=r"^a\[1\] (is|holds) .*; a non-empty str is expected"):
        checked_inputs(["a", value], "a", "raise")


@pytest.mark.parametrize(
    "given", [{"text": "a"}, {"a"}, frozenset("a"), pd.DataFrame({"a": ["x"]})]
)
def test_what_has_no_order_of_texts_is_refused(given: Any) -> None:
    with pytest.raises(InputError, match=r"^a (is a (dict|set|frozenset); give a list|has 2 dim)"):
        checked_inputs(given, "a", "nan")
    assert checked_inputs({"a": "b"}.values(), "a", "raise") == ["b"]


def test_what_was_given_stays_as_it_was() -> None:
    given: list[Any] = ["a", None]
    checked_inputs(given, "a", "nan")
    assert given == ["a", None]


def test_pairs_keep_rows_with_both_texts() -> None:
    left, right, usable = checked_pairs(["a", None, "c", ""], ["x", "y", "z", ""], "nan")
    assert (left, right, usable.tolist()) == (["a", "c"], ["x", "z"], [True, False, True, False])
    assert checked_pairs([], [], "raise")[2].dtype == np.bool_
    with pytest.raises(InputError, match="a has 1 texts and b has 0"):
        checked_pairs(["a"], [], "nan")
