"""The teacher of ``minilm-quora``, and the ceiling of its base: MiniLM reads both at once.

    python -m textsiamese.recipes.minilm_cross_encoder --data FOLDER --out FOLDER

A cross-encoder compares every word of one question with every word of the other, so it must run
once a pair, where a twin runs once a text. FOLDER holds ``quora/train.parquet`` and
``quora/dev.parquet``. It is trained on the pairs that the twins are trained on, and calibrated on
those that they are calibrated on. What it leaves in ``--out`` opens with ``ts.CrossEncoder.load``,
and with sentence-transformers' ``CrossEncoder``; its info says what it scores on quora/dev. Beside
it lies ``OUT.labelled.parquet``: train, and what it says of each pair, as ``textsiamese score``
writes that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import Sampler
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    Trainer,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_pt_utils import LengthGroupedSampler
from transformers.trainer_utils import get_last_checkpoint

import textsiamese as ts
from textsiamese.recipes.quora import CALIBRATOR, held_and_train
from textsiamese.twins.runtime import has_bf16

BASE = "sentence-transformers/all-MiniLM-L6-v2"
INFO = ts.TwinInfo(
    name="minilm-cross",
    description="all-MiniLM-L6-v2 as a cross-encoder: do two English questions ask the same?",
    language="English",
    trained_on="Quora Question Pairs, train part of the Wang et al. 2017 split, less 20,000 pairs "
    "that fitted the decision. Its base has seen Quora duplicates too",
    terms="weights for non-commercial use only (Quora's terms for its data)",
    recipe="python -m textsiamese.recipes.minilm_cross_encoder --data FOLDER --out FOLDER",
    base="sentence-transformers/all-MiniLM-L6-v2",
)


class PairTexts:
    """Pairs of a table by number, each cut into pieces as one input when it is asked for."""

    def __init__(self, pairs: ts.Pairs, tokenizer: Any) -> None:
        encode = tokenizer.backend_tokenizer.encode_batch_fast
        self._left = [each.ids for each in encode(list(pairs.left))]
        self._right = [each.ids for each in encode(list(pairs.right))]
        self.labels = np.asarray(pairs.labels, dtype=np.float32)
        self.lengths = np.array(
            [len(a) + len(b) - 1 for a, b in zip(self._left, self._right, strict=True)]
        )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, row: int) -> int:
        return row

    def batch(
        self, rows: Sequence[int] | NDArray[np.int64], turned: NDArray[np.bool_]
    ) -> dict[str, Tensor]:
        """These pairs padded to the longest; where ``turned``, the right text stands first."""
        ids = np.zeros((len(rows), int(self.lengths[rows].max())), dtype=np.int64)
        second, mask = np.zeros_like(ids), np.zeros_like(ids)
        for i, row in enumerate(rows):
            a, b = self._left[row], self._right[row]
            a, b = (b, a) if turned[i] else (a, b)
            ids[i, : len(a) + len(b) - 1] = [*a, *b[1:]]
            second[i, len(a) : len(a) + len(b) - 1] = 1
            mask[i, : len(a) + len(b) - 1] = 1
        return {
            "input_ids": torch.from_numpy(ids),
            "token_type_ids": torch.from_numpy(second),
            "attention_mask": torch.from_numpy(mask),
        }


class _Trainer(Trainer):
    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return LengthGroupedSampler(
            self.args.train_batch_size, lengths=self.train_dataset.lengths.tolist()
        )

    def compute_loss(self, model: nn.Module, inputs: dict[str, Tensor], *_: Any, **__: Any) -> Any:
        labels = inputs.pop("labels")
        logits = model(**inputs).logits[:, 0].float()
        return nn.functional.binary_cross_entropy_with_logits(logits, labels)


def make(
    data: Annotated[Path, typer.Option(help="folder with quora/train.parquet and dev.parquet")],
    out: Annotated[Path, typer.Option(help="folder for the model")],
    base: Annotated[str, typer.Option(help="Hub id or folder to begin from")] = BASE,
    epochs: int = 1,
    batch_size: int = 128,
    learning_rate: float = 1e-4,
    seed: int = 0,
) -> None:
    """Train (or go on, if it was stopped), calibrate, judge on dev, label train."""
    source = data / "quora" / "train.parquet"
    dev = ts.read_pairs(data / "quora" / "dev.parquet")
    held, learnt = held_and_train(ts.read_pairs(source))
    tokenizer = AutoTokenizer.from_pretrained(base)
    set_seed(seed)
    model = AutoModelForSequenceClassification.from_pretrained(
        base, num_labels=1, attn_implementation="eager"
    )
    pieces = min(128, model.config.max_position_embeddings // 2)  # read of each text
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.enable_truncation(pieces)
    train = PairTexts(learnt, tokenizer)
    _train(model, train, out, epochs, batch_size, learning_rate, seed)
    plain = ts.CrossEncoder(model, tokenizer, info=INFO, max_length=2 * pieces)
    teacher = ts.calibrate(plain, held, calibrator=CALIBRATOR)
    judged = ts.evaluate(teacher, dev)
    scores = {
        "quora/dev accuracy, cross-fitted threshold": judged.cross_fitted_accuracy,
        "quora/dev average precision": judged.average_precision,
    }
    teacher.with_parts(info=replace(INFO, scores=scores)).save(out)
    print(json.dumps(scores, indent=2), flush=True)
    labelled = f"{out}.labelled.parquet"
    ts.score_table(ts.CrossEncoder.load(out), source, labelled, resume=True, overwrite=True)


def _train(
    model: nn.Module,
    train: PairTexts,
    out: Path,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
) -> None:
    turns = np.random.default_rng(seed)

    def collate(rows: Sequence[int]) -> dict[str, Tensor]:
        batch = train.batch(rows, turns.random(len(rows)) < 0.5)
        return {**batch, "labels": torch.from_numpy(train.labels[rows])}

    arguments = TrainingArguments(
        output_dir=f"{out}.checkpoints",
        num_train_epochs=epochs,
        per_device_train_batch_size=batch_size,
        learning_rate=learning_rate,
        warmup_steps=int(0.05 * epochs * len(train) / batch_size),
        weight_decay=0.01,
        optim="adamw_torch_fused",
        bf16=has_bf16(next(model.parameters()).device),
        use_cpu=not torch.cuda.is_available(),
        seed=seed,
        save_steps=250,
        save_total_limit=2,
        logging_steps=50,
        report_to=[],
        remove_unused_columns=False,
        disable_tqdm=True,
    )
    Path(arguments.output_dir).mkdir(parents=True, exist_ok=True)
    _Trainer(model, arguments, data_collator=collate, train_dataset=train).train(
        resume_from_checkpoint=get_last_checkpoint(arguments.output_dir)
    )


if __name__ == "__main__":
    typer.run(make)
