"""Evaluation of a stub twin: its scores, in blocks, judged at its threshold."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.evaluation import evaluate_scores
from textsiamese.twins import evaluate as evaluating
from textsiamese.twins.evaluate import evaluate, judge


class StubTwin:
    """Texts are numbers; two are alike as they are near."""

    threshold = 0.6
    picture_sides: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.problems: dict[int, str] = {}

    def score_pairs(self, left: Sequence[str], right: Sequence[str]) -> Any:
        self.asked.append(len(left))
        similarity = -np.abs(np.array(left, dtype=float) - np.array(right, dtype=float))
        probability = 1 / (1 + np.exp(-2 * similarity - 2))
        return SimpleNamespace(
            similarity=similarity,
            probability=probability,
            predicted=probability >= self.threshold,
            problems=self.problems,
        )


def number_pairs(n: int, seed: int = 0) -> Pairs:
    random = np.random.default_rng(seed)
    apart = np.round(random.uniform(0, 2, n), 1)  # ties
    labels = (random.random(n) < 1 / (1 + np.exp(2 * apart - 2))).astype(np.int8)
    return Pairs(["0"] * n, [str(gap) for gap in apart], labels)


def test_it_is_the_evaluation_of_the_twins_scores_at_its_threshold() -> None:
    pairs = number_pairs(500)
    scores = StubTwin().score_pairs(pairs.left, pairs.right)
    assert evaluate(StubTwin(), pairs, seed=4) == evaluate_scores(
        scores.similarity,
        scores.probability,
        scores.predicted,
        pairs.labels,
        threshold=0.6,
        texts=(pairs.left, pairs.right),
        seed=4,
    )


def test_the_seed_decides() -> None:
    pairs = number_pairs(200)
    assert evaluate(StubTwin(), pairs, seed=4) == evaluate(StubTwin(), pairs, seed=4)
    other = evaluate(StubTwin(), pairs, seed=5)
    assert evaluate(StubTwin(), pairs, seed=4).intervals != other.intervals


def test_blocks_of_pairs_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, twin = number_pairs(250), StubTwin()
    whole = judge(StubTwin(), pairs)
    monkeypatch.setattr(evaluating, "_BLOCK", 100)
    seen: list[int] = []
    parts = judge(twin, pairs, progress=seen.append)
    assert twin.asked == [100, 100, 50]
    assert seen == [100, 200, 250]
    assert parts.evaluation == whole.evaluation
    for name in ("similarity", "probability", "predicted"):
        assert np.array_equal(getattr(parts, name), getattr(whole, name))


def test_no_pairs_and_no_table_are_refused() -> None:
    with pytest.raises(InputError, match="no pairs to evaluate on"):
        evaluate(StubTwin(), number_pairs(0))
    with pytest.raises(InputError, match=r"pairs are a list; give what ts\.read_pairs makes"):
        evaluate(StubTwin(), [("a", "b", 1)])  # type: ignore[arg-type]


def test_a_picture_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "_BLOCK", 100)
    twin = StubTwin()
    twin.problems = {3: "there is no file dog.png"}
    with pytest.raises(InputError, match=r"pairs, pair 3: there is no file dog\.png"):
        evaluate(twin, number_pairs(250))


def test_of_pictures_there_are_no_slices_by_what_texts_show() -> None:
    twin = StubTwin()
    assert judge(twin, number_pairs(200)).evaluation.slices
    twin.picture_sides = ("right",)
    assert not judge(twin, number_pairs(200)).evaluation.slices
