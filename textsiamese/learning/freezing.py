"""Towers that keep their weights for the first epochs, while the other one learns to meet them."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from textsiamese.learning.config import FitConfig
from textsiamese.twins.two_towers import TwoTowers


class Freezing(TrainerCallback):
    """Freezes each tower for as many epochs as the settings say.

    Args:
        towers: what is trained.
        config: the settings.
    """

    def __init__(self, towers: TwoTowers, config: FitConfig) -> None:
        self._towers = towers
        self._epochs = {"left": config.freeze_left, "right": config.freeze_right}

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Freeze what is frozen in this epoch, and nothing else."""
        now = state.epoch or 0.0
        self._towers.frozen = frozenset(s for s, epochs in self._epochs.items() if now < epochs)

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Keep the optimizer, and its weight decay, away from what is frozen."""
        for side in self._towers.frozen:
            for weight in self._towers.get_submodule(side).parameters():
                weight.grad = None
