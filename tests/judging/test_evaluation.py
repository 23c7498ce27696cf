"""Evaluation of scores: every number where it belongs, as tables and as JSON."""

from __future__ import annotations

import json
import math
import time
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging import metrics
from textsiamese.judging.evaluation import (
    MEASURES,
    Evaluation,
    Judged,
    evaluate_scores,
    judge_pairs,
)
from textsiamese.judging.slices import FEW, Slice

THRESHOLD = 0.6


def scored(n: int, seed: int = 0) -> dict[str, Any]:
    """Numbers as texts; two are alike as they are near."""
    random = np.random.default_rng(seed)
    apart = np.round(random.uniform(0, 2, n), 1)  # ties
    probability = 1 / (1 + np.exp(2 * apart - 2))
    return {
        "similarity": -apart,
        "probability": probability,
        "predicted": probability >= THRESHOLD,
        "labels": (random.random(n) < probability).astype(np.int8),
        "texts": (["0"] * n, [str(gap) for gap in apart]),
    }


def evaluated(n: int, seed: int = 0, **changed: Any) -> Evaluation:
    return evaluate_scores(**{**scored(n, seed), "threshold": THRESHOLD, **changed})


def test_every_metric_is_in_its_place() -> None:
    given = scored(500)
    found = evaluated(500)
    labels = given["labels"]
    assert (found.n, found.same, found.threshold) == (500, int(labels.sum()), THRESHOLD)
    for name in ("accuracy", "f1", "precision", "recall"):
        assert getattr(found, name) == getattr(metrics, name)(given["predicted"], labels)
    for name in ("average_precision", "roc_auc", "cross_fitted_accuracy"):
        assert getattr(found, name) == getattr(metrics, name)(given["similarity"], labels)
    for name in ("log_loss", "brier", "ece"):
        assert getattr(found, name) == getattr(metrics, name)(given["probability"], labels)
    assert found.ece_band == metrics.ece_band(given["probability"], 0)
    distinct = [getattr(found, name) for name in MEASURES]
    assert len(set(distinct)) == len(distinct)  # no number stands in two places


def test_every_interval_holds_its_metric() -> None:
    found = evaluated(500)
    assert set(found.intervals) == set(MEASURES) - {"ece"}
    for name, (low, high) in found.intervals.items():
        assert low < getattr(found, name) < high


def test_the_seed_decides() -> None:
    assert evaluated(200) == evaluated(200)
    assert evaluate_scores(**scored(200), threshold=0.6, seed=5).intervals != (
        evaluate_scores(**scored(200), threshold=0.6, seed=4).intervals
    )


def test_it_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        evaluated(50).accuracy = 1.0  # type: ignore[misc]


def test_slices_are_those_of_the_texts_and_none_without_texts() -> None:
    found = evaluated(300)
    assert [each.n for each in found.slices if each.group == "length"] == [300, 0, 0]
    assert sum(each.n for each in found.slices if each.group == "numbers") == 300
    (short, *_) = found.slices
    for name in ("accuracy", "f1", "precision", "recall", "average_precision", "same"):
        assert getattr(short, name) == getattr(found, name)
    without = evaluated(300, texts=None)
    assert without.slices == ()
    assert replace(found, slices=()) == without


def test_json_holds_every_number_exactly() -> None:
    found = evaluated(100)
    again = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert again == found.to_json()
    assert again["intervals"]["f1"] == list(found.intervals["f1"])
    first, empty, *_ = again["slices"]
    assert first["f1"] == found.slices[0].f1
    assert (empty["n"], empty["few"], empty["accuracy"]) == (0, True, None)
    again["ece_band"] = tuple(again["ece_band"])
    again["intervals"] = {name: tuple(ends) for name, ends in again["intervals"].items()}
    again["slices"] = tuple(
        Slice(**{name: np.nan if value is None else value for name, value in each.items()})
        for each in again["slices"]
    )
    assert Evaluation(**again) == found


