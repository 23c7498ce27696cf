"""What the two training scripts have in common: sizes, settings, arguments, clock, report."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textsiamese.judging.metrics import average_precision, cross_fitted_accuracy

VOCABULARY, EMBEDDING, HIDDEN = 24_000, 128, 160
MARGIN = 0.5


@dataclass(frozen=True)
class Settings:
    """What both trainers are told: pairs of a step, peak learning rate, share of it that rises."""

    batch: int
    rate: float
    warmup: float


FROM_SCRATCH = Settings(batch=256, rate=4e-3, warmup=0.05)
FINE_TUNING = Settings(batch=32, rate=5e-5, warmup=0.1)


def arguments() -> argparse.Namespace:
    """What is trained on how much, and with which ``settings``."""
    given = argparse.ArgumentParser()
    given.add_argument("data", type=Path, help="holds quora/train.parquet and quora/dev.parquet")
    given.add_argument("--pairs", type=int, default=40_000, help="the first so many of train")
    given.add_argument("--dev", type=int, default=10_000, help="judge on the first so many of dev")
    given.add_argument("--epochs", type=int, default=1)
    given.add_argument("--base", help="fine-tune this model; else a new LSTM is trained")
    given.add_argument("--bf16", action="store_true", help="the peer too; ours chooses by itself")
    asked = given.parse_args()
    asked.settings = FINE_TUNING if asked.base else FROM_SCRATCH
    return asked


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
