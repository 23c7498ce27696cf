"""Loss and dev metrics of each epoch; they go with the checkpoints."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState


class History(TrainerCallback, ExportableState):
    """What happened, epoch by epoch; a resumed run goes on with it.

    Attributes:
        epochs: for each finished epoch its number, mean loss and dev metrics, by name.
        total: sum of the losses of the epoch that runs.
        steps: its steps so far.
    """

    def __init__(self) -> None:
        self.epochs: list[dict[str, float]] = []
        self.total = 0.0
        self.steps = 0

    def add(self, loss: float) -> None:
        """Count the loss of a step."""
        self.total += loss
        self.steps += 1

    def close_epoch(self, metrics: dict[str, float]) -> dict[str, float]:
        """End the epoch that runs with these dev metrics; returns its entry."""
        loss = self.total / self.steps if self.steps else float("nan")
        entry = {"epoch": len(self.epochs) + 1, "loss": loss, **metrics}
        self.epochs.append(entry)
        self.total, self.steps = 0.0, 0
        return entry

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        kept = {"epochs": self.epochs, "total": self.total, "steps": self.steps}
        return {"args": {}, "attributes": kept}
