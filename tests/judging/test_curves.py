"""Curves and counts against slow loops, closed forms and scikit-learn, on ties and one class."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.judging import metrics
from textsiamese.judging.curves import (
    Curve,
    precision_recall_curve,
    reliability,
    roc_curve,
    score_histogram,
    thinned,
    threshold_table,
)

tied = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=30)


def columns(rows: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([score / 8 for score, _ in rows]), np.array([same for _, same in rows])


def calibrated(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    chances = random.beta(0.4, 0.6, n)
    return chances, random.random(n) < chances


def area_below(curve: Curve) -> float:
    return float(np.sum(np.diff(curve.x) * (curve.y[1:] + curve.y[:-1]) / 2))


@given(tied)
def test_roc_passes_every_cut_and_its_area_is_the_auc(rows: list) -> None:
    scores, same = columns(rows)
    curve = roc_curve(scores, same)
    if same.all() or not same.any():
        assert curve.x.shape == curve.y.shape == (0,)
        return
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert area_below(curve) == pytest.approx(metrics.roc_auc(scores, same))
    for cut in scores:
        x, y = (scores[~same] >= cut).mean(), (scores[same] >= cut).mean()
        assert distance_to(curve, x, y) < 1e-3


@given(tied)
def test_precision_recall_passes_every_cut_and_its_area_is_the_average(rows: list) -> None:
    scores, same = columns(rows)
    curve = precision_recall_curve(scores, same)
    if not same.any():
        assert curve.x.shape == curve.y.shape == (0,)
        return
    assert (curve.x[0], curve.x[-1]) == (0, 1)
    assert area_below(curve) == pytest.approx(metrics.average_precision(scores, same))
    for cut in scores:
        x, y = (scores[same] >= cut).mean(), same[scores >= cut].mean()
        assert distance_to(curve, x, y) < 1e-3


def distance_to(curve: Curve, x: float, y: float) -> float:
    """From a point to the nearest piece of the line, piece by piece."""
    best = np.inf
    for (ax, ay), (bx, by) in pairwise(zip(*curve, strict=True)):
        length = (bx - ax) ** 2 + (by - ay) ** 2
        along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length if length else 0.0
        along = min(1.0, max(0.0, along))
        best = min(best, np.hypot(ax + along * (bx - ax) - x, ay + along * (by - ay) - y))
    return best


def test_against_scikit_learn_on_many_pairs_within_a_fraction_of_a_pixel() -> None:
    from sklearn import metrics as peer

    scores, same = calibrated(5000)
    curve = roc_curve(scores, same)
    assert len(curve.x) <= 300
    for x, y in list(zip(*peer.roc_curve(same, scores)[:2], strict=True))[::7]:
        assert distance_to(curve, x, y) < 1 / 400
    curve = precision_recall_curve(scores, same)
    assert len(curve.x) <= 300
    precision, recall, _ = peer.precision_recall_curve(same, scores)
    for x, y in list(zip(recall[:-1], precision[:-1], strict=True))[::7]:
        assert distance_to(curve, x, y) < 1 / 200


def test_areas_survive_the_thinning_of_many_points() -> None:
    scores, same = calibrated(200_000)
    start = time.process_time()
    roc, steps = roc_curve(scores, same), precision_recall_curve(scores, same)
    assert time.process_time() - start < 5
    assert area_below(roc) == pytest.approx(metrics.roc_auc(scores, same), abs=5e-4)
    assert area_below(steps) == pytest.approx(metrics.average_precision(scores, same), abs=1e-3)


def test_a_straight_line_needs_two_points_and_a_corner_three() -> None:
    line = np.linspace(0, 1, 50)
    assert thinned(Curve(line, line)).x.tolist() == [0, 1]
    corner = Curve(line, np.minimum(2 * line, 1.0))
    assert len(thinned(corner).x) in (3, 4)
    for few in (np.zeros(0), np.zeros(1), np.zeros(2)):
        assert len(thinned(Curve(few, few)).x) == len(few)


def test_reliability_against_a_slow_loop() -> None:
    chances, same = calibrated(400)
    chances[:3] = [0.0, 1 / 15, 1.0]  # edges belong to the bin below
    found = reliability(chances, same)
    rows = [
        (chances > edge / 15) & (chances <= (edge + 1) / 15) | ((edge == 0) & (chances == 0))
        for edge in range(15)
    ]
    kept = [row for row in rows if row.any()]
    assert found.n.tolist() == [row.sum() for row in kept]
    assert found.probability == pytest.approx([chances[row].mean() for row in kept])
    assert found.same == pytest.approx([same[row].mean() for row in kept])
    gaps = np.abs(found.same - found.probability)
    assert (found.n * gaps).sum() / 400 == pytest.approx(metrics.ece(chances, same))


def test_the_band_holds_what_a_perfect_model_shows() -> None:
    chances, _ = calibrated(3000)
    first = reliability(chances, np.zeros(3000))
    assert np.all(first.low <= first.probability)
    assert np.all(first.probability <= first.high)
    random = np.random.default_rng(1)
    inside = []
    for _ in range(150):
        fresh = reliability(chances, random.random(3000) < chances)
        inside.append((fresh.same >= first.low) & (fresh.same <= first.high))
    assert np.mean(inside) == pytest.approx(0.955, abs=0.02)


def test_the_band_is_binomial_where_all_probabilities_are_equal() -> None:
    from scipy.stats import binom

    found = reliability(np.full(40, 0.3), np.zeros(40))
    low, high = binom.ppf([0.025, 0.975], 40, 0.3) / 40
    assert (found.low[0], found.high[0]) == pytest.approx((low, high), abs=0.026)
    assert found.same.tolist() == [0]


def test_no_pairs_have_no_bins_and_no_points() -> None:
    assert [len(column) for column in reliability([], [])] == [0] * 5
    assert len(roc_curve([], []).x) == len(precision_recall_curve([], []).x) == 0
    found = threshold_table([], [], 0.5)
    assert (found.hits.sum(), found.false.sum(), found.same, found.different) == (0, 0, 0, 0)


@given(tied)
def test_the_histogram_counts_every_pair_of_each_class_once(rows: list) -> None:
    chances, same = columns(rows)
    found = score_histogram(chances, same, bins=4)
    assert found.edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    place = np.minimum((chances * 4).astype(int), 3)
    for counted, rows_of in ((found.same, same), (found.different, ~same)):
        assert counted.tolist() == [int((place[rows_of] == i).sum()) for i in range(4)]


@given(tied, st.sampled_from([0.0, 0.1, 0.30001, 0.5, 0.123456789, 0.625, 1.0]))
def test_counts_by_threshold_are_those_of_a_loop(rows: list, threshold: float) -> None:
    chances, same = columns(rows)
    found = threshold_table(chances, same, threshold)
    assert (found.same, found.different) == (same.sum(), (~same).sum())
    assert (found.threshold[0], found.threshold[-1]) == (0, 1)
    assert np.all(np.diff(found.threshold) > 0)
    assert threshold in found.threshold
    assert len(found.threshold) <= 302
    for cut, hits, false in zip(found.threshold, found.hits, found.false, strict=True):
        assert hits == (chances[same] >= cut).sum()
        assert false == (chances[~same] >= cut).sum()


def test_the_table_is_fine_where_the_pairs_are() -> None:
    chances = np.random.default_rng(0).beta(1, 400, 10_000)
    found = threshold_table(chances, chances > 0.002, 0.5)
    assert (found.threshold < 0.01).sum() > 30
    accepted = found.hits + found.false
    assert np.max(-np.diff(accepted)) < 1000


@pytest.mark.parametrize(
    "function",
    [roc_curve, precision_recall_curve, reliability, score_histogram],
)
def test_numbers_that_do_not_fit_are_refused(function: object) -> None:
    with pytest.raises(InputError, match="stand beside"):
        function([0.1, 0.2], [1])  # type: ignore[operator]
