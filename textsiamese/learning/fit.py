"""The one training path: a twin, labelled pairs and a loss in; a bundle out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch
from transformers import Trainer, TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.metrics import average_precision, cross_fitted_accuracy
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.config import FitConfig
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.module import TwinModule
from textsiamese.learning.objectives import Loss, Objective
from textsiamese.learning.progress import Progress
from textsiamese.twins.bundle import load, save
from textsiamese.twins.decision import Decision
from textsiamese.twins.siamese import Siamese


def fit(
    twin: Siamese,
    train: Pairs,
    dev: Pairs,
    *,
    loss: Loss | list[tuple[float, Loss]] | None = None,
    out: str | os.PathLike[str],
    config: FitConfig | None = None,
    decide_on: Pairs | None = None,
    resume: bool = False,
) -> Siamese:
    """Train ``twin`` and leave it in ``out`` as a bundle.

    The epoch with the highest average precision on ``dev`` is kept; the decision is then fitted on
    ``decide_on``. Checkpoints lie in ``out`` + ".checkpoints" and stay until they are removed.

    Args:
        twin: the twin to start from; its encoder is trained in place.
        train: pairs to learn from.
        dev: pairs that choose the epoch; none of them in ``train``.
        loss: a loss, or several with their weights; ``ContrastiveLoss()`` if None.
        out: the folder of the bundle.
        config: settings; the defaults of :class:`FitConfig` if None.
        decide_on: pairs that trained nothing, for calibration and threshold; ``dev`` if None.
        resume: go on from the last whole checkpoint, if there is one.

    Returns:
        the trained twin, opened from its bundle.

    Raises:
        InputError: if a table has no pairs, or one class only where both are needed.
    """
    config = config or FitConfig()
    for name, table in (("train", train), ("dev", dev)):
        if not len(table):
            raise InputError(f"the {name} table ({table.name}) has no pairs")
    set_seed(config.seed)
    module = TwinModule(twin, Objective(loss or ContrastiveLoss(), TripletMiner(config.miner)))
    trainer = _PairTrainer(
        module=module,
        args=_arguments(config, len(train), Path(f"{os.fspath(out)}.checkpoints")),
        batches=PairBatches(train, module.encoder),
        rows=len(train),
        dev=dev,
    )
    checkpoint = last_whole_checkpoint(Path(str(trainer.args.output_dir))) if resume else None
    trainer.train(resume_from_checkpoint=checkpoint)
    if config.half_weights:
        module.round_to_half()
    finished = module.twin()
    held = decide_on or dev
    decision = Decision.fit(finished.similarity(held.left, held.right), held.labels)
    save(finished.with_parts(decision=decision), out)
    return load(out)


def last_whole_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint in ``folder`` that was written to its end; None if there is none."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda each: int(each.name.split("-")[-1]))
    for checkpoint in reversed(found):
        try:
            json.loads((checkpoint / "trainer_state.json").read_text())
        except (OSError, ValueError):
            continue
        return str(checkpoint)
    return None


class _PairTrainer(Trainer):
    """transformers' trainer over row numbers, judged on pairs by its own twin."""

    def __init__(
        self,
        *,
        module: TwinModule,
        args: TrainingArguments,
        batches: PairBatches,
        rows: int,
        dev: Pairs,
    ) -> None:
        super().__init__(
            model=module,
            args=args,
            data_collator=batches,
            train_dataset=range(rows),
            eval_dataset=range(len(dev)),
            callbacks=[Progress()],
        )
        self.remove_callback(ProgressCallback)
        self.remove_callback(PrinterCallback)
        self._module, self._dev = module, dev

    def evaluate(
        self,
        eval_dataset: object = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> dict[str, float]:
        """Average precision and cross-fitted accuracy on the dev pairs."""
        similarity = self._module.twin().similarity(self._dev.left, self._dev.right)
        metrics = {
            f"{metric_key_prefix}_average_precision": average_precision(
                similarity, self._dev.labels
            ),
            f"{metric_key_prefix}_accuracy": cross_fitted_accuracy(similarity, self._dev.labels),
        }
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics


def _arguments(config: FitConfig, rows: int, checkpoints: Path) -> TrainingArguments:
    steps = config.epochs * -(-rows // config.batch_size)
    return TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=int(config.warmup * steps),
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        optim="adamw_torch_fused",
        bf16=config.bf16,
        use_cpu=not torch.cuda.is_available(),
        seed=config.seed,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_average_precision",
        logging_steps=50,
        report_to=[],
        remove_unused_columns=False,
        disable_tqdm=True,
    )
