"""Fitted calibrators: the known optimum, the known truth, and inputs that tell nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.judging.calibration import Beta, Isotonic, Platt
from textsiamese.judging.fitting import (
    METHODS,
    _fit_beta,
    calibrator_for,
    check_both_classes,
    fit_calibrator,
)
from textsiamese.judging.metrics import ece, ece_band, log_loss, roc_auc


def drawn(curve: Platt | Beta, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    similarity = random.uniform(-1, 1, n)
    return similarity, random.random(n) < curve(similarity)


def test_platt_recovers_the_line_that_drew_the_labels() -> None:
    truth = Platt(4.0, -1.5)
    errors = []
    for seed in range(20):
        similarity, same = drawn(truth, 4000, seed)
        fitted = fit_calibrator(similarity, same)
        assert isinstance(fitted, Platt)
        # standard errors from the information matrix of logistic regression at the truth
        chance = truth(similarity)
        design = np.stack([similarity, np.ones(4000)], axis=1)
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        error = np.sqrt(np.diag(np.linalg.inv(information)))
        errors.append([(fitted.slope - 4.0) / error[0], (fitted.intercept + 1.5) / error[1]])
    assert np.abs(np.mean(errors, axis=0)).max() < 3 / np.sqrt(20)
    assert np.std(errors, axis=0) == pytest.approx([1, 1], abs=0.5)


def test_platt_has_no_gradient_left() -> None:
    similarity, same = drawn(Platt(3.0, 0.5), 500, seed=2)
    fitted = fit_calibrator(similarity, same)
    positives = same.sum()
    targets = np.where(same, (positives + 1) / (positives + 2), 1 / (500 - positives + 2))
    left = fitted(similarity) - targets
    assert abs(left.sum()) < 1e-5
    assert abs((left * similarity).sum()) < 1e-5


def test_beta_recovers_the_powers_that_drew_the_labels() -> None:
    line, errors = Platt(4.0, 0.0), []
    for seed in range(10):
        similarity, same = drawn(Beta(4.0, 0.0, a=0.4, b=2.0, c=0.3), 20_000, seed)
        fitted = _fit_beta(similarity, same.astype(float), line)
        chance = fitted(similarity)
        design = np.stack([-np.logaddexp(0, -4 * similarity), np.logaddexp(0, 4 * similarity)])
        design = np.vstack([design, np.ones(20_000)])
        information = (design * (chance * (1 - chance))) @ design.T
        error = np.sqrt(np.diag(np.linalg.inv(information)))
        errors.append((np.array([fitted.a, fitted.b, fitted.c]) - [0.4, 2.0, 0.3]) / error)
    assert np.abs(np.mean(errors, axis=0)).max() < 3 / np.sqrt(10)
    assert np.abs(errors).max() < 4


def test_beta_fits_a_knee_that_platt_cannot() -> None:
    truth = Beta(8.0, 0.0, a=0.3, b=1.5, c=0.0)
    platt = fit_calibrator(*drawn(truth, 40_000, seed=3))
    beta = fit_calibrator(*drawn(truth, 40_000, seed=3), "beta")
    similarity, same = drawn(truth, 20_000, seed=4)
    assert ece(platt(similarity), same) > 2 * ece_band(platt(similarity))[1]
    assert ece(beta(similarity), same) < ece(platt(similarity), same) / 2
    assert log_loss(beta(similarity), same) < log_loss(platt(similarity), same)


def test_powers_that_would_fall_are_held_at_the_floor() -> None:
    random = np.random.default_rng(6)
    similarity = random.uniform(-1, 1, 5000)
    same = random.random(5000) < 0.5 + 0.4 * np.where(similarity < 0, -similarity / 4, similarity)
    fitted = fit_calibrator(similarity, same, "beta")
    assert isinstance(fitted, Beta)
    assert fitted.a == pytest.approx(1e-3)
    assert fitted.b > 0.5
    # held there, the others are at their optimum: no gradient is left along b and the constant
    left = fitted(similarity) - same
    high = np.logaddexp(0, fitted.slope * similarity + fitted.intercept)
    assert abs(left.mean()) < 1e-3
    assert abs((left * high).mean()) < 1e-3


def test_isotonic_recovers_a_curve_of_no_family() -> None:
    def rise(at: float) -> np.ndarray:
        return 1 / (1 + np.exp(-12 * (similarity - at)))

    random = np.random.default_rng(4)
    similarity = random.uniform(-1, 1, 40_000)
    truth = 0.1 + 0.4 * rise(-0.5) + 0.4 * rise(0.5)  # two stairs
    same = random.random(40_000) < truth
    errors = {
        method: np.abs(fit_calibrator(similarity, same, method)(similarity) - truth).mean()
        for method in METHODS
    }
    assert errors["isotonic"] < 0.015
    assert min(errors["platt"], errors["beta"]) > 0.03


def test_isotonic_pools_what_violates_the_order() -> None:
    # pools by hand: {1: 0}, {2, 3: 1 of 2}, {4: 1}, on Platt's targets of 20 each
    similarity = np.repeat([1.0, 2.0, 3.0, 4.0], 10)
    same = np.repeat([0, 1, 0, 1], 10)
    fitted = fit_calibrator(similarity, same, "isotonic")
    assert isinstance(fitted, Isotonic)
    assert fitted.knots == pytest.approx((1.0, 2.5, 4.0))
    assert fitted([1.0, 2.5, 4.0]) == pytest.approx([1 / 22, 0.5, 21 / 22], abs=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_fitted_probabilities_are_calibrated_on_fresh_pairs(method: str) -> None:
    truth = Platt(5.0, -1.0)
    fitted = fit_calibrator(*drawn(truth, 20_000, seed=5), method)
    similarity, same = drawn(truth, 10_000, seed=6)
    chances = fitted(similarity)
    assert ece(chances, same) < 1.5 * ece_band(chances)[1]


scale = st.sampled_from([1e-300, 1e-30, 1e-3, 1.0, 50.0, 1e30, 1e300])


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=30)
@given(
    rows=st.lists(st.tuples(st.integers(-9, 9), st.booleans()), min_size=2, max_size=40),
    unit=scale,
    shift=st.integers(-20, 20),
)
def test_whatever_is_fitted_rises_strictly(
    method: str, rows: list, unit: float, shift: int
) -> None:
    similarity = np.array([float(number + shift) for number, _ in rows]) * unit
    same = np.array([label for _, label in rows])
    same[:2] = [True, False]
    if roc_auc(similarity, same) < 0.5:
        same = ~same
    with np.errstate(all="raise", under="ignore"):
        fitted = fit_calibrator(similarity, same, method)
        chances = fitted(np.unique(similarity))
        far = fitted(np.array([-1.7e308, 1.7e308]))
    assert np.all((chances > 0) & (chances < 1))
    assert np.all((far > 0) & (far < 1))
    if unit > 1e-100:
        assert np.all(np.diff(chances) > 0)
    assert far[0] < far[1]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("gap", [1e-3, 1.0, 1e3])
def test_perfectly_separated_pairs_give_sure_but_finite_curves(method: str, gap: float) -> None:
    similarity = np.concatenate([np.linspace(0, 1, 100), np.linspace(1 + gap, 2 + gap, 100)])
    same = np.repeat([0, 1], 100)
    fitted = fit_calibrator(similarity, same, method)
    chances = fitted(similarity)
    assert np.all(chances[:95] < 0.5)
    assert np.all(chances[105:] > 0.5)
    assert chances[0] == pytest.approx(1 / 102, abs=0.02)
    assert chances[-1] == pytest.approx(101 / 102, abs=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_similarities_that_tell_nothing_give_the_share_of_same_pairs(method: str) -> None:
    same = np.arange(100) < 30
    fitted = fit_calibrator(np.full(100, 0.999), same, method)
    low, middle, high = fitted([0.9, 0.999, 1.0])
    assert low < middle < high
    assert [low, middle, high] == pytest.approx([0.3] * 3, abs=0.02)


def test_similarities_slightly_against_the_labels_give_a_nearly_flat_curve() -> None:
    similarity = np.arange(60.0)
    same = np.arange(60) % 2 == 0  # ROC AUC a little below one half
    fitted = fit_calibrator(similarity, same)
    chances = fitted(similarity)
    assert np.all(np.diff(chances) > 0)
    assert chances[-1] - chances[0] < 0.01


def test_labels_turned_round_are_told_with_the_fix() -> None:
    similarity, same = drawn(Platt(5.0, 0.0), 200, seed=8)
    with pytest.raises(
        InputError, match=r"run against the labels \(ROC AUC 0\.\d+.*similar_is_zero"
    ):
        fit_calibrator(similarity, ~same)


@pytest.mark.parametrize("method", METHODS)
def test_fitting_is_deterministic_and_takes_any_order(method: str) -> None:
    similarity, same = drawn(Platt(5.0, 0.0), 300, seed=9)
    order = np.random.default_rng(0).permutation(300)
    points = np.linspace(-1, 1, 30)
    first = fit_calibrator(similarity, same, method)
    assert first == fit_calibrator(similarity, same, method)
    assert fit_calibrator(similarity[order], same[order], method)(points) == pytest.approx(
        first(points), abs=1e-9
    )


@pytest.mark.parametrize(
    ("similarity", "labels", "method", "message"),
    [
        ([0.1, 0.2], [0, 1], "temperature", "is 'temperature': it must be 'platt', 'beta' or"),
        ([0.1, 0.2], [1, 1], "platt", "All 2 labels say 'same': give pairs of both kinds"),
        ([0.1, 0.2], [0, 0], "beta", "All 2 labels say 'different'"),
        ([], [], "platt", "All 0 labels"),
        ([0.1, np.nan], [0, 1], "platt", "score at index 1 is nan"),
        ([0.1, np.inf], [0, 1], "isotonic", "score at index 1 is inf"),
        ([0.1], [0, 1], "platt", "1 scores stand beside 2 labels"),
        ([0.1, 0.2], [-1, 1], "platt", "label at index 0 is -1"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    similarity: list, labels: list, method: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        fit_calibrator(similarity, labels, method)


def test_both_classes_pass() -> None:
    check_both_classes(np.array([True, False]))


def test_the_method_goes_by_the_number_of_pairs() -> None:
    assert [calibrator_for(n) for n in (50, 4_999, 5_000, 1_000_000)] == ["beta"] * 2 + [
        "isotonic"
    ] * 2
    assert {calibrator_for(n) for n in range(0, 10_000, 500)} <= set(METHODS)


def test_few_pairs_ask_for_a_smooth_curve() -> None:
    truth = Beta(2.0, 0.0, 1.5, 0.4, 0.0)
    fresh, same = drawn(truth, 20_000, 99)
    for n, better in ((80, "beta"), (40_000, "isotonic")):
        lost = {}
        for method in ("beta", "isotonic"):
            fits = [fit_calibrator(*bent(truth, n, seed), method) for seed in range(5)]
            lost[method] = np.mean([log_loss(fit(bend(fresh)), same) for fit in fits])
        assert min(lost, key=lost.__getitem__) == better


def bend(similarity: np.ndarray) -> np.ndarray:
    """A strictly rising map that no beta curve undoes."""
    return similarity + 0.15 * np.sin(6 * similarity)


def bent(truth: Beta, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    similarity, same = drawn(truth, n, seed)
    return bend(similarity), same
