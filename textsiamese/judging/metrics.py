"""Metrics of scored pairs, right on ties; where one is not defined it is NaN, never an exception.

Every function takes scores (or probabilities, or yes/no answers) first and labels second, both
(n,), labels 1 = same, and raises InputError if they do not fit together (see `checked`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textsiamese.judging.scored import Bools, Floats, checked, checked_probabilities
from textsiamese.judging.thresholds import cross_fitted

_BINS = 15
_BLOCK = 2_000_000  # random numbers drawn at once, to bound memory


class Rates(NamedTuple):
    """Shares of right answers, each of the shape of the counts they came from."""

    accuracy: Floats
    f1: Floats
    precision: Floats
    recall: Floats


def rates(hits: Floats, accepted: Floats, same: Floats, total: Floats) -> Rates:
    """Accuracy, F1, precision and recall from counts; NaN where a denominator is 0.

    Args:
        hits: same pairs called same; any shape.
        accepted: pairs called same.
        same: same pairs.
        total: pairs.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return Rates(
            accuracy=(total - accepted - same + 2 * hits) / total,
            f1=2 * hits / (accepted + same),
            precision=hits / accepted,
            recall=hits / same,
        )


class Areas(NamedTuple):
    """Areas under the two ranking curves, of the shape of the counts less the last axis."""

    average_precision: Floats
    roc_auc: Floats


