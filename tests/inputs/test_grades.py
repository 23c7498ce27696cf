from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs.grades import Scale


def test_cells_become_shares_of_the_scale() -> None:
    read = Scale(1, 5).read(["1", 5, "3.0", None, " ", math.nan, "6", "high", 0.5])
    assert read.values == [0, 1, 0.5, None, None, None, None, None, None]
    assert read.unknown == [6, 7, 8]


@pytest.mark.parametrize(
    ("scale", "cut"), [(Scale(0, 5), 4.0), (Scale(1, 5), 4.2), (Scale(0, 5, 3.5), 3.5)]
)
def test_the_cut(scale: Scale, cut: float) -> None:
    assert scale.cut == pytest.approx(cut)
    at, below = scale.read([scale.cut, scale.cut - 0.01]).values
    assert at is not None
    assert below is not None
    assert scale.is_same(at)
    assert not scale.is_same(below)


@given(st.integers(-9, 9), st.integers(1, 9), st.integers(0, 90))
def test_the_cut_itself_is_the_same_on_every_scale(low: int, width: int, tenth: int) -> None:
    cut = low + width * (tenth + 1) / 91
    scale = Scale(low, low + width, cut)
    (share,) = scale.read([repr(cut)]).values
    assert share is not None
    assert scale.is_same(share)


@pytest.mark.parametrize("text", ["0-5", "0:5", " 0 - 5 ", "0.0-5.0"])
def test_a_scale_as_text(text: str) -> None:
    assert Scale.parse(text) == Scale(0, 5)


def test_a_scale_below_zero() -> None:
    assert Scale.parse("-1:1") == Scale(-1, 1)


@pytest.mark.parametrize("text", ["5", "", "0-x", "5-0", "3-3", "0-inf"])
def test_what_is_no_scale(text: str) -> None:
    with pytest.raises(InputError, match=r"scale"):
        Scale.parse(text)


@pytest.mark.parametrize("cut", [0, -1, 5.1, math.nan])
def test_a_cut_outside_the_scale(cut: float) -> None:
    with pytest.raises(InputError, match="same_from"):
        Scale(0, 5, cut)


def test_unknown_grades_are_named() -> None:
    odd = [(f"line {line}", "9") for line in range(2, 9)]
    message = Scale(0, 5).refusal("gold", odd)
    assert '"9" (line 2), ' in message
    assert "and 2 more" in message
    assert "from 0 to 5" in message
