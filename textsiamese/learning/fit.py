"""The one training path: a twin, labelled pairs and a loss in; a bundle out."""

from __future__ import annotations

import json
import os
from pathlib import Path
from zipfile import is_zipfile

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from transformers import Trainer, TrainerControl, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from textsiamese.errors import InputError, OutputExistsError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.metrics import average_precision, cross_fitted_accuracy
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.config import FitConfig
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.module import TwinModule
from textsiamese.learning.objectives import Loss, Objective
from textsiamese.learning.progress import Progress
from textsiamese.twins.bundle import check_target, load, save
from textsiamese.twins.decision import LEAST_PAIRS, Decision
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
        twin: the twin to start from; it stays as it is.
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
        InputError: before anything is trained, if ``train`` has no pairs, ``dev`` or ``decide_on``
            pairs of one kind only, or ``decide_on`` fewer than a decision needs.
        OutputError: likewise, if ``out`` holds something else than a twin; or if checkpoints of an
            earlier run are in the way and ``resume`` is not asked for.
    """
    config, held = config or FitConfig(), decide_on or dev
    _check_tables(train, dev, held)
    check_target(Path(out))
    checkpoints = Path(f"{os.fspath(out)}.checkpoints")
    checkpoint = _starting_point(checkpoints, resume)
    module = TwinModule(
        twin, Objective(ContrastiveLoss() if loss is None else loss, TripletMiner(config.miner))
    )
    trainer = _PairTrainer(
        module=module,
        args=_arguments(config, len(train), checkpoints),
        batches=PairBatches(train, module.encoder),
        rows=len(train),
        dev=dev,
    )
    trainer.train(resume_from_checkpoint=checkpoint)
    if config.half_weights:
        module.round_to_half()
    finished = module.twin()
    similarity = finished.similarity(held.left, held.right)
    decision = Decision.fit(similarity, held.labels, calibrator=config.calibrator)
    save(finished.with_parts(decision=decision), out)
    return load(out)


def last_whole_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint in ``folder`` that was written to its end; None if there is none."""
    found = [each for each in folder.glob("checkpoint-*") if each.name[11:].isdecimal()]
    found.sort(key=lambda each: int(each.name[11:]), reverse=True)
    return next((str(checkpoint) for checkpoint in found if _is_whole(checkpoint)), None)


def _is_whole(checkpoint: Path) -> bool:
    """Whether every file that a run goes on from is there, and was written to its end."""
    try:
        json.loads((checkpoint / "trainer_state.json").read_text())
        with safe_open(checkpoint / "model.safetensors", "pt"):
            pass
    except (OSError, ValueError, SafetensorError):
        return False
    states = ("optimizer.pt", "scheduler.pt", "rng_state.pth")
    return all(is_zipfile(checkpoint / name) for name in states)


def _starting_point(checkpoints: Path, resume: bool) -> str | None:
    """The checkpoint to go on from; a fresh start is refused where it would mix with an old run."""
    if resume:
        return last_whole_checkpoint(checkpoints)
    if any(checkpoints.glob("checkpoint-*")):
        raise OutputExistsError(
            f"{checkpoints} holds checkpoints of an earlier run: resume=True goes on from them; "
            "remove the folder to start afresh"
        )
    return None


def _check_tables(train: Pairs, dev: Pairs, held: Pairs) -> None:
    if not len(train):
        raise InputError(f"the train table ({train.name}) has no pairs")
    for role, table in (("dev", dev), ("decide_on", held)):
        if len(np.unique(table.labels)) < 2:
            raise InputError(
                f"the {role} table ({table.name}) has {len(table)} pairs of one kind: it needs "
                "both, labelled 1 (same) and 0 (different)"
            )
    if len(held) < LEAST_PAIRS:
        raise InputError(
            f"{held.name} has {len(held)} pairs, and the decision needs {LEAST_PAIRS} at least"
        )


class _PairTrainer(Trainer):
    """transformers' trainer over row numbers, judged on pairs by its own twin."""

    control: TrainerControl

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
    steps = -(-rows // config.batch_size)
    return TrainingArguments(
        output_dir=str(checkpoints),
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
        metric_for_best_model="eval_average_precision",
        logging_steps=min(50, steps),
        report_to=[],
        remove_unused_columns=False,
        disable_tqdm=True,
    )


def _has_bf16() -> bool:
    """Whether the GPU, or else the CPU, multiplies in bfloat16."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    return torch.ops.mkldnn._is_mkldnn_bf16_supported()
