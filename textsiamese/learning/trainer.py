"""transformers' trainer over the rows of a pair table, judged on pairs by its own twin."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from accelerate.data_loader import prepare_data_loader
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.utils.data import DataLoader, RandomSampler
from transformers import (
    EarlyStoppingCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from textsiamese.errors import MissingPackageError, OutputError, TrainingError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.arguments import training_arguments
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.choosing import chosen_by, dev_metrics
from textsiamese.learning.config import FitConfig
from textsiamese.learning.explaining import tells_of_lost_process
from textsiamese.learning.freezing import Freezing
from textsiamese.learning.history import History
from textsiamese.learning.module import TwinModule
from textsiamese.learning.opening import opening_lines
from textsiamese.learning.processes import by_the_first, is_first
from textsiamese.learning.progress import Progress
from textsiamese.learning.rates import give_rates
from textsiamese.twins.two_towers import TwoTowers


class PairTrainer(Trainer):
    """Trains a :class:`TwinModule` on a table, and judges it on dev after each epoch.

    Which epoch is the best one is told by `choosing.chosen_by`. Of several processes, the first
    judges, shows and writes.

    Args:
        module: what is trained, in place.
        batches: the table.
        dev: pairs that choose the epoch.
        config: the settings.
        folder: where checkpoints go.
        events: where event files for TensorBoard go; None for none.

    Raises:
        MissingPackageError: if event files are asked for and tensorboard is not installed.
    """

    control: TrainerControl

    def __init__(
        self,
        module: TwinModule,
        batches: PairBatches,
        dev: Pairs,
        config: FitConfig,
        folder: Path,
        events: Path | None = None,
    ) -> None:
        super().__init__(
            model=module,
            args=training_arguments(config, len(batches), folder, f"eval_{chosen_by(dev)}"),
            data_collator=batches,
            train_dataset=range(len(batches)),
            eval_dataset=range(len(dev)),
            callbacks=[
                History(),
                EarlyStoppingCallback(config.patience),
                _BetweenSteps(config.save_steps),
            ],
        )
        self.remove_callback(ProgressCallback)
        self.remove_callback(PrinterCallback)
        if is_first():
            self.add_callback(Progress(opening_lines(module, batches)))
        if isinstance(module.encoder, TwoTowers):
            self.add_callback(Freezing(module.encoder, config))
        if events and is_first():
            self.add_callback(_event_files(events))
        self._module, self._dev, self._config = module, dev, config

    def get_train_dataloader(self) -> DataLoader:
        """Batches of the table's rows, in the order of the seed; in all processes the same ones."""
        loader = DataLoader(
            self.train_dataset,
            batch_size=self._config.batch_size,
            sampler=RandomSampler(self.train_dataset),
            collate_fn=self.data_collator,
            pin_memory=torch.cuda.is_available(),
        )
        return prepare_data_loader(
            loader,
            self.args.device,
            num_processes=1,
            process_index=0,
            put_on_device=True,
            use_seedable_sampler=True,
        )

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:
        """AdamW that lets biases and norms decay in no case, with rates of the settings."""
        optimizer = super().create_optimizer(model)
        give_rates(optimizer, self._module, self._config)
        return optimizer

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: Any = None
    ) -> Tensor:
        """One step; a loss that is no number ends the training before any weight has changed."""
        loss = super().training_step(model, inputs, num_items_in_batch)
        value = float(loss)
        if not abs(value) < float("inf"):
            raise TrainingError(_no_number(f"the loss became {value}", self.state, self.args))
        self._history.add(value * self.current_gradient_accumulation_steps)
        return loss

    def evaluate(
        self,
        eval_dataset: object = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> dict[str, float]:
        """The metrics of :func:`dev_metrics` now."""
        metrics = by_the_first(lambda: dev_metrics(self._module.twin(), self._dev))
        entry = self._history.close_epoch(metrics)
        named = {f"{metric_key_prefix}_{name}": value for name, value in metrics.items()}
        self.log({**named, "epoch_loss": entry["loss"]})
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, {**named, "epoch_loss": entry["loss"]}
        )
        return named

    @property
    def _history(self) -> History:
        return next(each for each in self.callback_handler.callbacks if isinstance(each, History))

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        try:
            super()._save_checkpoint(model, trial)
        except (OSError, RuntimeError, SafetensorError) as error:
            if tells_of_lost_process(error):
                raise
            folder = Path(str(self.args.output_dir)) / f"checkpoint-{self.state.global_step}"
            shutil.rmtree(folder, ignore_errors=True)
            size = sum(4 * w.numel() + 8 * w.numel() * w.requires_grad for w in model.parameters())
            raise OutputError(
                f"{folder} could not be written ({str(error).splitlines()[0]}); a checkpoint takes "
                f"{size / 1e6:,.0f} MB and two are kept: make room, then go on with "
                "resume=True (--resume)"
            ) from None

    def _save_rng_state(self, output_dir: str) -> None:
        super()._save_rng_state(output_dir)
        self.accelerator.wait_for_everyone()  # so that what is written last says: all are whole


class _BetweenSteps(TrainerCallback):
    """Ends a training whose gradients are no numbers, and asks for checkpoints between epochs."""

    def __init__(self, save_steps: int) -> None:
        self._save_steps = save_steps

    def on_pre_optimizer_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: nn.Module | None = None,
        **_: Any,
    ) -> None:
        """Look at the gradients before they change a weight."""
        found = [each.grad for each in model.parameters() if each.grad is not None]  # type: ignore[union-attr]
        if not torch.nn.utils.get_total_norm(found).isfinite():
            raise TrainingError(_no_number("a gradient is no finite number", state, args))

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        """Ask for a checkpoint where one is due."""
        control.should_save |= state.global_step % self._save_steps == 0


def _event_files(folder: Path) -> TrainerCallback:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise MissingPackageError(
            'event files need tensorboard: pip install "textsiamese[tensorboard]"'
        ) from None
    from transformers.integrations import TensorBoardCallback

    return TensorBoardCallback(SummaryWriter(str(folder)))


def _no_number(what: str, state: TrainerState, args: TrainingArguments) -> str:
    return (
        f"{what} at step {state.global_step + 1:,} of {state.max_steps:,}, so the training was "
        f"stopped; the last good checkpoint stays in {args.output_dir}: a smaller learning rate "
        f"than {args.learning_rate:g} usually helps, in a fresh run"
    )
