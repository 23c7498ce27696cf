"""What a training run shows while it goes: a bar, and a line an epoch, on stderr."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

_SECONDS_IN_A_LOG = 30


class Progress(TrainerCallback):
    """A bar over all steps with the loss; after each epoch its dev metrics on their own line."""

    def __init__(self) -> None:
        self._bar: tqdm | None = None
        self._loss = float("nan")

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Open the bar."""
        self._bar = tqdm(
            total=state.max_steps,
            initial=state.global_step,
            unit="step",
            mininterval=0.2 if sys.stderr.isatty() else _SECONDS_IN_A_LOG,
        )

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Show the loss of the last steps."""
        if self._bar is not None and logs and "loss" in logs:
            self._loss = logs["loss"]
            self._bar.set_postfix(loss=f"{self._loss:.4f}")

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Write the epoch's line."""
        shown = "  ".join(
            f"dev {name.removeprefix('eval_').replace('_', ' ')} {value:.4f}"
            for name, value in (metrics or {}).items()
            if name.startswith("eval_")
        )
        tqdm.write(
            f"epoch {state.epoch or 0:.3g} of {args.num_train_epochs:g}  "
            f"loss {self._loss:.4f}  {shown}",
            file=sys.stderr,
        )

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()
