"""What scores pairs of texts: a similarity, a calibrated probability, a yes or no."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textsiamese.errors import InputError
from textsiamese.twins.checks import OnProblem, checked_pairs, is_single

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

    from textsiamese.twins.decision import Decision
    from textsiamese.twins.info import TwinInfo


@dataclass(frozen=True)
class Compared:
    """Similarities of n pairs, and what was noticed about their texts.

    Attributes:
        similarity: float64 (n,), uncalibrated, higher is more alike.
        texts: number of distinct texts among the pairs.
        cut: how many of these are longer than what reads them reads.
        foreign: how many of these have more than 30% of their pieces in words that the
            vocabulary does not know.
    """

    similarity: NDArray[np.float64]
    texts: int
    cut: int
    foreign: int


@dataclass(frozen=True)
class PairScores(Compared):
    """What is said of n pairs.

    Attributes:
        probability: float64 (n,), calibrated, in (0, 1).
        predicted: bool (n,), probability at or above the threshold.
    """

    probability: NDArray[np.float64]
    predicted: NDArray[np.bool_]


class PairScorer(ABC):
    """Compares two texts, and decides once a decision is fitted.

    Attributes:
        decision: how a similarity becomes a probability and a yes or no; None until one is fitted.
        info: what it is and was trained on.
        fingerprint: hex digest of the folder that it was opened from; empty if from none.
    """

    decision: Decision | None
    info: TwinInfo
    fingerprint: str

    def decided(self) -> Decision:
        """The decision.

        Raises:
            InputError: if none is fitted yet.
        """
        if self.decision is None:
            raise InputError(
                f"{self.info.name} has no decision yet, so it gives no probability: fit one on "
                "labelled pairs with ts.calibrate(twin, pairs) (textsiamese calibrate), or use "
                "twin.similarity"
            )
        return self.decision

    @property
    def threshold(self) -> float:
        """The probability from which on a pair counts as the same."""
        return self.decided().threshold

    def similarity(
        self, a: str | Iterable[str], b: str | Iterable[str], *, on_problem: OnProblem = "raise"
    ) -> Any:
        """Uncalibrated similarity, higher is more alike.

        Returns:
            float for two texts, float64 (n,) for lists.

        Raises:
            InputError: as ``score``.
        """
        left, right, usable = checked_pairs(a, b, on_problem)
        values = np.full(len(usable), np.nan)
        values[usable] = self.compare(left, right).similarity
        return float(values[0]) if is_single(a) else values

    def score(
        self, a: str | Iterable[str], b: str | Iterable[str], *, on_problem: OnProblem = "raise"
    ) -> Any:
        """Probability that a and b ask the same, in (0, 1).

        Args:
            a: a text, or n texts (list, Series, array).
            b: as many texts as ``a``.
            on_problem: "raise", or "nan" for NaN where either text is missing or empty.

        Returns:
            float for two texts, float64 (n,) for lists.

        Raises:
            InputError: naming the index of a text that is missing, empty or no str; if the
                lengths differ; or if there is no decision yet.
        """
        probability = self.decided().probability(
            np.atleast_1d(self.similarity(a, b, on_problem=on_problem))
        )
        return float(probability[0]) if is_single(a) else probability

    def predict(self, a: str | Iterable[str], b: str | Iterable[str]) -> Any:
        """Whether a and b ask the same: bool for two texts, bool (n,) for lists.

        Raises:
            InputError: as ``score``.
        """
        decided = self.decided().decide(np.atleast_1d(self.score(a, b)))
        return bool(decided[0]) if is_single(a) else decided

    def score_pairs(self, left: Sequence[str], right: Sequence[str]) -> PairScores:
        """All that is said of n pairs of checked texts, and what was noticed about them."""
        decision = self.decided()
        found = self.compare(left, right)
        probability = decision.probability(found.similarity)
        predicted = decision.decide(probability)
        return PairScores(**vars(found), probability=probability, predicted=predicted)

    def with_decision(self, threshold: float | None = None, prior: float | None = None) -> Self:
        """The same, deciding otherwise.

        Args:
            threshold: probability from which on a pair counts as the same, in [0, 1].
            prior: share of duplicates among the pairs to come, in (0, 1); shifts every
                probability by the difference in log-odds, and with it the decision.

        Raises:
            InputError: if a value is out of range, or there is no decision yet.
        """
        return self.with_parts(decision=self.decided().with_changes(threshold, prior))

    def with_parts(self, *, decision: Decision | None = None, info: TwinInfo | None = None) -> Self:
        """The same with another decision or other facts about it."""
        other = copy.copy(self)
        other.decision = decision or self.decision
        other.info = info or self.info
        return other

    @abstractmethod
    def save(self, folder: str | PathLike[str]) -> None:
        """Write it to ``folder`` as a bundle that :func:`textsiamese.load` opens."""

    @abstractmethod
    def compare(self, left: Sequence[str], right: Sequence[str]) -> Compared:
        """Similarities of n pairs of checked texts, and what was noticed about the texts."""
