"""What test_picture_trainings.py lets processes of their own do; called by its folder and a job."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

import textsiamese as ts
from textsiamese.inputs.negatives import add_random_negatives
from textsiamese.learning import trainer
from textsiamese.learning.processes import join

PLAIN = ts.AugmentationConfig(crop=1, stretch=1, flip=0, colour=0)
CONFIG = ts.FitConfig(
    epochs=2, batch_size=16, learning_rate=0.01, bf16=False, half_weights=False, save_steps=2
)


def new_twin(captions: list[str], dropout: float) -> ts.PseudoSiamese:
    torch.manual_seed(0)
    text = ts.LstmConfig(embedding=8, hidden=8, dim=8, dropout=dropout)
    picture = ts.CnnConfig(size=16, widths=(8, 16), dim=8, dropout=dropout)
    return ts.PseudoSiamese(ts.LstmEncoder.for_texts(captions, text, 400), ts.CnnEncoder(picture))


def tables(folder: Path) -> tuple[ts.Pairs, ts.Pairs]:
    """49 pairs to learn from, so that the last batch of an epoch holds one; and 64."""
    pairs = ts.read_pairs(folder / "captions.csv", positives_only=True, picture_sides=["right"])
    return pairs.subset(range(49)), add_random_negatives(pairs.subset(range(50, 82)))


def train(folder: Path, out: str, config: ts.FitConfig, dropout: float, **options: Any) -> None:
    train, dev = tables(folder)
    ts.fit(
        new_twin(list(train.left), dropout), train, dev, out=folder / out, config=config, **options
    )


class Leaves(TrainerCallback):
    """Every process leaves the weights that it ends with."""

    def __init__(self, folder: Path, process: int) -> None:
        self._file = folder / f"weights-{process}.pt"

    def on_train_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        weights = given["model"].named_parameters()
        torch.save({name.removeprefix("module."): w.detach() for name, w in weights}, self._file)


def together(folder: Path) -> None:
    """Train, alike in any number of processes: nothing is drawn at random on the way."""
    share, begin = join(), trainer.PairTrainer.__init__

    def begin_and_leave(self: Any, *given: Any) -> None:
        begin(self, *given)
        self.add_callback(Leaves(folder, share.process))

    trainer.PairTrainer.__init__ = begin_and_leave  # type: ignore[method-assign]
    train(folder, f"by-{share.processes}", CONFIG.with_settings({"augmentation": PLAIN}), dropout=0)


def killed(folder: Path) -> None:
    """Train with much that is drawn at random: at once; and killed, and resumed, until it ends."""
    config = CONFIG.with_settings({"augmentation": ts.AugmentationConfig()})

    def in_child(out: str, until: str = "") -> int:
        child = os.fork()
        if not child:
            try:
                train(folder, out, config, dropout=0.2, resume=True)
                os._exit(0)
            except Exception:
                traceback.print_exc()
                os._exit(1)
        while until and not (folder / f"{out}.checkpoints" / until).exists():
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return status
            time.sleep(0.001)
        if until:
            os.kill(child, signal.SIGKILL)
        return os.waitpid(child, 0)[1]

    assert in_child("whole") == 0
    for until in ("checkpoint-2", "checkpoint-6"):
        assert os.WTERMSIG(in_child("resumed", until)) == signal.SIGKILL, until
        assert not (folder / "resumed").exists()
    assert in_child("resumed") == 0


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"together": together, "alone": together, "killed": killed}[sys.argv[1]](Path(sys.argv[2]))
    sys.stderr.flush()
    os._exit(0)  # at once
