"""Evaluation of a stub twin: every number where it belongs, as a table and as JSON."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import FrozenInstanceError
from types import SimpleNamespace

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.judging import metrics
from textsiamese.twins.evaluate import _MEASURES, Evaluation, evaluate, evaluate_scores


class StubTwin:
    """Texts are numbers; two are alike as they are near."""

    threshold = 0.6

    def score_pairs(self, left: Sequence[str], right: Sequence[str]) -> SimpleNamespace:
        similarity = -np.abs(np.array(left, dtype=float) - np.array(right, dtype=float))
        probability = 1 / (1 + np.exp(-2 * similarity - 2))
        return SimpleNamespace(
            similarity=similarity,
            probability=probability,
            predicted=probability >= self.threshold,
        )


def number_pairs(n: int, seed: int = 0) -> SimpleNamespace:
    random = np.random.default_rng(seed)
    apart = np.round(random.uniform(0, 2, n), 1)  # ties
    labels = (random.random(n) < 1 / (1 + np.exp(2 * apart - 2))).astype(np.int8)
    return SimpleNamespace(left=["0"] * n, right=[str(gap) for gap in apart], labels=labels)


def test_every_metric_is_in_its_place() -> None:
    pairs = number_pairs(500)
    scores = StubTwin().score_pairs(pairs.left, pairs.right)
    found = evaluate(StubTwin(), pairs)
    assert (found.n, found.same, found.threshold) == (500, int(pairs.labels.sum()), 0.6)
    for name in ("accuracy", "f1", "precision", "recall"):
        assert getattr(found, name) == getattr(metrics, name)(scores.predicted, pairs.labels)
    for name in ("average_precision", "roc_auc", "cross_fitted_accuracy"):
        assert getattr(found, name) == getattr(metrics, name)(scores.similarity, pairs.labels)
    for name in ("log_loss", "brier", "ece"):
        assert getattr(found, name) == getattr(metrics, name)(scores.probability, pairs.labels)
    assert found.ece_band == metrics.ece_band(scores.probability, 0)
    distinct = [getattr(found, name) for name in _MEASURES]
    assert len(set(distinct)) == len(distinct)  # no number stands in two places


def test_every_interval_holds_its_metric() -> None:
    found = evaluate(StubTwin(), number_pairs(500))
    assert set(found.intervals) == set(_MEASURES) - {"ece"}
    for name, (low, high) in found.intervals.items():
        assert low < getattr(found, name) < high


def test_the_seed_decides() -> None:
    pairs = number_pairs(200)
    assert evaluate(StubTwin(), pairs, seed=4) == evaluate(StubTwin(), pairs, seed=4)
    other = evaluate(StubTwin(), pairs, seed=5)
    assert evaluate(StubTwin(), pairs, seed=4).intervals != other.intervals


def test_it_is_frozen() -> None:
    found = evaluate(StubTwin(), number_pairs(50))
    with pytest.raises(FrozenInstanceError):
        found.accuracy = 1.0  # type: ignore[misc]


def test_json_holds_every_number_exactly() -> None:
    found = evaluate(StubTwin(), number_pairs(100))
    again = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert again == found.to_json()
    assert again["intervals"]["f1"] == list(found.intervals["f1"])
    again["ece_band"] = tuple(again["ece_band"])
    again["intervals"] = {name: tuple(ends) for name, ends in again["intervals"].items()}
    assert Evaluation(**again) == found


def test_the_table_is_aligned_and_whole() -> None:
    found = evaluate(StubTwin(), number_pairs(1500))
    lines = str(found).splitlines()
    assert lines[0].startswith("pairs")
    assert "1,500" in lines[0]
    assert f"{found.same / 15:.1f}% of them same" in lines[0]
    assert lines[1].split() == ["threshold", "0.6000"]
    low, high = found.intervals["roc_auc"]
    assert f"roc auc                  {found.roc_auc:.4f}  {low:.4f} to {high:.4f}" in lines
    assert len(lines) == 3 + len(_MEASURES)
    assert {line[31:33] for line in lines[2:]} == {"  "}
    assert f"perfect calibration shows {found.ece_band[0]:.4f}" in lines[-1]
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_gives_nan_and_no_exception(label: int) -> None:
    pairs = number_pairs(80)
    pairs.labels = np.full(80, label, dtype=np.int8)
    found = evaluate(StubTwin(), pairs)
    assert math.isnan(found.roc_auc)
    assert math.isnan(found.recall) == (label == 0)
    assert found.cross_fitted_accuracy == 1.0
    assert 0 < found.accuracy < 1
    assert found.to_json()["roc_auc"] is None
    assert found.to_json()["intervals"]["roc_auc"] == [None, None]
    assert "nan" in str(found)


def test_one_pair_is_enough_and_none_is_not() -> None:
    found = evaluate(StubTwin(), number_pairs(1))
    assert found.n == 1
    assert math.isnan(found.cross_fitted_accuracy)
    json.dumps(found.to_json(), allow_nan=False)
    with pytest.raises(InputError, match="no pairs to evaluate on"):
        evaluate(StubTwin(), number_pairs(0))


def test_scores_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="2 scores stand beside 1 labels"):
        evaluate_scores([0.1, 0.2], [0.1, 0.2], [0, 0], [1], threshold=0.5)
    with pytest.raises(InputError, match="probability at index 0"):
        evaluate_scores([0.1], [1.2], [0], [1], threshold=0.5)


def test_a_large_similarity_ranks_where_probabilities_are_tied() -> None:
    found = evaluate_scores([1e300, 2e300], [0.9, 0.9], [1, 1], [0, 1], threshold=0.5)
    assert found.roc_auc == 1.0


def test_ten_thousand_pairs_take_two_seconds_at_most() -> None:
    pairs = number_pairs(10_000)
    start = time.process_time()
    evaluate(StubTwin(), pairs)
    assert time.process_time() - start < 2
