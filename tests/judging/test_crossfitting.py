"""Cross-fitted decisions: no pair has a say in its own answer, and chance is not flattered."""

from __future__ import annotations

import math

import numpy as np
import pytest

from textsiamese.judging import metrics
from textsiamese.judging.calibration import Platt
from textsiamese.judging.crossfitting import Quality, _stratified, cross_fitted_quality
from textsiamese.judging.fitting import fit_calibrator
from textsiamese.judging.thresholds import choose_threshold


def drawn(n: int, seed: int = 0, slope: float = 5.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    similarity = np.round(random.uniform(-1, 1, n), 2)
    return similarity, random.random(n) < Platt(slope, -1.0)(similarity)


def quality(similarity: np.ndarray, same: np.ndarray, **options: object) -> Quality:
    found = cross_fitted_quality(
        similarity,
        same,
        **{"calibrator": "platt", "rule": "accuracy", **options},  # type: ignore[arg-type]
    )
    assert found is not None
    return found


def test_each_number_is_its_metric() -> None:
    similarity, same = drawn(500)
    chances = Platt(3.0, 0.2)(similarity)
    answers = chances >= 0.6
    found = Quality.of(chances, answers, same)
    for name in ("accuracy", "precision", "recall", "f1"):
        assert getattr(found, name) == getattr(metrics, name)(answers, same)
    for name in ("log_loss", "brier", "ece", "ece_band"):
        expected = getattr(metrics, name)(*([chances, same] if name != "ece_band" else [chances]))
        assert getattr(found, name) == expected


@pytest.mark.parametrize("calibrator", ["platt", "beta", "isotonic"])
@pytest.mark.parametrize("rule", ["accuracy", "f1", "precision=0.8", "false-accept=0.1"])
def test_it_is_the_slow_loop_over_the_folds(calibrator: str, rule: str) -> None:
    similarity, same = drawn(200)
    fold = _stratified(same, 5, 7)
    chances, answers = np.zeros(200), np.zeros(200, dtype=bool)
    for i in range(200):
        rest = fold != fold[i]
        curve = fit_calibrator(similarity[rest], same[rest], calibrator)
        chances[i] = curve(similarity[i])
        answers[i] = chances[i] >= choose_threshold(curve(similarity[rest]), same[rest], rule)
    found = quality(similarity, same, calibrator=calibrator, rule=rule, seed=7)
    assert found.accuracy == metrics.accuracy(answers, same)
    assert found.log_loss == pytest.approx(metrics.log_loss(chances, same))


def test_folds_have_the_same_share_and_size() -> None:
    _, same = drawn(203)
    fold = _stratified(same, 5, 0)
    sizes, positives = np.bincount(fold), np.bincount(fold, weights=same)
    assert sizes.max() - sizes.min() <= 1
    assert positives.max() - positives.min() <= 1
    assert not np.array_equal(fold, _stratified(same, 5, 1))


def test_it_is_not_flattered_by_chance() -> None:
    random = np.random.default_rng(0)
    crossed, own = [], []
    for seed in range(120):
        similarity, same = random.random(60), random.permutation(60) < 30
        crossed.append(quality(similarity, same, calibrator="isotonic", seed=seed).accuracy)
        curve = fit_calibrator(similarity, same, "isotonic")
        cut = choose_threshold(curve(similarity), same, "accuracy")
        own.append(metrics.accuracy(curve(similarity) >= cut, same))
    assert np.mean(own) > 0.55
    assert np.mean(crossed) == pytest.approx(0.5, abs=0.03)


def test_it_is_calibrated_where_the_curve_is_right() -> None:
    found = quality(*drawn(4000))
    assert found.ece <= found.ece_band[1]


def test_a_rule_that_cannot_be_kept_answers_different() -> None:
    similarity = np.array([0.1, 0.2, 0.3, 0.9] * 10)
    same = np.array([False, True, False, False] * 10)
    found = quality(similarity, same, rule="precision=0.99")
    assert found.recall == 0
    assert math.isnan(found.precision)


@pytest.mark.parametrize("positives", [0, 1, 2, 9, 10])
def test_a_class_of_few_pairs(positives: int) -> None:
    similarity = np.linspace(0, 1, 10)
    same = similarity > np.sort(similarity)[-positives - 1] if positives < 10 else np.ones(10, bool)
    found = cross_fitted_quality(similarity, same, calibrator="platt", rule="accuracy")
    assert (found is None) == (positives != 2)