def test_the_table_is_aligned_and_whole() -> None:
    found = evaluated(1500)
    lines = str(found).split("\n\n")[0].splitlines()
    assert lines[0].startswith("pairs")
    assert "1,500" in lines[0]
    assert f"{found.same / 15:.1f}% of them same" in lines[0]
    assert lines[1].split() == ["threshold", "0.6000"]
    low, high = found.intervals["roc_auc"]
    assert f"roc auc                  {found.roc_auc:.4f}  {low:.4f} to {high:.4f}" in lines
    assert len(lines) == 3 + len(MEASURES)
    assert {line[31:33] for line in lines[2:]} == {"  "}
    assert f"perfect calibration shows {found.ece_band[0]:.4f}" in lines[-1]
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("n", [90, 1500])
def test_the_table_of_slices(n: int) -> None:
    found = evaluated(n)
    lines = str(found).split("\n\n")[1].splitlines()
    filled = [each for each in found.slices if each.n]
    assert 0 < len(filled) < len(found.slices)
    head, *rows = lines[: len(filled) + 1]
    assert head.split() == [
        *("slice", "pairs", "same", "accuracy", "f1", "precision", "recall", "avg.", "prec.")
    ]
    assert {len(line) for line in (head, *rows)} == {len(head)}
    assert len(head) <= 100
    for line, each in zip(rows, filled, strict=True):
        assert line.startswith(f"{each.group}: {each.name}")
        assert f"{each.n:,}" in line
        assert f"{each.accuracy:.4f}" in line
        assert ("*" in line) == each.few == (each.n < FEW)
    told = lines[len(filled) + 1 :]
    assert told == (["* fewer than 100 pairs: rough numbers"] if n < FEW else [])
    assert "slice" not in str(evaluated(n, texts=None))


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_gives_nan_and_no_exception(label: int) -> None:
    found = evaluated(80, labels=np.full(80, label))
    assert math.isnan(found.roc_auc)
    assert math.isnan(found.recall) == (label == 0)
    assert found.cross_fitted_accuracy == 1.0
    assert 0 < found.accuracy < 1
    assert found.to_json()["roc_auc"] is None
    assert found.to_json()["intervals"]["roc_auc"] == [None, None]
    assert "nan" in str(found)


def test_one_pair_is_enough_and_none_is_not() -> None:
    found = evaluated(1)
    assert found.n == 1
    assert math.isnan(found.cross_fitted_accuracy)
    json.dumps(found.to_json(), allow_nan=False)
    with pytest.raises(InputError, match="no pairs to evaluate on"):
        evaluated(0)


def test_scores_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="2 scores stand beside 1 labels"):
        evaluate_scores([0.1, 0.2], [0.1, 0.2], [0, 0], [1], threshold=0.5)
    with pytest.raises(InputError, match="probability at index 0"):
        evaluate_scores([0.1], [1.2], [0], [1], threshold=0.5)


def test_a_large_similarity_ranks_where_probabilities_are_tied() -> None:
    found = evaluate_scores([1e300, 2e300], [0.9, 0.9], [1, 1], [0, 1], threshold=0.5)
    assert found.roc_auc == 1.0


def test_judged_pairs_keep_their_scores() -> None:
    given = scored(120)
    pairs = Pairs(*given["texts"], given["labels"])
    columns = [given[name].tolist() for name in ("similarity", "probability", "predicted")]
    judged = judge_pairs(pairs, *columns, threshold=THRESHOLD, seed=3)
    assert judged.evaluation == evaluate_scores(**given, threshold=THRESHOLD, seed=3)
    assert judged.pairs is pairs
    kept = {field.name for field in fields(Judged)} - {"pairs", "evaluation"}
    for name in kept:
        assert np.array_equal(getattr(judged, name), given[name])
    assert judged.predicted.dtype == np.bool_


def test_ten_thousand_pairs_take_two_seconds_at_most() -> None:
    start = time.process_time()
    evaluated(10_000)
    assert time.process_time() - start < 2
