"""Every metric against a slow plain loop or a closed form, on ties and on one class."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.judging import metrics

# few distinct scores, so that ties are the rule
pairs = st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30)


def slow_average_precision(scores: list, labels: list) -> float:
    """Walk down the distinct scores: sum of recall gained times precision there."""
    total, area, before = sum(labels), 0.0, 0
    for cut in sorted(set(scores), reverse=True):
        accepted = [label for score, label in zip(scores, labels, strict=True) if score >= cut]
        area += (sum(accepted) - before) / total * sum(accepted) / len(accepted)
        before = sum(accepted)
    return area


def slow_roc_auc(scores: list, labels: list) -> float:
    rows = list(zip(scores, labels, strict=True))
    wins = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for high, same in rows
        if same
        for low, other in rows
        if not other
    ]
    return sum(wins) / len(wins)


def slow_ece(probability: list, labels: list) -> float:
    error = 0.0
    for index in range(15):
        low, high = index / 15, (index + 1) / 15
        rows = [
            (p, label)
            for p, label in zip(probability, labels, strict=True)
            if low < p <= high or (index == 0 and p == 0)
        ]
        if rows:
            confidence = sum(p for p, _ in rows) / len(rows)
            share = sum(label for _, label in rows) / len(rows)
            error += len(rows) / len(labels) * abs(confidence - share)
    return error


@given(pairs)
def test_ranking_metrics_equal_their_definitions(rows: list) -> None:
    scores, labels = [score for score, _ in rows], [same for _, same in rows]
    area, curve = metrics.average_precision(scores, labels), metrics.roc_auc(scores, labels)
    if any(labels):
        assert area == pytest.approx(slow_average_precision(scores, labels))
    else:
        assert math.isnan(area)
    if any(labels) and not all(labels):
        assert curve == pytest.approx(slow_roc_auc(scores, labels))
    else:
        assert math.isnan(curve)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=20))
def test_rates_equal_their_definitions(rows: list) -> None:
    predicted, labels = [yes for yes, _ in rows], [same for _, same in rows]
    hits = sum(yes and same for yes, same in rows)
    right = sum(yes == same for yes, same in rows)

    def share(part: float, whole: float) -> float:
        return part / whole if whole else math.nan

    expected = {
        metrics.accuracy: share(right, len(rows)),
        metrics.precision: share(hits, sum(predicted)),
        metrics.recall: share(hits, sum(labels)),
        metrics.f1: share(2 * hits, sum(predicted) + sum(labels)),
    }
    for metric, value in expected.items():
        assert metric(predicted, labels) == pytest.approx(value, nan_ok=True)


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=40))
def test_probability_metrics_equal_their_definitions(rows: list) -> None:
    probability, labels = [number / 101 for number, _ in rows], [same for _, same in rows]
    given_label = [p if same else 1 - p for p, same in zip(probability, labels, strict=True)]
    epsilon = float(np.finfo(float).eps)
    losses = [-math.log(max(p, epsilon)) for p in given_label]
    assert metrics.log_loss(probability, labels) == pytest.approx(sum(losses) / len(rows))
    squares = [(1 - p) ** 2 for p in given_label]
    assert metrics.brier(probability, labels) == pytest.approx(sum(squares) / len(rows))
    assert metrics.ece(probability, labels) == pytest.approx(slow_ece(probability, labels))


def test_against_scikit_learn_on_many_tied_scores() -> None:
    from sklearn import metrics as peer

    random = np.random.default_rng(1)
    labels = random.random(3000) < 0.3
    scores = np.round(random.normal(size=3000) + labels, 1)
    assert len(np.unique(scores)) < 100
    assert metrics.roc_auc(scores, labels) == pytest.approx(peer.roc_auc_score(labels, scores))
    expected = peer.average_precision_score(labels, scores)
    assert metrics.average_precision(scores, labels) == pytest.approx(expected)
    chances = 1 / (1 + np.exp(-scores))
    assert metrics.log_loss(chances, labels) == pytest.approx(peer.log_loss(labels, chances))
    assert metrics.brier(chances, labels) == pytest.approx(peer.brier_score_loss(labels, chances))


def test_all_scores_tied_tell_nothing() -> None:
    labels = [1, 1, 0, 0, 0]
    assert metrics.roc_auc([0.7] * 5, labels) == 0.5
    assert metrics.average_precision([0.7] * 5, labels) == pytest.approx(0.4)


def test_a_certain_wrong_answer_costs_much_and_not_infinitely() -> None:
    assert metrics.log_loss([0.0], [1]) == pytest.approx(52 * math.log(2))
    assert metrics.log_loss([1.0], [1]) == 0


@pytest.mark.parametrize(
    "metric",
    [
        metrics.accuracy,
        metrics.f1,
        metrics.precision,
        metrics.recall,
        metrics.average_precision,
        metrics.roc_auc,
        metrics.log_loss,
        metrics.brier,
        metrics.ece,
        metrics.cross_fitted_accuracy,
    ],
)
def test_no_pairs_give_nan_and_bad_ones_an_error(metric: metrics) -> None:
    assert math.isnan(metric([], []))
    with pytest.raises(InputError):
        metric([0.5, np.nan], [0, 1])


def test_probabilities_outside_their_range_are_refused() -> None:
    for metric in (metrics.log_loss, metrics.brier, metrics.ece):
        with pytest.raises(InputError, match="must be in"):
            metric([1.5], [1])


@pytest.mark.parametrize("label", [0, 1])
def test_cross_fitted_accuracy_of_one_class_is_one(label: int) -> None:
    assert metrics.cross_fitted_accuracy([0.2, 0.9, 0.9, 0.1], [label] * 4) == 1.0


def test_cross_fitted_accuracy_is_not_flattered_by_chance() -> None:
    random = np.random.default_rng(0)
    best, crossed = [], []
    for seed in range(200):
        scores, labels = random.random(20), random.random(20) < 0.5
        cuts = [*scores, 2.0]
        best.append(max(metrics.accuracy(scores >= cut, labels) for cut in cuts))
        crossed.append(metrics.cross_fitted_accuracy(scores, labels, seed=seed))
    assert np.mean(best) > 0.6
    assert np.mean(crossed) == pytest.approx(0.5, abs=0.03)


def test_ece_band_is_where_a_calibrated_model_lies() -> None:
    random = np.random.default_rng(3)
    chances = random.random(2000)
    mean, high = metrics.ece_band(chances, seed=1)
    fresh = [metrics.ece(chances, random.random(2000) < chances) for _ in range(400)]
    assert np.mean(fresh) == pytest.approx(mean, rel=0.05)
    assert np.mean(np.array(fresh) <= high) == pytest.approx(0.95, abs=0.035)
    assert 0 < mean < high


def test_ece_band_closed_form_in_one_bin() -> None:
    # n pairs at p = 1/2: |Binomial(n, 1/2) / n - 1/2| has the mean sqrt(2 / pi) * 1 / (2 sqrt(n))
    mean, high = metrics.ece_band(np.full(400, 0.5), replicates=4000)
    assert mean == pytest.approx(math.sqrt(2 / math.pi) / 40, rel=0.05)
    assert high == pytest.approx(1.96 / 40, rel=0.06)


def test_ece_band_is_the_same_for_the_same_seed_in_any_order() -> None:
    chances = np.random.default_rng(0).random(300)
    assert metrics.ece_band(chances, seed=5) == metrics.ece_band(chances[::-1], seed=5)
    assert metrics.ece_band(chances, seed=5) != metrics.ece_band(chances, seed=6)
    assert all(map(math.isnan, metrics.ece_band([])))
    assert metrics.ece_band([0.0, 1.0]) == (0.0, 0.0)
