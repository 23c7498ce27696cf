"""Fits calibrators: maximum likelihood with rising slopes, and pooled adjacent violators."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from textsiamese.errors import InputError
from textsiamese.judging.calibration import Beta, Calibrator, Isotonic, Platt, one_of
from textsiamese.judging.metrics import roc_auc
from textsiamese.judging.scored import Bools, Floats, checked

METHODS = ("platt", "beta", "isotonic")
_FLOOR = 1e-3  # least slope of a curve, in log-odds per standard deviation of the similarities
_MOST_STEPS = 100
_MANY = 5_000


def calibrator_for(pairs: int) -> str:
    """The method that suits a number of pairs: "isotonic" from 5,000, else "beta".

    Measured as log loss on held-out pairs, on four sets (Quora dev, MRPC, PAWS-Wiki, Twitter URLs)
    under two similarities of lstm-quora, its pair head and the cosine of its vectors: from 50 to
    2,000 pairs beta lost at most 0.003 to Platt, and gained up to 0.040 where the curve has a
    knee. Isotonic follows a curve of any shape, and needs pairs for it: fitted on 50 to 200 it was
    worse than beta by up to 0.034; on 5,000 it lost at most 0.003 (Quora, Twitter), and on 3,000 of
    PAWS-Wiki gained 0.016.
    """
    return "isotonic" if pairs >= _MANY else "beta"


def fit_calibrator(
    similarity: npt.ArrayLike, labels: npt.ArrayLike, method: str = "platt"
) -> Calibrator:
    """The calibrator that the labelled similarities call for.

    All methods fit Platt's targets, (n1 + 1) / (n1 + 2) for same and 1 / (n0 + 2) for different
    pairs, in place of 1 and 0, so that perfectly separated pairs give no infinite slope. Slopes
    are held to at least 0.001 log-odds per standard deviation: similarities that tell nothing
    give a curve that is nearly flat at the share of same pairs, and rises all the same.

    - "platt": logistic regression on the similarity (Platt 1999; Newton's method of Lin, Lin and
      Weng 2007). Right for few pairs.
    - "beta": beta calibration (Kull, Silva Filho and Flach 2017) of Platt's curve, slopes >= floor.
    - "isotonic": pooled adjacent violators, a knot at the mean similarity of each pool (centered
      isotonic regression, Oron and Flournoy 2017), lines between them in log-odds, Platt's slope
      beyond. For a curve of another shape and thousands of pairs.

    Args:
        similarity: (n,) finite, higher is more alike; of pairs that trained nothing.
        labels: (n,) of 0 or 1, 1 = same; both must occur.
        method: "platt", "beta" or "isotonic".

    Raises:
        InputError: if the method is unknown, a number cannot be used, only one class is there,
            or the similarities clearly run against the labels.
    """
    if method not in METHODS:
        raise InputError(f"The calibrator is {method!r}: it must be {one_of(METHODS)}.")
    given, same = checked(similarity, labels)
    check_both_classes(same)
    _check_direction(given, same)
    targets = _smoothed(same)
    platt = _fit_platt(given, targets)
    if method == "beta":
        return _fit_beta(given, targets, platt)
    if method == "isotonic":
        return _fit_isotonic(given, targets, platt)
    return platt


def check_both_classes(same: Bools) -> None:
    """Refuse labels of one class.

    Raises:
        InputError: if every label is the same, or there is none.
    """
    if same.all() or not same.any():
        held = "same" if same.any() else "different"
        raise InputError(
            f"All {len(same)} labels say {held!r}: give pairs of both kinds, "
            "labelled 1 (same) and 0 (different)."
        )


def _check_direction(similarity: Floats, same: Bools) -> None:
    """Refuse a ROC AUC that lies more than four standard errors (Mann-Whitney) below 1/2."""
    area, positives = roc_auc(similarity, same), int(same.sum())
    negatives = len(same) - positives
    error = np.sqrt((len(same) + 1) / (12 * positives * negatives))
    if area < 0.5 - 4 * error:
        raise InputError(
            f"The similarities run against the labels (ROC AUC {area:.3f}): label 1 must mean "
            "same; read a table that has it the other way with similar_is_zero=True."
        )


def _smoothed(same: Bools) -> Floats:
    positives = int(same.sum())
    negatives = len(same) - positives
    return np.where(same, (positives + 1) / (positives + 2), 1 / (negatives + 2))


def _fit_platt(similarity: Floats, targets: Floats) -> Platt:
    unit = float(np.abs(similarity).max())
    unit = unit if unit > 1e-100 else 1.0  # nothing below can square without vanishing
    scaled = similarity / unit
    center, spread = float(scaled.mean()), float(scaled.std())
    spread = spread if spread > 1e-9 else 1.0  # all alike
    slope, intercept = _logistic(((scaled - center) / spread)[:, None], targets)
    return Platt(slope / spread / unit, intercept - slope * center / spread)


def _fit_beta(similarity: Floats, targets: Floats, platt: Platt) -> Beta:
    mapped = platt.logit(similarity)
    features = np.stack([-np.logaddexp(0, -mapped), np.logaddexp(0, mapped)], axis=1)
    low, high, constant = _logistic(features, targets)
    return Beta(platt.slope, platt.intercept, low, high, constant)


def _fit_isotonic(similarity: Floats, targets: Floats, platt: Platt) -> Isotonic:
    from sklearn.isotonic import isotonic_regression

    values, row = np.unique(similarity, return_inverse=True)
    counts = np.bincount(row).astype(np.float64)
    means = np.bincount(row, weights=targets) / counts
    fitted = isotonic_regression(means, sample_weight=counts)
    starts = np.flatnonzero(np.diff(fitted, prepend=-np.inf) > 0)
    weights = counts / np.repeat(*_pools(counts, starts))
    knots = np.add.reduceat(values * weights, starts)
    apart = np.diff(knots, prepend=-np.inf) > 0  # two means may round to one number
    knots, level = knots[apart], fitted[starts][apart]
    least = platt.slope * _FLOOR * (knots - knots[0])
    logits = np.maximum.accumulate(np.log(level / (1 - level)) - least) + least
    return Isotonic(tuple(knots.tolist()), tuple(logits.tolist()), platt.slope)


def _pools(counts: Floats, starts: npt.NDArray[np.intp]) -> tuple[Floats, npt.NDArray[np.intp]]:
    """The pairs in each pool, and its distinct similarities."""
    return np.add.reduceat(counts, starts), np.diff(starts, append=len(counts))


def _logistic(features: Floats, targets: Floats) -> list[float]:
    """Weights >= the floor, then the constant, of least cross-entropy: projected Newton.

    Bertsekas 1982: a weight that lies at its bound and is pushed against it is held; the others
    take Newton's step, halved until the loss falls. The loss is convex, so this is its minimum.

    Args:
        features: (n, k).
        targets: (n,) inside (0, 1).
    """
    design = np.column_stack([features, np.ones(len(features))])
    lowest = np.array([_FLOOR] * features.shape[1] + [-np.inf])
    mean = targets.mean()
    weights = np.append(lowest[:-1], np.log(mean / (1 - mean)))
    loss = _cross_entropy(design @ weights, targets)
    for _ in range(_MOST_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(design @ weights, -700, 700)))
        gradient = design.T @ (probability - targets)
        free = ~((weights <= lowest) & (gradient > 0))
        curvature = (design * (probability * (1 - probability))[:, None]).T @ design
        curvature += 1e-12 * len(targets) * np.eye(len(weights))
        step = np.zeros_like(weights)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        for size in 0.5 ** np.arange(40):
            moved = np.maximum(weights - size * step, lowest)
            lower = _cross_entropy(design @ moved, targets)
            if lower < loss:
                break
        else:
            break
        weights, loss = moved, lower
    return [float(weight) for weight in weights]


def _cross_entropy(logit: Floats, targets: Floats) -> float:
    return float((np.logaddexp(0, logit) - targets * logit).sum())
