"""Calibrators: strictly increasing, inside (0, 1), exact in JSON; prior shifts are shifts."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.judging.calibration import (
    Beta,
    Calibrator,
    Isotonic,
    Platt,
    bounded_probability,
    calibrator_from_json,
    calibrator_to_json,
    check_keys,
    checked_share,
    one_of,
    shift_prior,
)

slopes = st.floats(0.1, 100)
offsets = st.floats(-10, 10)
steps = st.lists(st.floats(0.01, 5), min_size=2, max_size=8)


@st.composite
def isotonics(draw: st.DrawFn) -> Isotonic:
    knots, rises = np.cumsum(draw(steps)), np.cumsum(draw(steps))
    size = min(len(knots), len(rises))
    logits = rises[:size] - draw(st.floats(0, 20))
    return Isotonic(tuple(knots[:size].tolist()), tuple(logits.tolist()), draw(slopes))


platts = st.builds(Platt, slopes, offsets)
betas = st.builds(Beta, slopes, offsets, st.floats(0.1, 5), st.floats(0.1, 5), offsets)
calibrators = st.one_of(platts, betas, isotonics())
priors = st.floats(1e-6, 1 - 1e-6)


@given(calibrators, st.floats(-2, 2), st.floats(1e-3, 1))
def test_a_greater_similarity_gives_a_greater_probability(
    calibrator: Calibrator, start: float, gap: float
) -> None:
    low, high = calibrator([start, start + gap])
    assert 0 < low < high < 1


@given(calibrators, st.lists(st.floats(allow_nan=False), min_size=2, max_size=20))
def test_no_similarity_overflows_or_is_ranked_the_wrong_way(
    calibrator: Calibrator, similarity: list
) -> None:
    with np.errstate(all="raise", under="ignore"):
        chances = calibrator(sorted(similarity))
    assert np.all((chances > 0) & (chances < 1))
    assert np.all(np.diff(chances) >= -1e-15)


@given(calibrators)
def test_json_brings_back_the_same_calibrator(calibrator: Calibrator) -> None:
    plain = calibrator_to_json(calibrator)
    again = calibrator_from_json(json.loads(json.dumps(plain)))
    assert again == calibrator
    assert json.loads(json.dumps(plain)) == plain
    points = np.linspace(-3, 3, 50)
    assert np.array_equal(again(points), calibrator(points))


@given(calibrators)
def test_shape_is_kept_and_nan_stays_nan(calibrator: Calibrator) -> None:
    grid = np.float32([[0.1, np.nan], [0.3, 0.4]])
    chances = calibrator(grid)
    assert chances.shape == (2, 2)
    assert chances.dtype == np.float64
    assert np.isnan(chances).tolist() == [[False, True], [False, False]]
    assert float(calibrator(0.5)) == calibrator([0.5])[0]


def test_platt_is_the_sigmoid_of_a_line() -> None:
    expected = 1 / (1 + math.exp(-(3 * 0.4 - 1)))
    assert Platt(3, -1)(0.4) == pytest.approx(expected, rel=1e-15)


def test_beta_is_beta_calibration_of_the_platt_curve() -> None:
    curve = Beta(3, -1, a=0.7, b=1.9, c=0.2)
    mapped = Platt(3, -1)(0.4)
    # Kull 2017: 1 / (1 + 1 / (e^c m^a / (1 - m)^b))
    odds = math.exp(0.2) * mapped**0.7 / (1 - mapped) ** 1.9
    assert curve(0.4) == pytest.approx(odds / (1 + odds), rel=1e-14)


def test_beta_with_equal_powers_is_platt() -> None:
    points = np.linspace(-3, 3, 20)
    assert Beta(3, -1, 1, 1, 0)(points) == pytest.approx(Platt(3, -1)(points), rel=1e-14)


def test_isotonic_passes_through_its_knots_and_goes_on_at_both_ends() -> None:
    curve = Isotonic((0.0, 1.0, 3.0), (-2.0, 0.0, 1.0), 5.0)
    logits = curve.logit([-1, 0, 0.5, 1, 2, 3, 4])
    assert logits == pytest.approx([-7, -2, -1, 0, 0.5, 1, 6])
    assert Isotonic((0.5,), (0.0,), 2.0).logit([0, 0.5, 1]) == pytest.approx([-1, 0, 1])


def test_the_bounded_sigmoid_is_the_sigmoid_in_its_middle_and_smooth_at_its_bend() -> None:
    middle = np.linspace(-12, 12, 101)
    assert bounded_probability(middle) == pytest.approx(1 / (1 + np.exp(-middle)), rel=1e-15)
    for bend in (-12.0, 12.0):
        around = bounded_probability(bend + np.array([-1e-4, 0, 1e-4]))
        step = np.diff(np.log(around) - np.log1p(-around))
        assert step == pytest.approx([1e-4, 1e-4], rel=1e-3)
    ends = bounded_probability(np.array([-np.inf, np.inf]))
    assert ends == pytest.approx([2.06e-9, 1 - 2.06e-9], rel=1e-2)


def test_ranking_goes_on_where_a_plain_sigmoid_is_one() -> None:
    logits = np.arange(36.0, 400.0)
    assert len(np.unique(1 / (1 + np.exp(-logits)))) < 5
    assert np.all(np.diff(bounded_probability(logits)) > 0)
    assert np.all(np.diff(bounded_probability(-logits)) < 0)


@given(st.floats(1e-4, 1 - 1e-4), priors, priors)
def test_shifting_there_and_back_changes_nothing(chance: float, old: float, new: float) -> None:
    there = shift_prior(chance, old, new)
    # what 1 - p keeps in float64 limits the way back
    tolerance = 1e-12 + 1e-15 / (1 - there)
    assert shift_prior(there, new, old) == pytest.approx(chance, rel=tolerance)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_shift_adds_log_odds(chance: float, old: float, new: float) -> None:
    def logit(p: float) -> float:
        return math.log(p / (1 - p))

    expected = logit(chance) + logit(new) - logit(old)
    assert logit(float(shift_prior(chance, old, new))) == pytest.approx(expected, abs=1e-9)
    assert shift_prior(old, old, new) == pytest.approx(new)


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=20),
    st.floats(0, 1, exclude_min=True, exclude_max=True),
    st.floats(0, 1, exclude_min=True, exclude_max=True),
)
def test_a_shift_keeps_the_ranking_and_the_range(chances: list, old: float, new: float) -> None:
    with np.errstate(all="raise", under="ignore"):
        shifted = shift_prior(sorted(chances), old, new)
    assert np.all(np.diff(shifted) >= 0)
    assert np.all((shifted > 0) & (shifted < 1))


@given(calibrators, st.floats(0, 1), st.floats(0.01, 0.1), priors)
def test_a_shift_keeps_calibrated_probabilities_apart(
    calibrator: Calibrator, start: float, gap: float, new: float
) -> None:
    low, high = shift_prior(calibrator([start, start + gap]), 0.4, new)
    assert low <= high
    if 1e-3 < calibrator(start) < 1 - 1e-3:
        assert low < high


def test_a_shift_is_what_bayes_says() -> None:
    # likelihood ratio 3 for "same": p = 3 / (3 + 1) at even odds, 3 * 0.1 / (3 * 0.1 + 0.9) at 10%
    assert shift_prior(0.75, 0.5, 0.1) == pytest.approx(0.25)
    assert np.isnan(shift_prior(np.nan, 0.5, 0.1))
    assert shift_prior([[0.75]], 0.5, 0.1).shape == (1, 1)


@pytest.mark.parametrize("prior", [0, 1, -0.1, 1.1, math.nan, math.inf, "much", None])
def test_impossible_priors_are_refused(prior: float) -> None:
    with pytest.raises(InputError, match=r"The prior is .*give a number between 0 and 1"):
        shift_prior(0.5, 0.5, prior)
    with pytest.raises(InputError, match="fitted prior"):
        shift_prior(0.5, prior, 0.5)


@pytest.mark.parametrize(
    ("given_json", "message"),
    [
        ({"kind": "plat", "slope": 1}, "kind is 'plat': it must be 'platt', 'beta' or 'isotonic'"),
        ({"slope": 1.0, "intercept": 0.0}, "kind is None"),
        ([1, 2], "kind is None"),
        ({"kind": "platt", "slop": 1.0, "intercept": 0.0}, "'slop': did you mean 'slope'"),
        ({"kind": "platt", "zzz": 1.0}, "'zzz': the keys are kind, slope, intercept"),
        ({"kind": "platt", "slope": 1.0}, "lacks the key 'intercept'"),
        ({"kind": "platt", "slope": 0.0, "intercept": 0.0}, "does not rise"),
        ({"kind": "platt", "slope": "1", "intercept": 0.0}, "holds '1' where a number"),
        ({"kind": "platt", "slope": True, "intercept": 0.0}, "holds True"),
        ({"kind": "platt", "slope": math.inf, "intercept": 0.0}, "holds inf"),
        (
            {"kind": "beta", "slope": 1.0, "intercept": 0.0, "a": -1.0, "b": 1.0, "c": 0.0},
            "check its slope, a, b",
        ),
        ({"kind": "isotonic", "knots": 3, "logits": [1.0], "slope": 1.0}, "holds 3 where a list"),
        ({"kind": "isotonic", "knots": [], "logits": [], "slope": 1.0}, "0 knots"),
        ({"kind": "isotonic", "knots": [1.0, 2.0], "logits": [1.0], "slope": 1.0}, "2 knots"),
        ({"kind": "isotonic", "knots": [1, 1], "logits": [1, 2], "slope": 1}, "check its knots"),
        ({"kind": "isotonic", "knots": [1, 2], "logits": [2, 2], "slope": 1}, "check its logits"),
        ({"kind": "isotonic", "knots": [1, None], "logits": [2, 3], "slope": 1}, "holds None"),
    ],
)
def test_what_is_no_calibrator_is_refused(given_json: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        calibrator_from_json(given_json)


def test_small_helpers_speak_plainly() -> None:
    check_keys({"a": 1}, ["a"], "thing")
    assert one_of(["a"]) == "'a'"
    assert one_of(["a", "b", "c"]) == "'a', 'b' or 'c'"
    assert checked_share("0.25", "share", ends=True) == 0.25
    with pytest.raises(InputError, match=r"The share is 2\.0: give a number from 0 to 1"):
        checked_share(np.float64(2), "share", ends=True)


def test_applying_loads_numpy_only() -> None:
    import subprocess
    import sys

    code = (
        "import sys, textsiamese.twins.decision as d\n"
        "from textsiamese.judging.calibration import Platt\n"
        "d.Decision(Platt(1.0, 0.0), 0.5, 'accuracy', 0.2, 0.4, 50).probability([0.1])\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'pandas', 'transformers'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
