"""Thresholds by rule: where to cut a list of scores, never inside a tie."""

from __future__ import annotations

import difflib

import numpy as np
import numpy.typing as npt

from textsiamese.errors import InputError
from textsiamese.judging.calibration import checked_share
from textsiamese.judging.scored import Bools, Floats, checked, checked_probabilities

_RULES = "'accuracy', 'f1', 'precision=0.95' or 'false-accept=0.001' (with any share)"
_PLAIN = ("accuracy", "f1")
_WITH_SHARE = ("precision", "false-accept")


def parse_rule(rule: str) -> tuple[str, float]:
    """The rule's name and its share: ("precision", 0.95); NaN where it has none: ("f1", nan).

    Raises:
        InputError: if the rule is unknown, or its share missing or outside [0, 1].
    """
    name, equals, share = str(rule).partition("=")
    if name in _PLAIN and not equals:
        return name, np.nan
    if name in _WITH_SHARE and equals:
        return name, checked_share(share, f"share in the threshold rule {rule!r}", ends=True)
    near = difflib.get_close_matches(name, [*_PLAIN, *_WITH_SHARE], n=1)
    hint = f"did you mean {near[0]!r}? " if near and near[0] != name else ""
    raise InputError(f"The threshold rule is {rule!r}: {hint}Give {_RULES}.")


def choose_threshold(probability: npt.ArrayLike, labels: npt.ArrayLike, rule: str) -> float:
    """The threshold in [0, 1] that the rule chooses; `probability >= threshold` means same.

    Only cuts between distinct probabilities are looked at, and the threshold lies halfway
    between the two neighbours (below the least: halfway to 0, above the greatest: halfway to 1).

    - "accuracy": most right answers. Of equally good cuts the one nearest 0.5, which is the best
      threshold of perfect probabilities.
    - "f1": greatest F1 of the same pairs; of equally good cuts the one nearest 0.5.
    - "precision=P": the most pairs called same of which at least the share P are.
    - "false-accept=R": the most pairs called same with at most the share R of the different
      pairs among them. Fewer than 1 / R different pairs cannot tell R from 0.

    Args:
        probability: (n,) in [0, 1].
        labels: (n,) of 0 or 1, 1 = same.
        rule: one of the above.

    Raises:
        InputError: if the rule is unknown, a number cannot be used, there are no pairs (for "f1"
            and "precision" no same ones, for "false-accept" no different ones), or no cut
            does what the rule asks.
    """
    name, share = parse_rule(rule)
    given, same = checked_probabilities(probability, labels)
    cuts, accepted, hits = _cuts(given, same, 0.0, 1.0)
    false, positives, negatives = accepted - hits, int(same.sum()), int((~same).sum())
    needed = {"accuracy": len(same), "false-accept": negatives}.get(name, positives)
    if needed == 0:
        raise InputError(f"The rule {rule!r} has no pairs to go by: give pairs of both kinds.")
    if name == "accuracy":
        return _nearest(cuts, hits + negatives - false, 0.5)
    if name == "f1":
        return _nearest(cuts, 2 * hits / (accepted + positives), 0.5)
    with np.errstate(invalid="ignore"):
        reached = hits / accepted >= share if name == "precision" else false / negatives <= share
    if not reached.any():
        raise InputError(f"No threshold keeps {rule!r} on these {len(same)} pairs: ask for less.")
    return float(cuts[reached].min())


def cross_fitted(
    scores: npt.ArrayLike, labels: npt.ArrayLike, folds: int = 2, seed: int = 0
) -> Bools:
    """Yes or no for every pair, by the threshold of greatest accuracy on the other folds.

    So no pair has a say in its own answer. The folds are drawn at random and are equal in size.

    Args:
        scores: (n,) finite, any scale, higher is more alike; n >= folds.
        labels: (n,) of 0 or 1, 1 = same.
        folds: how many, at least 2.
        seed: draws the folds.

    Raises:
        InputError: if a number cannot be used, or there are fewer pairs than folds.
    """
    given, same = checked(scores, labels)
    if not 2 <= folds <= len(given):
        raise InputError(f"{folds} folds of {len(given)} pairs: give 2 folds or more, and pairs.")
    fold = np.random.default_rng(seed).permutation(len(given)) % folds
    answers = np.zeros(len(given), dtype=np.bool_)
    for held in range(folds):
        rest = fold != held
        cuts, accepted, hits = _cuts(given[rest], same[rest], -np.inf, np.inf)
        answers[~rest] = given[~rest] >= _middle(cuts, 2 * hits - accepted)
    return answers


def _cuts(scores: Floats, same: Bools, low: float, high: float) -> tuple[Floats, Floats, Floats]:
    """Every cut between distinct scores, from the one below all of them upwards.

    Returns:
        cuts: (m + 1,) for m distinct scores, each between its neighbours or at the upper one, the
            ends between the scores and low and high; (m,) where the greatest score is `high`.
        accepted: how many scores lie at or above each cut.
        hits: how many of these are same.
    """
    values, row = np.unique(scores, return_inverse=True)
    edges = np.concatenate([[low], values, [high]])
    halfway = edges[:-1] / 2 + edges[1:] / 2
    cuts = np.where(halfway > edges[:-1], halfway, edges[1:])  # neighbours in float64: none between
    cuts[0] = halfway[0]  # -inf where the scale is open below: new scores may be lower still
    counts = np.bincount(row, minlength=len(values))
    hits = np.bincount(row, weights=same, minlength=len(values))
    last = len(values) + int(edges[-2] < high)
    return cuts[:last], _at_or_above(counts)[:last], _at_or_above(hits)[:last]


def _at_or_above(counts: npt.NDArray) -> Floats:
    return np.append(np.cumsum(counts[::-1])[::-1], 0.0)


def _nearest(cuts: Floats, gain: Floats, target: float) -> float:
    """Of the cuts of the greatest gain the one nearest the target."""
    best = cuts[gain == gain.max()]
    return float(best[np.argmin(np.abs(best - target))])


def _middle(cuts: Floats, gain: Floats) -> float:
    """Of the cuts of the greatest gain the middle one."""
    best = cuts[gain == gain.max()]
    return float(best[len(best) // 2])
