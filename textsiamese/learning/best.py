"""The best epoch of a run that is over: its weights, and what each epoch came to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors.torch import load_file

from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.checkpoints import last_whole_checkpoint
from textsiamese.learning.choosing import chosen_by, dev_metrics
from textsiamese.learning.module import TwinModule
from textsiamese.twins.twin import Twin

Epochs = list[dict[str, float]]


def is_over(checkpoint: str | None) -> bool:
    """Whether nothing was left to train when it was written: all done, or no better any more."""
    if checkpoint is None:
        return False
    control = _state(Path(checkpoint))["stateful_callbacks"]["TrainerControl"]["args"]
    return bool(control["should_training_stop"])


def take_best(module: TwinModule, folder: Path) -> Epochs:
    """Give the module the weights of the best epoch whose checkpoint lies in ``folder``.

    Returns:
        for each epoch its number, loss and dev metrics, and whether it is the one that was kept.
    """
    last = Path(last_whole_checkpoint(folder) or folder)
    state = _state(last)
    best = last.with_name(f"checkpoint-{state['best_global_step']}")
    module.load_state_dict(load_file(best / "model.safetensors"))
    epochs = state["stateful_callbacks"]["History"]["attributes"]["epochs"]
    steps = state["max_steps"] / state["num_train_epochs"]
    return [{**each, "kept": each["epoch"] * steps == state["best_global_step"]} for each in epochs]


def unless_it_was_better(module: TwinModule, twin: Twin, dev: Pairs, epochs: Epochs) -> Epochs:
    """Give the module the weights of the twin back if no epoch was better on dev than it was.

    Few pairs can spoil what a trained twin knows; then only the decision is fitted to them.

    Returns:
        the epochs, and before them one with the number 0 for the twin as it was.
    """
    before, named = {"epoch": 0, **dev_metrics(twin, dev)}, chosen_by(dev)
    kept = before[named] >= max(each[named] for each in epochs)
    if kept:
        first = TwinModule(twin, module.objective)
        module.load_state_dict(first.state_dict())
        epochs = [{**each, "kept": False} for each in epochs]
    return [{**before, "kept": kept}, *epochs]


def _state(checkpoint: Path) -> dict[str, Any]:
    return json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
