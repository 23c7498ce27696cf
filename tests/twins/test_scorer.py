from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.judging.calibration import Platt
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.scorer import Compared, PairScorer


class Lengths(PairScorer):
    """Similar are texts of like length."""

    def __init__(self, decision: Decision | None) -> None:
        self.decision, self.info, self.fingerprint = decision, TwinInfo(name="lengths"), ""

    def compare(self, left: Sequence[str], right: Sequence[str]) -> Compared:
        apart = [-abs(len(a) - len(b)) for a, b in zip(left, right, strict=True)]
        return Compared(np.array(apart, dtype=np.float64), len({*left, *right}), cut=1, foreign=2)

    def save(self, folder: str | PathLike[str]) -> None:
        raise NotImplementedError


DECISION = Decision(Platt(1.0, 2.0), 0.5, "accuracy", 0.4, 0.4, 100)


def test_probability_and_answer_follow_from_the_similarity() -> None:
    scorer = Lengths(DECISION)
    found = scorer.score_pairs(["a", "abc"], ["ab", "a"])
    np.testing.assert_array_equal(found.similarity, [-1, -2])
    np.testing.assert_allclose(found.probability, 1 / (1 + np.exp([-1.0, 0.0])))
    assert found.predicted.tolist() == [True, True]
    assert (found.texts, found.cut, found.foreign) == (3, 1, 2)
    np.testing.assert_array_equal(scorer.score(["a", "abc"], ["ab", "a"]), found.probability)
    assert scorer.predict("a", "abcdef") is False


def test_a_problem_is_named_or_left_out() -> None:
    scorer = Lengths(DECISION)
    with pytest.raises(InputError, match=r"b\[1\]"):
        scorer.similarity(["a", "b"], ["a", ""])
    found = scorer.similarity(["a", "b"], ["a", ""], on_problem="nan")
    np.testing.assert_array_equal(found, [0, np.nan])


def test_another_decision_leaves_the_first_as_it_was() -> None:
    scorer = Lengths(DECISION)
    strict = scorer.with_decision(threshold=0.9)
    assert (scorer.threshold, strict.threshold) == (0.5, 0.9)
    assert type(strict) is Lengths
    rare = scorer.with_decision(prior=0.01)
    assert rare.score("a", "a") < scorer.score("a", "a")


def test_without_a_decision_it_compares_only() -> None:
    scorer = Lengths(None)
    assert scorer.similarity("a", "abc") == -2
    for ask in (lambda: scorer.score("a", "b"), lambda: scorer.threshold):
        with pytest.raises(InputError, match="lengths has no decision yet"):
            ask()