def areas(hits: Floats, accepted: Floats) -> Areas:
    """Both areas from counts down a ranking, taken where a run of tied scores ends.

    Average precision is the step sum of precision over recall; ROC AUC counts a tie as one half
    (Mann-Whitney). NaN where a class is missing.

    Args:
        hits: (..., m) same pairs among the first ones, up to the end of each run.
        accepted: (..., m) pairs among the first ones, likewise.
    """
    false = accepted - hits
    gained = np.diff(hits, axis=-1, prepend=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(accepted > 0, hits / accepted, 0.0)
        beaten = false[..., -1:] - false + np.diff(false, axis=-1, prepend=0.0) / 2
        return Areas(
            average_precision=(gained * precision).sum(-1) / hits[..., -1],
            roc_auc=(gained * beaten).sum(-1) / (hits[..., -1] * false[..., -1]),
        )


def ranking(scores: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The order from the greatest score down, and the places where a run of ties ends in it."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf) != 0)
    return order, ends


def accuracy(predicted: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Share of right answers; NaN for no pairs."""
    return float(_rates(predicted, labels).accuracy)


def f1(predicted: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Harmonic mean of precision and recall; NaN if nothing is same and nothing called so."""
    return float(_rates(predicted, labels).f1)


def precision(predicted: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Share of same pairs among those called same; NaN if none is called so."""
    return float(_rates(predicted, labels).precision)


def recall(predicted: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Share of the same pairs that are called same; NaN if there is none."""
    return float(_rates(predicted, labels).recall)


def average_precision(scores: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Step sum of precision over recall, tied scores taken together; NaN without same pairs."""
    return float(_areas(scores, labels).average_precision)


def roc_auc(scores: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Chance that a same pair scores above a different one, ties one half; NaN for one class."""
    return float(_areas(scores, labels).roc_auc)


def log_losses(probability: Floats, same: Bools) -> Floats:
    """-ln of the probability given to each pair's label, (n,); at most 36.7 (float64's epsilon)."""
    epsilon = np.finfo(np.float64).eps
    return -np.log(np.maximum(np.where(same, probability, 1 - probability), epsilon))


def log_loss(probability: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Mean of `log_losses`, in nats; NaN for no pairs."""
    return _mean(log_losses(*checked_probabilities(probability, labels)))


def brier(probability: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Mean squared difference of probability and label; NaN for no pairs."""
    given, same = checked_probabilities(probability, labels)
    return _mean((given - same) ** 2)


def ece(probability: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Expected calibration error of the probability of "same" in 15 bins of equal width.

    sum over bins of n_bin / n * |mean probability - share of same pairs| (Guo et al. 2017, eq. 3,
    bins ((i - 1) / 15, i / 15], the first with 0). NaN for no pairs. It is above 0 by chance
    alone: read it beside `ece_band`.
    """
    given, same = checked_probabilities(probability, labels)
    gaps = np.bincount(_bins(given), weights=given - same, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(given)) if len(given) else np.nan


def ece_band(
    probability: npt.ArrayLike, seed: int = 0, replicates: int = 1000
) -> tuple[float, float]:
    """Mean and 95th percentile of the ECE of a perfectly calibrated model with these probabilities.

    Labels are drawn from the probabilities themselves, again and again, and the ECE of each draw
    is taken: what chance alone shows at this n. (NaN, NaN) for no pairs.

    Args:
        probability: (n,) in [0, 1].
        seed: draws the labels.
        replicates: how many draws.
    """
    given, _ = checked_probabilities(probability, np.zeros(np.shape(probability)))
    if not len(given):
        return np.nan, np.nan
    given = np.sort(given)
    starts = bin_starts(given)
    gaps = drawn_same(given, starts, seed, replicates) - np.add.reduceat(given, starts)
    errors = np.abs(gaps).sum(axis=1) / len(given)
    return float(errors.mean()), float(np.quantile(errors, 0.95))


def bin_starts(probability: Floats) -> npt.NDArray[np.intp]:
    """Where each bin of the ECE that has pairs begins among sorted probabilities (n,)."""
    return np.flatnonzero(np.diff(_bins(probability), prepend=-1))


def drawn_same(
    probability: Floats, starts: npt.NDArray[np.intp], seed: int = 0, replicates: int = 1000
) -> Floats:
    """Same pairs by bin, if every label is drawn from its own probability, again and again.

    Args:
        probability: (n,) in [0, 1], sorted; n >= 1.
        starts: (m,) where each bin begins.
        seed: draws the labels.
        replicates: how many draws.

    Returns:
        (replicates, m) counts.
    """
    random = np.random.default_rng(seed)
    block = max(1, _BLOCK // len(probability))
    counts = []
    for first in range(0, replicates, block):
        shape = (min(block, replicates - first), len(probability))
        drawn = random.random(shape) < probability
        counts.append(np.add.reduceat(drawn, starts, axis=1, dtype=np.float64))
    return np.concatenate(counts)


def cross_fitted_accuracy(
    scores: npt.ArrayLike, labels: npt.ArrayLike, folds: int = 2, seed: int = 0
) -> float:
    """Accuracy where each fold is judged at the threshold that is best on the other folds.

    Unlike the best accuracy over all thresholds it is not flattered by the choice; see
    `cross_fitted`. NaN if there are fewer pairs than folds.
    """
    given, same = checked(scores, labels)
    if len(given) < folds:
        return np.nan
    return _mean(cross_fitted(given, same, folds, seed) == same)


def _bins(probability: Floats) -> npt.NDArray[np.intp]:
    return np.clip(np.ceil(probability * _BINS).astype(np.intp) - 1, 0, _BINS - 1)


def _mean(values: npt.NDArray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _rates(predicted: npt.ArrayLike, labels: npt.ArrayLike) -> Rates:
    answers, same = checked(predicted, labels)
    yes = answers != 0
    counts = ((yes & same).sum(), yes.sum(), same.sum(), np.asarray(len(same)))
    return rates(*(np.asarray(count, dtype=np.float64) for count in counts))


def _areas(scores: npt.ArrayLike, labels: npt.ArrayLike) -> Areas:
    given, same = checked(scores, labels)
    if not len(given):
        return Areas(np.asarray(np.nan), np.asarray(np.nan))
    order, ends = ranking(given)
    hits = np.cumsum(same[order], dtype=np.float64)[ends]
    return areas(hits, (ends + 1).astype(np.float64))
