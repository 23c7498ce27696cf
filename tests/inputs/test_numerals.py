from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.inputs.numerals import (
    SPELT,
    in_digits,
    other_number,
    spelt,
    with_commas,
    without_commas,
)

SEEDS = st.integers(0, 1000)


@given(st.integers(2, 10**9), SEEDS)
def test_another_number_is_another_and_drawn_by_seed(value: int, seed: int) -> None:
    one, again = (other_number(str(value), np.random.default_rng(seed)) for _ in "ab")
    assert one == again
    assert one is None or (int(one) != value and int(one) > 1)


@given(st.integers(1900, 2030), SEEDS)
def test_a_year_stays_near(year: int, seed: int) -> None:
    found = other_number(str(year), np.random.default_rng(seed))
    assert found
    assert 1 <= abs(int(found) - year) <= 10


@given(st.integers(2, 12), SEEDS)
def test_a_small_number_stays_small(value: int, seed: int) -> None:
    found = other_number(str(value), np.random.default_rng(seed))
    assert found
    assert int(found) in set(range(2, 13)) - {value}


@given(st.sampled_from(["20,000", "1,500,000"]), SEEDS)
def test_commas_stay(digits: str, seed: int) -> None:
    found = other_number(digits, np.random.default_rng(seed))
    assert found
    assert found == f"{int(found.replace(',', '')):,}"
    assert found.endswith(",000")


@pytest.mark.parametrize("digits", ["0", "1", "100"])
def test_what_is_no_amount_has_no_other(digits: str) -> None:
    assert other_number(digits, np.random.default_rng(0)) is None


def test_numbers_are_spelt_out_and_back() -> None:
    assert [spelt(each) for each in ("10", "18", "40", "21", "1")] == [
        "ten",
        "eighteen",
        "forty",
        None,
        None,
    ]
    assert (in_digits("Twelve"), in_digits("lots")) == ("12", None)
    assert all(in_digits(word) == str(number) for number, word in SPELT.items())
    assert len(SPELT) == len(set(SPELT.values())) == 26


def test_commas_between_thousands() -> None:
    assert (with_commas("20000"), without_commas("1,500,000")) == ("20,000", "1500000")
