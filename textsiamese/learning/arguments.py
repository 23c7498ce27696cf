"""The settings of a training in the words of transformers' trainer."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import TrainingArguments

from textsiamese.learning.config import FitConfig
from textsiamese.twins.runtime import has_bf16


def training_arguments(config: FitConfig, rows: int, folder: Path, best: str) -> TrainingArguments:
    """What :class:`transformers.Trainer` is told.

    Args:
        config: the settings.
        rows: of the table.
        folder: where checkpoints go.
        best: the metric whose greatest value tells the best epoch.
    """
    batches = -(-rows // config.batch_size)
    steps = -(-batches // config.accumulation)
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        gradient_accumulation_steps=config.accumulation,
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
    arguments._n_gpu = min(arguments.n_gpu, 1)  # a process takes one GPU, never all it sees
    return arguments


def _has_bf16() -> bool:
    """Whether the GPU, or else the CPU, is made for products in bfloat16."""
    return has_bf16(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
