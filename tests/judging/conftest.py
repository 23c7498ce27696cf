"""Judged pairs to draw and to tell of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.evaluation import Judged, judge_pairs

Make = Callable[..., Judged]


@pytest.fixture(scope="session")
def make_judged() -> Make:
    """Judged pairs: of a calibrated model, or with the labels, probabilities and texts given."""

    def make(
        n: int = 300,
        *,
        labels: list[int] | None = None,
        probability: list[float] | None = None,
        left: list[str] | None = None,
        right: list[str] | None = None,
        rows: list[int] | None = None,
        threshold: float = 0.4,
    ) -> Judged:
        random = np.random.default_rng(0)
        given = random.beta(0.5, 0.6, n) if probability is None else np.array(probability)
        drawn = (random.random(len(given)) < given).astype(np.int8)
        pairs = Pairs(
            left or [f"leftmost {i}" for i in range(len(given))],
            right or [f"rightmost {i}" for i in range(len(given))],
            drawn if labels is None else np.array(labels),
            rows=None if rows is None else np.array(rows),
        )
        return judge_pairs(pairs, given * 4 - 2, given, given >= threshold, threshold=threshold)

    return make


@pytest.fixture(scope="session")
def judged(make_judged: Make) -> Judged:
    """300 judged pairs of a calibrated model."""
    return make_judged()
