"""Bootstrap by counts equals the bootstrap that copies rows, and covers the truth."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from textsiamese.judging import metrics
from textsiamese.judging.bootstrap import (
    _interval,
    _resamples,
    bootstrap_intervals,
    mean_intervals,
)


def scored(n: int, seed: int = 0) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    chances = np.round(random.random(n), 2)  # many ties
    same = random.random(n) < chances
    return chances * 4 - 2, chances, chances >= 0.5, same


def test_intervals_equal_those_of_copied_rows() -> None:
    similarity, chances, answers, same = scored(60)
    extra = np.arange(60.0)
    found = bootstrap_intervals(similarity, chances, answers, same, {"extra": extra}, seed=3)
    order = np.argsort(-similarity, kind="stable")
    rows = [
        np.repeat(order, counts.astype(int))
        for block in _resamples(60, np.random.default_rng(3))
        for counts in block
    ]
    assert len(rows) == 1000
    assert {len(row) for row in rows} == {60}
    slow = {
        "accuracy": [metrics.accuracy(answers[row], same[row]) for row in rows],
        "f1": [metrics.f1(answers[row], same[row]) for row in rows],
        "precision": [metrics.precision(answers[row], same[row]) for row in rows],
        "recall": [metrics.recall(answers[row], same[row]) for row in rows],
        "average_precision": [metrics.average_precision(similarity[r], same[r]) for r in rows],
        "roc_auc": [metrics.roc_auc(similarity[row], same[row]) for row in rows],
        "log_loss": [metrics.log_loss(chances[row], same[row]) for row in rows],
        "brier": [metrics.brier(chances[row], same[row]) for row in rows],
        "extra": [extra[row].mean() for row in rows],
    }
    assert found.keys() == slow.keys()
    for name, values in slow.items():
        assert found[name] == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=1e-9), name


def test_the_interval_of_accuracy_is_the_binomial_one() -> None:
    similarity, chances, answers, same = scored(5000)
    low, high = bootstrap_intervals(similarity, chances, answers, same, {})["accuracy"]
    share = metrics.accuracy(answers, same)
    half = 1.96 * math.sqrt(share * (1 - share) / 5000)
    assert (low, high) == pytest.approx((share - half, share + half), abs=half / 5)


def test_intervals_of_means_equal_those_of_copied_values() -> None:
    values = {"one": np.arange(30.0), "other": np.arange(30.0) ** 2}
    rows = np.concatenate(list(_resamples(30, np.random.default_rng(3)))).astype(int)
    for name, found in mean_intervals(values, seed=3).items():
        means = [np.repeat(values[name], counts).mean() for counts in rows]
        assert found == pytest.approx(np.quantile(means, [0.025, 0.975]))
    assert mean_intervals(values, seed=3) != mean_intervals(values, seed=4)


def test_the_seed_decides() -> None:
    rows = scored(50)
    assert bootstrap_intervals(*rows, {}, seed=1) == bootstrap_intervals(*rows, {}, seed=1)
    assert bootstrap_intervals(*rows, {}, seed=1) != bootstrap_intervals(*rows, {}, seed=2)


def test_one_class_leaves_undefined_metrics_nan_and_the_rest_whole() -> None:
    similarity, chances, answers, _ = scored(40)
    found = bootstrap_intervals(similarity, chances, answers, np.zeros(40, bool), {})
    assert all(map(math.isnan, (*found["roc_auc"], *found["recall"])))
    assert 0 <= found["accuracy"][0] <= found["accuracy"][1] <= 1
    assert _interval(np.array([np.nan, 2.0, 2.0])) == (2.0, 2.0)


def test_fewer_resamples_where_pairs_are_many_and_always_enough() -> None:
    def drawn(n: int) -> int:
        return sum(len(block) for block in _resamples(n, np.random.default_rng(0)))

    assert drawn(1) == drawn(20_000) == 1000
    assert drawn(50_000) == 400
    assert drawn(150_000) == 200


def test_ten_thousand_pairs_take_two_seconds_at_most() -> None:
    random = np.random.default_rng(0)
    chances = random.random(10_000)
    start = time.process_time()
    bootstrap_intervals(chances, chances, chances > 0.5, random.random(10_000) < chances, {})
    assert time.process_time() - start < 2
