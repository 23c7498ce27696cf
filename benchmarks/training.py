"""What the two training scripts have in common: the sizes, the arguments, the clock, the report."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from textsiamese.judging.metrics import average_precision, cross_fitted_accuracy

VOCABULARY, EMBEDDING, HIDDEN = 24_000, 128, 160
BATCH, RATE, WARMUP, MARGIN = 256, 4e-3, 0.05, 0.5


def arguments() -> argparse.Namespace:
    """FOLDER, which holds ``quora/train.parquet`` and ``quora/dev.parquet``; pairs; epochs."""
    given = argparse.ArgumentParser()
    given.add_argument("data", type=Path)
    given.add_argument("--pairs", type=int, default=40_000, help="the first so many of train")
    given.add_argument("--epochs", type=int, default=1)
    return given.parse_args()


class Clock:
    """Times a training loop: from here to the loss of its last step.

    Both cut all texts of an epoch into pieces in that time (ours at once, the peer's with each
    batch), and neither judges nor saves in it, if there is one epoch. What the peer's trainer
    does when it is made is left out; what ours does is in it.
    """

    def __init__(self, loss: Any) -> None:
        self._start = self._last = time.perf_counter()
        loss.register_forward_hook(self._step)

    def _step(self, *_: object) -> None:
        self._last = time.perf_counter()

    @property
    def seconds(self) -> float:
        """What it took."""
        return self._last - self._start


def report(seconds: float, similarity: Any, labels: Any) -> None:
    """Print the loop's seconds, and how good the model is on dev, as JSON."""
    found = {
        "seconds": seconds,
        "average_precision": average_precision(similarity, labels),
        "accuracy": cross_fitted_accuracy(similarity, labels),
    }
    print(json.dumps(found))
