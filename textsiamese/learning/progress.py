"""What a training shows while it goes: a bar or now and then a line, and a line an epoch."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

_SECONDS_BETWEEN_LINES = 60


class Progress(TrainerCallback):
    """How far a training is and its loss; after each epoch its dev metrics, all on stderr.

    On a terminal a bar shows the steps; in a log a line does, once a minute.

    Args:
        opening: lines to show before the first step.
    """

    def __init__(self, opening: Sequence[str] = ()) -> None:
        self._opening = opening
        self._bar: tqdm | None = None
        self._loss = ""
        self._told = (0.0, 0)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Show the first lines, and open the bar."""
        for line in self._opening:
            _tell(line)
        self._told = (time.monotonic(), state.global_step)
        if sys.stderr.isatty():
            self._bar = tqdm(
                total=state.max_steps, initial=state.global_step, unit="step", mininterval=0.2
            )

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Move the bar, or tell how far it is."""
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)
            return
        now, (then, step) = time.monotonic(), self._told
        if now - then >= _SECONDS_BETWEEN_LINES:
            pace = (state.global_step - step) / (now - then)
            left = (state.max_steps - state.global_step) / pace / 60
            self._told = (now, state.global_step)
            _tell(
                f"step {state.global_step:,} of {state.max_steps:,}  {self._loss}"
                f"{pace:.1f} steps/s, at most {left:.0f} min left"
            )

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Show the loss of the last steps."""
        if logs and "loss" in logs:
            self._loss = f"loss {logs['loss']:.4f}  "
            if self._bar is not None:
                self._bar.set_postfix(loss=f"{logs['loss']:.4f}")

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Write the epoch's line."""
        values = metrics or {}
        shown = "  ".join(
            f"dev {name.removeprefix('eval_').replace('_', ' ')} {value:.4f}"
            for name, value in values.items()
            if name.startswith("eval_")
        )
        _tell(
            f"epoch {state.epoch or 0:.3g} of {args.num_train_epochs:g}  "
            f"loss {values.get('epoch_loss', float('nan')):.4f}  {shown}"
        )

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()


class EncodingProgress:
    """How far a teacher is with the texts of a table, on stderr, in the same two ways.

    It is called as `VectorStore.add` calls it; until then it has nothing to show.

    Args:
        teacher: its name.
        table: what messages call the table.
    """

    def __init__(self, teacher: str, table: str) -> None:
        self._what = f"{teacher} encodes the texts of {table}"
        self._bar: tqdm | None = None
        self._began = self._told = time.monotonic()

    def __enter__(self) -> EncodingProgress:
        return self

    def __call__(self, done: int, every: int) -> None:
        """Show that so many of all are done."""
        if not done:
            _tell(f"{self._what}: {every:,} that it has not encoded before")
        if sys.stderr.isatty():
            self._bar = self._bar or tqdm(total=every, unit="text", desc=self._what)
            self._bar.update(done - self._bar.n)
            return
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN_LINES or done == every:
            self._told, pace = now, done / max(now - self._began, 1e-9)
            left = f"{(every - done) / pace / 60:.0f} min left"
            _tell(f"{self._what}: {done:,} of {every:,}, {pace:,.0f} texts/s, {left}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()


def _tell(line: str) -> None:
    """Write a line above the bar, if there is one."""
    tqdm.write(line, file=sys.stderr)
