"""How good a twin is on labelled pairs: scored by the twin, judged by `judging`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from textsiamese.errors import InputError
from textsiamese.judging.evaluation import Evaluation, Judged, judge_pairs

if TYPE_CHECKING:
    from textsiamese.inputs.pairs import Pairs
    from textsiamese.twins.scorer import PairScores

_BLOCK = 65_536  # pairs scored at once, so that memory does not hold the vectors of all


class ScoresPairs(Protocol):
    """What an evaluation needs of a twin."""

    @property
    def threshold(self) -> float:
        """The probability from which on a pair is called same."""
        ...

    @property
    def picture_sides(self) -> Sequence[str]:
        """The sides that read pictures."""
        ...

    def score_pairs(self, left: Sequence[str], right: Sequence[str]) -> PairScores:
        """Similarity, probability and answer of every pair."""
        ...


def evaluate(twin: ScoresPairs, pairs: Pairs, *, seed: int = 0) -> Evaluation:
    """Score the pairs with the twin and judge it; see `Evaluation`.

    Args:
        twin: what scores pairs and has a threshold.
        pairs: labelled pairs that neither trained the twin nor fitted its decision.
        seed: draws the bootstrap, the calibration band and the folds.

    Raises:
        InputError: if there are no pairs, ``pairs`` are not what ``read_pairs`` gives, or a
            picture of them cannot be read.
    """
    return judge(twin, pairs, seed=seed).evaluation


def judge(
    twin: ScoresPairs,
    pairs: Pairs,
    *,
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
) -> Judged:
    """As `evaluate`, and keeps the scores beside the pairs, for `write_report`.

    Args:
        twin, pairs, seed: as for `evaluate`.
        progress: is called with the number of pairs scored so far.

    Raises:
        InputError: as `evaluate`.
    """
    if not hasattr(pairs, "labels"):
        raise InputError(f"pairs are a {type(pairs).__name__}; give what ts.read_pairs makes of it")
    n = len(pairs.labels)
    if n == 0:
        raise InputError("There are no pairs to evaluate on: give a table with at least one.")
    parts = []
    for start in range(0, n, _BLOCK):
        rows = slice(start, start + _BLOCK)
        parts.append(twin.score_pairs(pairs.left[rows], pairs.right[rows]))
        for pair, fault in parts[-1].problems.items():
            raise InputError(f"{pairs.name}, pair {start + pair}: {fault}")
        if progress:
            progress(min(n, start + _BLOCK))
    return judge_pairs(
        pairs,
        np.concatenate([part.similarity for part in parts]),
        np.concatenate([part.probability for part in parts]),
        np.concatenate([part.predicted for part in parts]),
        threshold=twin.threshold,
        slices=not twin.picture_sides,
        seed=seed,
    )
