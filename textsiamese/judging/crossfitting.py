"""What a decision comes to on pairs that had no part in it, from one table of pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textsiamese.errors import InputError
from textsiamese.judging import metrics
from textsiamese.judging.fitting import fit_calibrator
from textsiamese.judging.scored import Bools, Floats, checked
from textsiamese.judging.thresholds import choose_threshold

_NOBODY = np.inf  # a threshold that no probability reaches


@dataclass(frozen=True)
class Quality:
    """How good probabilities and answers are; NaN where a number is not defined.

    Attributes:
        accuracy, precision, recall, f1, log_loss, brier, ece: as in `metrics`.
        ece_band: what a perfectly calibrated model shows at this n; see `metrics.ece_band`.
    """

    accuracy: float
    precision: float
    recall: float
    f1: float
    log_loss: float
    brier: float
    ece: float
    ece_band: tuple[float, float]

    @classmethod
    def of(cls, probability: Floats, predicted: Bools, same: Bools) -> Quality:
        """That of probabilities (n,) and answers (n,) beside labels (n,)."""
        return cls(
            accuracy=metrics.accuracy(predicted, same),
            precision=metrics.precision(predicted, same),
            recall=metrics.recall(predicted, same),
            f1=metrics.f1(predicted, same),
            log_loss=metrics.log_loss(probability, same),
            brier=metrics.brier(probability, same),
            ece=metrics.ece(probability, same),
            ece_band=metrics.ece_band(probability),
        )


def cross_fitted_quality(
    similarity: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    calibrator: str,
    rule: str,
    folds: int = 5,
    seed: int = 0,
) -> Quality | None:
    """How good a decision is that is fitted like this, each fold judged by one of the others.

    A decision looks better on the pairs that fitted it than on others. Here calibrator and
    threshold of every fold come from the other folds, which have the same share of same pairs.
    Where the others cannot keep the rule, their fold is answered "different" throughout.

    Args:
        similarity: (n,) finite, higher is more alike.
        labels: (n,) of 0 or 1, 1 = same.
        calibrator: "platt", "beta" or "isotonic".
        rule: see `choose_threshold`.
        folds: how many, at least 2; fewer are taken where a class has fewer pairs.
        seed: draws the folds.

    Returns:
        None where a class has fewer than two pairs.

    Raises:
        InputError: if a number or an option cannot be used.
    """
    given, same = checked(similarity, labels)
    folds = min(folds, int(same.sum()), int((~same).sum()))
    if folds < 2:
        return None
    fold = _stratified(same, folds, seed)
    probability, predicted = np.zeros(len(given)), np.zeros(len(given), dtype=np.bool_)
    for held in range(folds):
        rows, rest = fold == held, fold != held
        curve = fit_calibrator(given[rest], same[rest], calibrator)
        threshold = _threshold(curve(given[rest]), same[rest], rule)
        probability[rows] = curve(given[rows])
        predicted[rows] = probability[rows] >= threshold
    return Quality.of(probability, predicted, same)


def _threshold(probability: Floats, same: Bools, rule: str) -> float:
    try:
        return choose_threshold(probability, same, rule)
    except InputError:
        return _NOBODY


def _stratified(same: Bools, folds: int, seed: int) -> npt.NDArray[np.intp]:
    """The fold of each pair: drawn, and with as many same pairs in each as can be."""
    order = np.random.default_rng(seed).permutation(len(same))
    order = order[np.argsort(same[order], kind="stable")]
    fold = np.empty(len(same), dtype=np.intp)
    fold[order] = np.arange(len(same)) % folds
    return fold
