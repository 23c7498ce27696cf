"""transformers' trainer over the rows of a pair table, judged on pairs by its own twin."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
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
from textsiamese.judging.correlation import spearman
from textsiamese.judging.metrics import average_precision, cross_fitted_accuracy
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.config import FitConfig
from textsiamese.learning.history import History
from textsiamese.learning.module import TwinModule
from textsiamese.learning.progress import Progress
from textsiamese.twins.siamese import Siamese


class PairTrainer(Trainer):
    """Trains a :class:`TwinModule` on a table, and judges it on dev after each epoch.

    The epoch with the greatest average precision is the best one; on graded pairs, the one with
    the greatest rank correlation.

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
            args=_arguments(config, len(batches), folder, f"eval_{chosen_by(dev)}"),
            data_collator=batches,
            train_dataset=range(len(batches)),
            eval_dataset=range(len(dev)),
            callbacks=[
                History(),
                Progress(),
                EarlyStoppingCallback(config.patience),
                _BetweenSteps(config.save_steps),
            ],
        )
        self.remove_callback(ProgressCallback)
        self.remove_callback(PrinterCallback)
        if events:
            self.add_callback(_event_files(events))
        self._module, self._dev = module, dev

    def training_step(
        self, model: nn.Module, inputs: dict[str, Any], num_items_in_batch: Any = None
    ) -> Tensor:
        """One step; a loss that is no number ends the training before any weight has changed."""
        loss = super().training_step(model, inputs, num_items_in_batch)
        value = float(loss)
        if not abs(value) < float("inf"):
            raise TrainingError(_no_number(f"the loss became {value}", self.state, self.args))
        self._history.add(value)
        return loss

    def evaluate(
        self,
        eval_dataset: object = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> dict[str, float]:
        """The metrics of :func:`dev_metrics` now."""
        metrics = dev_metrics(self._module.twin(), self._dev)
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
            folder = Path(str(self.args.output_dir)) / f"checkpoint-{self.state.global_step}"
            shutil.rmtree(folder, ignore_errors=True)
            weights = sum(each.numel() for each in model.parameters())
            raise OutputError(
                f"{folder} could not be written ({str(error).splitlines()[0]}); a checkpoint takes "
                f"{12 * weights / 1e6:,.0f} MB and two are kept: make room, then go on with "
                "resume=True (--resume)"
            ) from None


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


def dev_metrics(twin: Siamese, dev: Pairs) -> dict[str, float]:
    """Average precision and cross-fitted accuracy on dev; rank correlation where it is graded."""
    similarity = twin.similarity(dev.left, dev.right)
    metrics = {
        "average_precision": average_precision(similarity, dev.labels),
        "accuracy": cross_fitted_accuracy(similarity, dev.labels),
    }
    if dev.grades is not None:
        metrics["spearman"] = spearman(similarity, dev.grades)
    return metrics


def chosen_by(dev: Pairs) -> str:
    """Which of the metrics on dev tells the best epoch."""
    return "average_precision" if dev.grades is None else "spearman"


@contextmanager
def memory_explained(config: FitConfig) -> Iterator[None]:
    """Say what to do where the memory does not suffice.

    Raises:
        TrainingError: in place of what torch or Python raise then.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        short = ("out of memory", "can't allocate memory", "not enough memory")
        if not isinstance(error, MemoryError) and not any(s in str(error) for s in short):
            raise
        smaller = max(2, config.batch_size // 2)
        raise TrainingError(
            f"the memory does not suffice for batches of {config.batch_size} rows: try "
            f"batch_size={smaller} (--batch-size {smaller}) in a fresh run, or a smaller encoder"
        ) from None


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


def _arguments(config: FitConfig, rows: int, folder: Path, best: str) -> TrainingArguments:
    steps = -(-rows // config.batch_size)
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=int(config.warmup * config.epochs * steps),
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        optim="adamw_torch_fused",
        adam_beta2=0.98,
        bf16=_has_bf16() if config.bf16 is None else config.bf16,
        use_cpu=not torch.cuda.is_available(),
        seed=config.seed,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=best,
        greater_is_better=True,
        logging_steps=min(50, steps),
        logging_nan_inf_filter=False,
        report_to=[],
        remove_unused_columns=False,
        restore_callback_states_from_checkpoint=True,
        disable_tqdm=True,
    )


def _has_bf16() -> bool:
    """Whether the GPU, or else the CPU, multiplies in bfloat16."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    return torch.ops.mkldnn._is_mkldnn_bf16_supported()
