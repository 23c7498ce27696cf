"""How good scores are on labelled pairs: every metric with its interval, and slice by slice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging import metrics
from textsiamese.judging.bootstrap import bootstrap_intervals
from textsiamese.judging.scored import Bools, Floats, checked, checked_probabilities
from textsiamese.judging.slices import FEW, Slice, judge_slices, text_slices
from textsiamese.judging.thresholds import cross_fitted

MEASURES = (
    "accuracy",
    "cross_fitted_accuracy",
    "f1",
    "precision",
    "recall",
    "average_precision",
    "roc_auc",
    "log_loss",
    "brier",
    "ece",
)


@dataclass(frozen=True)
class Evaluation:
    """Metrics of one twin on one set of pairs; NaN where one is not defined (one class only).

    Args:
        n: pairs.
        same: how many of them are labelled same.
        threshold: the twin's, on the probability; the one behind accuracy to recall.
        accuracy: share of right answers at the threshold.
        cross_fitted_accuracy: the same at a threshold fitted on the other half of these pairs
            (see `metrics.cross_fitted_accuracy`): what these pairs allow, not flattered.
        f1: of the same pairs, at the threshold.
        precision: share of same pairs among those called same.
        recall: share of the same pairs called same.
        average_precision: step sum of precision over recall, ties together.
        roc_auc: ties one half.
        log_loss: in nats.
        brier: mean squared error of the probability.
        ece: expected calibration error, 15 bins of equal width.
        ece_band: mean and 95th percentile of the ECE that a perfectly calibrated model with the
            same probabilities shows at this n.
        intervals: metric -> 95% bootstrap interval (low, high). The ECE has none, as resampling
            biases it upwards: `ece_band` says how to read it.
        slices: the same for parts of the pairs (see `text_slices`); none where texts were unknown.
    """

    n: int
    same: int
    threshold: float
    accuracy: float
    cross_fitted_accuracy: float
    f1: float
    precision: float
    recall: float
    average_precision: float
    roc_auc: float
    log_loss: float
    brier: float
    ece: float
    ece_band: tuple[float, float]
    intervals: dict[str, tuple[float, float]]
    slices: tuple[Slice, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values for `json.dumps`, with None where a metric is not defined."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    def __str__(self) -> str:
        """Tables for people: a line a metric, with its interval; then a line a slice."""
        share = f"{self.same / self.n:.1%} of them same"
        lines = [f"{'pairs':<22}{self.n:>9,}  {share}", f"{'threshold':<22}{self.threshold:>9.4f}"]
        lines += [f"{'':<22}{'value':>9}  95% interval"]
        for name in MEASURES:
            line = f"{name.replace('_', ' '):<22}{getattr(self, name):>9.4f}"
            if name in self.intervals:
                low, high = self.intervals[name]
                line += f"  {low:.4f} to {high:.4f}"
            lines.append(line)
        mean, high = self.ece_band
        lines[-1] += f"  perfect calibration shows {mean:.4f}, at most {high:.4f} in 95% of cases"
        return "\n".join(lines + _slice_lines(self.slices))


@dataclass(frozen=True, eq=False)
class Judged:
    """Scored pairs and what they come to: all that a report needs.

    Attributes:
        pairs: the labelled pairs, n.
        similarity: (n,) finite, higher is more alike.
        probability: (n,) in [0, 1].
        predicted: (n,) the answers.
        evaluation: the metrics.
    """

    pairs: Pairs
    similarity: Floats
    probability: Floats
    predicted: Bools
    evaluation: Evaluation


def judge_pairs(
    pairs: Pairs,
    similarity: npt.ArrayLike,
    probability: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    threshold: float,
    slices: bool = True,
    seed: int = 0,
) -> Judged:
    """Keep pairs and their scores together with the metrics.

    Args:
        pairs: n labelled pairs.
        similarity, probability, predicted, threshold, seed: as for `evaluate_scores`.
        slices: whether to judge slices by what the texts show; not where a side holds pictures.

    Raises:
        InputError: as `evaluate_scores`.
    """
    ranks, same = checked(similarity, pairs.labels)
    chances, _ = checked_probabilities(probability, same)
    answers = checked(predicted, same)[0] != 0
    texts = (pairs.left, pairs.right) if slices else None
    judged = evaluate_scores(
        ranks, chances, answers, same, threshold=threshold, texts=texts, seed=seed
    )
    return Judged(pairs, ranks, chances, answers, judged)


def evaluate_scores(
    similarity: npt.ArrayLike,
    probability: npt.ArrayLike,
    predicted: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    threshold: float,
    texts: tuple[Sequence[str], Sequence[str]] | None = None,
    seed: int = 0,
) -> Evaluation:
    """Judge scores that are there already.

    Args:
        similarity: (n,) finite, higher is more alike; ranks the pairs.
        probability: (n,) in [0, 1].
        predicted: (n,) of 0 or 1, the answers.
        labels: (n,) of 0 or 1, 1 = same.
        threshold: the one that the answers were given at.
        texts: n left and n right ones, for the slices; None: no slices.
        seed: draws the bootstrap, the calibration band and the folds.

    Raises:
        InputError: if there are no pairs, or the numbers do not fit together.
    """
    ranks, same = checked(similarity, labels)
    chances, _ = checked_probabilities(probability, same)
    answers = checked(predicted, same)[0] != 0
    n = len(same)
    if n == 0:
        raise InputError("There are no pairs to evaluate on: give a table with at least one.")
    right = cross_fitted(ranks, same, seed=seed) == same if n > 1 else np.full(n, np.nan)
    slices = text_slices(*texts) if texts else ()
    return Evaluation(
        n=n,
        same=int(same.sum()),
        threshold=float(threshold),
        accuracy=metrics.accuracy(answers, same),
        cross_fitted_accuracy=float(right.mean()),
        f1=metrics.f1(answers, same),
        precision=metrics.precision(answers, same),
        recall=metrics.recall(answers, same),
        average_precision=metrics.average_precision(ranks, same),
        roc_auc=metrics.roc_auc(ranks, same),
        log_loss=metrics.log_loss(chances, same),
        brier=metrics.brier(chances, same),
        ece=metrics.ece(chances, same),
        ece_band=metrics.ece_band(chances, seed),
        intervals=bootstrap_intervals(
            ranks, chances, answers, same, {"cross_fitted_accuracy": right.astype(np.float64)}, seed
        ),
        slices=judge_slices(slices, ranks, answers, same),
    )


def _slice_lines(slices: Sequence[Slice]) -> list[str]:
    """A table of the slices that have pairs, after a blank line."""
    filled = [each for each in slices if each.n]
    if not filled:
        return []
    head = f"{'slice':<29}{'pairs':>10}{'same':>8}{'accuracy':>10}{'f1':>8}"
    lines = ["", head + f"{'precision':>11}{'recall':>8}{'avg. prec.':>12}"]
    for each in filled:
        name = f"{each.group}: {each.name}{' *' if each.few else ''}"
        numbers = f"{each.accuracy:>10.4f}{each.f1:>8.4f}{each.precision:>11.4f}{each.recall:>8.4f}"
        share = f"{each.same / each.n:.1%}"
        line = f"{name:<29}{each.n:>10,}{share:>8}{numbers}{each.average_precision:>12.4f}"
        lines.append(line)
    if any(each.few for each in filled):
        lines.append(f"* fewer than {FEW} pairs: rough numbers")
    return lines


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(held) for name, held in value.items()}
    if isinstance(value, tuple):
        return [_plain(held) for held in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
