"""What scores pairs of inputs: a similarity, a calibrated probability, a yes or no."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.left_right import SIDES, Reads, Side
from textsiamese.twins.checks import OnProblem, checked_pairs, is_single

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

    from textsiamese.inputs.pictures import Picture
    from textsiamese.twins.decision import Decision
    from textsiamese.twins.info import TwinInfo

    Input = str | Picture


@dataclass(frozen=True)
class Compared:
    """Similarities of n pairs, and what was noticed about their texts.

    Attributes:
        similarity: float64 (n,), uncalibrated, higher is more alike; NaN where there is a problem.
        texts: number of distinct texts among the pairs; pictures are not counted.
        cut: how many of these are longer than what reads them reads.
        foreign: how many of these have more than 30% of their pieces in words that the
            vocabulary does not know.
        problems: why a picture of a pair could not be read, by the pair's number.
    """

    similarity: NDArray[np.float64]
    texts: int
    cut: int
    foreign: int
    problems: dict[int, str] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class PairScores(Compared):
    """What is said of n pairs.

    Attributes:
        probability: float64 (n,), calibrated, in (0, 1); NaN where there is a problem.
        predicted: bool (n,), probability at or above the threshold; False where there is a problem.
    """

    probability: NDArray[np.float64]
    predicted: NDArray[np.bool_]


class PairScorer(ABC):
    """Compares two texts or pictures, and decides once a decision is fitted.

    Attributes:
        decision: how a similarity becomes a probability and a yes or no; None until one is fitted.
        info: what it is and was trained on.
        fingerprint: hex digest of the folder that it was opened from; empty if from none.
    """

    decision: Decision | None
    info: TwinInfo
    fingerprint: str

    def reads(self, side: Side) -> Reads:
        """What stands on a side: texts, or pictures."""
        return "texts"

    @property
    def picture_sides(self) -> list[Side]:
        """The sides that read pictures."""
        return [side for side in SIDES if self.reads(side) == "pictures"]

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
        self,
        a: Input | Iterable[Input],
        b: Input | Iterable[Input],
        *,
        on_problem: OnProblem = "raise",
    ) -> Any:
        """Uncalibrated similarity, higher is more alike.

        Returns:
            float for two inputs, float64 (n,) for lists.

        Raises:
            InputError: as ``score``.
        """
        reads = self.reads("left"), self.reads("right")
        left, right, usable = checked_pairs(a, b, on_problem, reads)
        found = self.compare(left, right)
        if found.problems and on_problem == "raise":
            row = min(found.problems)
            where = "" if is_single(a) else f"pair {row}: "
            raise InputError(f"{where}{found.problems[row]}")
        values = np.full(len(usable), np.nan)
        values[usable] = found.similarity
        return float(values[0]) if is_single(a) else values

    def score(
        self,
        a: Input | Iterable[Input],
        b: Input | Iterable[Input],
        *,
        on_problem: OnProblem = "raise",
    ) -> Any:
        """Probability that a and b are the same (ask the same, belong together), in (0, 1).

        Args:
            a: a text, or n texts (list, Series, array); a picture, a path or a PIL image, or n of
                them, where the left side reads pictures.
            b: as many of the right side as ``a``.
            on_problem: "raise", or "nan" for NaN where either text is missing or empty, or a
                picture cannot be read.

        Returns:
            float for two inputs, float64 (n,) for lists.

        Raises:
            InputError: naming the index of a text that is missing, empty or no str, or the picture
                that cannot be read; if the lengths differ; or if there is no decision yet.
        """
        decision = self.decided()
        similarity = np.atleast_1d(self.similarity(a, b, on_problem=on_problem))
        probability = decision.probability(similarity)
        return float(probability[0]) if is_single(a) else probability

    def predict(self, a: Input | Iterable[Input], b: Input | Iterable[Input]) -> Any:
        """Whether a and b are the same: bool for two inputs, bool (n,) for lists.

        Raises:
            InputError: as ``score``.
        """
        decided = self.decided().decide(np.atleast_1d(self.score(a, b)))
        return bool(decided[0]) if is_single(a) else decided

    def score_pairs(self, left: Sequence[Any], right: Sequence[Any]) -> PairScores:
        """All that is said of n pairs of checked inputs, and what was noticed about them."""
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
    def compare(self, left: Sequence[Any], right: Sequence[Any]) -> Compared:
        """Similarities of n pairs of checked inputs, and what was noticed about these."""
