"""A new decision for a twin, fitted on other pairs: the same similarities, told otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from textsiamese.errors import InputError
from textsiamese.judging.crossfitting import Quality, cross_fitted_quality
from textsiamese.judging.fitting import calibrator_for
from textsiamese.judging.metrics import average_precision
from textsiamese.twins.decision import Decision
from textsiamese.twins.scorer import PairScorer

if TYPE_CHECKING:
    from textsiamese.inputs.pairs import Pairs
    from textsiamese.twins.info import TwinInfo

Scorer = TypeVar("Scorer", bound=PairScorer)
_ADDED = ", calibrated anew"


@dataclass(frozen=True)
class Calibration(Generic[Scorer]):
    """A twin with a new decision, and what the old and the new one come to.

    Attributes:
        twin: the twin with the new decision.
        before: the old decision on these pairs; None if the twin had none.
        after: decisions fitted like the new one, each on four fifths of the pairs and judged on
            the last, since the new one itself has seen them all; None where a kind has one pair.
    """

    twin: Scorer
    before: Quality | None
    after: Quality | None


def calibrate(
    twin: Scorer, pairs: Pairs, *, calibrator: str | None = None, rule: str = "accuracy"
) -> Scorer:
    """The same twin with probabilities and a threshold that are right on pairs like these.

    Args:
        twin: a twin or a cross-encoder, with or without a decision; it stays as it is.
        pairs: at least 50 labelled pairs of both kinds that trained nothing, with the share of
            same pairs that is to be expected later (else shift it, with ``with_decision(prior=)``).
        calibrator: "platt", "beta" or "isotonic"; None goes by the number of pairs (see
            `calibrator_for`).
        rule: what chooses the threshold: "accuracy", "f1", "precision=0.95" or
            "false-accept=0.001", with any share.

    Raises:
        InputError: if the pairs cannot carry a decision, or the calibrator or rule is unknown.
    """
    return calibrate_and_compare(twin, pairs, calibrator=calibrator, rule=rule).twin


def calibrate_and_compare(
    twin: Scorer, pairs: Pairs, *, calibrator: str | None = None, rule: str = "accuracy"
) -> Calibration[Scorer]:
    """As `calibrate`, and says how good the probabilities were before and are now."""
    if not hasattr(pairs, "labels"):
        raise InputError(f"pairs are a {type(pairs).__name__}; give what ts.read_pairs makes of it")
    similarity, same = twin.similarity(pairs.left, pairs.right), pairs.labels == 1
    method = calibrator or calibrator_for(len(same))
    decision = Decision.fit(similarity, same, calibrator=method, rule=rule)
    before = None
    if twin.decision is not None:
        probability = twin.decision.probability(similarity)
        before = Quality.of(probability, twin.decision.decide(probability), same)
    after = cross_fitted_quality(similarity, same, calibrator=method, rule=rule)
    info = _about(twin.info, len(same), after, average_precision(similarity, same))
    return Calibration(twin.with_parts(decision=decision, info=info), before, after)


def _about(info: TwinInfo, n: int, after: Quality | None, area: float) -> TwinInfo:
    """What the twin is now: scores at its old threshold say nothing any more."""
    scores = {"calibration pairs": float(n), "calibration pairs average precision": area}
    if after is not None:
        scores["calibration pairs accuracy, cross-fitted"] = after.accuracy
        scores["calibration pairs ECE, cross-fitted"] = after.ece
    name = info.name.removesuffix(_ADDED)
    return replace(info, name=f"{name}{_ADDED}", base=info.base or name, scores=scores)
