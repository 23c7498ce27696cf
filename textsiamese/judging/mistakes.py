"""The worst mistakes: wrong answers, the most confident first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from textsiamese.judging.evaluation import Judged
from textsiamese.judging.scored import Bools


class Mistake(NamedTuple):
    """A pair that was answered wrong.

    Attributes:
        row: its row in the table, from 1, the header not counted.
        probability: of "same", as the twin gave it.
        left, right: the texts.
    """

    row: int
    probability: float
    left: str
    right: str


class Mistakes(NamedTuple):
    """The worst ones of both kinds.

    Attributes:
        false_alarms: different pairs called same, from the highest probability down.
        misses: same pairs called different, from the lowest probability up.
    """

    false_alarms: list[Mistake]
    misses: list[Mistake]


def worst_mistakes(judged: Judged, most: int = 15) -> Mistakes:
    """The most confident wrong answers, at most so many of each kind; ties in the table's order."""
    same = judged.pairs.labels == 1
    return Mistakes(
        _worst(judged, judged.predicted & ~same, -1, most),
        _worst(judged, ~judged.predicted & same, 1, most),
    )


def _worst(judged: Judged, wrong: Bools, sign: int, most: int) -> list[Mistake]:
    which = np.flatnonzero(wrong)
    worst = which[np.argsort(sign * judged.similarity[which], kind="stable")[:most]]
    pairs = judged.pairs
    rows = np.arange(len(pairs)) if pairs.rows is None else pairs.rows
    return [
        Mistake(int(rows[i]) + 1, float(judged.probability[i]), pairs.left[i], pairs.right[i])
        for i in worst
    ]
