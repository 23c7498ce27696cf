"""What the charts of a report draw: curves, bins and counts by threshold, right on ties."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textsiamese.judging.metrics import Rates, bin_starts, drawn_same, ranking, rates
from textsiamese.judging.scored import Bools, Floats, checked, checked_probabilities

_MOST_POINTS = 300
_UNSEEN = 1 / 4000  # a tenth of a pixel on a chart of 400


class Curve(NamedTuple):
    """A line from point to point, x never falling, both in [0, 1]; no points if not defined."""

    x: Floats
    y: Floats


def roc_curve(scores: npt.ArrayLike, labels: npt.ArrayLike) -> Curve:
    """Recall (y) over the share of different pairs called same (x), from (0, 0) to (1, 1).

    A point where each run of tied scores ends, and straight lines between: the area below is
    `roc_auc`. No points where a class is missing. Thinned to 300 points (see `thinned`).

    Args:
        scores: (n,) finite, higher is more alike.
        labels: (n,) of 0 or 1, 1 = same.

    Raises:
        InputError: if the numbers do not fit together (see `checked`).
    """
    hits, accepted, positives = _down_the_ranking(scores, labels)
    negatives = accepted[-1] - positives
    if positives == 0 or negatives == 0:
        return Curve(np.zeros(0), np.zeros(0))
    return thinned(Curve((accepted - hits) / negatives, hits / positives))


def precision_recall_curve(scores: npt.ArrayLike, labels: npt.ArrayLike) -> Curve:
    """Precision (y) over recall (x), in steps.

    A run of tied scores is one step, level at the precision where it ends: the area below is
    `average_precision`. No points without same pairs. Thinned to 300 points (see `thinned`).

    Args:
        scores, labels: as for `roc_curve`.

    Raises:
        InputError: if the numbers do not fit together (see `checked`).
    """
    hits, accepted, positives = _down_the_ranking(scores, labels)
    if positives == 0:
        return Curve(np.zeros(0), np.zeros(0))
    recall, precision = hits / positives, hits[1:] / accepted[1:]
    x = np.stack([recall[:-1], recall[1:]], axis=1).ravel()
    return thinned(Curve(x, np.repeat(precision, 2)))


def thinned(curve: Curve, most: int = _MOST_POINTS) -> Curve:
    """The curve in at most so many of its points, its two ends among them.

    No point left out lies farther from the new line than a tolerance (Ramer 1972, Douglas and
    Peucker 1973): 1/4000, doubled until the points are few enough.
    """
    points = np.stack(curve, axis=1)
    kept = _needed(points, _UNSEEN)
    tolerance = _UNSEEN
    while kept.sum() > most:
        tolerance *= 2
        kept = _needed(points, tolerance)
    return Curve(*points[kept].T)


class Reliability(NamedTuple):
    """The bins of the ECE that have pairs, m of them, from low to high probabilities.

    Attributes:
        n: (m,) pairs.
        probability: (m,) their mean probability.
        same: (m,) share of them that are same.
        low, high: (m,) between these that share lies in 95 of 100 cases, if the probabilities
            are perfect.
    """

    n: npt.NDArray[np.intp]
    probability: Floats
    same: Floats
    low: Floats
    high: Floats


def reliability(probability: npt.ArrayLike, labels: npt.ArrayLike, seed: int = 0) -> Reliability:
    """What the probabilities promise and what the labels say, in the 15 bins of `ece`.

    Args:
        probability: (n,) in [0, 1].
        labels: (n,) of 0 or 1, 1 = same.
        seed: draws the labels of a perfectly calibrated model.

    Raises:
        InputError: if the numbers do not fit together (see `checked_probabilities`).
    """
    given, same = checked_probabilities(probability, labels)
    if not len(given):
        return Reliability(np.zeros(0, dtype=np.intp), *[np.zeros(0)] * 4)
    order = np.argsort(given, kind="stable")
    given, same = given[order], same[order]
    starts = bin_starts(given)
    n = np.diff(starts, append=len(given))
    low, high = np.quantile(drawn_same(given, starts, seed), [0.025, 0.975], axis=0)
    sums = np.add.reduceat(given, starts), np.add.reduceat(same, starts, dtype=np.float64)
    return Reliability(n, sums[0] / n, sums[1] / n, low / n, high / n)


class Histogram(NamedTuple):
    """Pairs by probability: edges (m + 1,) from 0 to 1; same and different pairs between, (m,)."""

    edges: Floats
    same: npt.NDArray[np.intp]
    different: npt.NDArray[np.intp]


def score_histogram(probability: npt.ArrayLike, labels: npt.ArrayLike, bins: int = 40) -> Histogram:
    """Count the pairs of each class in bins of equal width, a bin's lower edge belonging to it.

    Raises:
        InputError: if the numbers do not fit together (see `checked_probabilities`).
    """
    given, same = checked_probabilities(probability, labels)
    edges = np.linspace(0, 1, bins + 1)
    counted = [np.histogram(given[rows], edges)[0] for rows in (same, ~same)]
    return Histogram(edges, *counted)


class Cuts(NamedTuple):
    """What each threshold comes to.

    Attributes:
        threshold: (m,) rising from 0 to 1; a probability at or above it means same.
        hits: (m,) same pairs called same.
        false: (m,) different pairs called same.
        same: how many pairs are same in all.
        different: how many are different.
    """

    threshold: Floats
    hits: npt.NDArray[np.intp]
    false: npt.NDArray[np.intp]
    same: int
    different: int

    @property
    def rates(self) -> Rates:
        """Accuracy, F1, precision and recall at each threshold, (m,); NaN where not defined."""
        hits = self.hits.astype(np.float64)
        same, total = (
            np.full(len(hits), n, float) for n in (self.same, self.same + self.different)
        )
        return rates(hits, hits + self.false, same, total)


def threshold_table(probability: npt.ArrayLike, labels: npt.ArrayLike, threshold: float) -> Cuts:
    """Confusion counts at some 300 thresholds, `threshold` itself among them.

    The others are the hundredths, and 200 quantiles of the probabilities (rounded to four
    decimals), so that the table is fine where the pairs are.

    Args:
        probability: (n,) in [0, 1].
        labels: (n,) of 0 or 1, 1 = same.
        threshold: in [0, 1].

    Raises:
        InputError: if the numbers do not fit together (see `checked_probabilities`).
    """
    given, same = checked_probabilities(probability, labels)
    spread = np.quantile(given, np.linspace(0, 1, 200)) if len(given) else np.zeros(0)
    grid = np.unique(np.round(np.concatenate([np.linspace(0, 1, 101), spread]), 4))
    grid = grid[(np.abs(grid - threshold) > 5e-5) | (grid == 0) | (grid == 1)]
    grid = np.unique(np.append(grid, threshold))
    return Cuts(
        grid,
        _at_or_above(given[same], grid),
        _at_or_above(given[~same], grid),
        int(same.sum()),
        int((~same).sum()),
    )


def _at_or_above(values: Floats, cuts: Floats) -> npt.NDArray[np.intp]:
    return len(values) - np.searchsorted(np.sort(values), cuts, side="left")


def _down_the_ranking(scores: npt.ArrayLike, labels: npt.ArrayLike) -> tuple[Floats, Floats, int]:
    """Same pairs and pairs among the first ones, from none on to the end of each run of ties."""
    given, same = checked(scores, labels)
    order, ends = ranking(given)
    hits = np.append(0.0, np.cumsum(same[order], dtype=np.float64)[ends])
    return hits, np.append(0.0, ends + 1.0), int(same.sum())


def _needed(points: Floats, tolerance: float) -> Bools:
    """Which points (m, 2) a line needs in order to pass all others within the tolerance."""
    kept = np.zeros(len(points), dtype=np.bool_)
    kept[:1] = kept[-1:] = True
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        chord = points[last] - points[first]
        between = points[first + 1 : last] - points[first]
        length = np.hypot(*chord)
        across = np.abs(between[:, 0] * chord[1] - between[:, 1] * chord[0])
        distance = across / length if length else np.hypot(*between.T)
        farthest = int(np.argmax(distance))
        if distance[farthest] > tolerance:
            middle = first + 1 + farthest
            kept[middle] = True
            waiting += [(first, middle), (middle, last)]
    return kept
