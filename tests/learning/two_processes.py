"""What each of two processes does for test_processes.py, which starts them by torchrun, twice.

The first time they train until one kills itself, the second time they go on. One process can train
alike alone: the test compares.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import TrainerCallback

from textsiamese.cli.main import main
from textsiamese.cli.messages import guard
from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning import trainer
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.config import FitConfig
from textsiamese.learning.fit import fit
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.module import TwinModule
from textsiamese.learning.named import losses_named
from textsiamese.learning.objectives import Objective
from textsiamese.learning.processes import is_first, join
from textsiamese.learning.sharing import Share
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import PairHead

LOSSES = {"cosine": "online-contrastive+multiple-negatives", "head": "cross-entropy+triplet"}
CONFIG = FitConfig(2, 21, bf16=False, save_steps=4, keep_checkpoints=True)  # 200 rows: 20 steps


def new_twin(kind: str, train: Pairs) -> Siamese:
    """The same small twin each time, without dropout."""
    torch.manual_seed(0)
    sizes = LstmConfig(embedding=6, hidden=5, dim=6, dropout=0)
    encoder = LstmEncoder.for_texts(train.texts, sizes, 400)
    return Siamese(encoder, PairHead.new(6, 4) if kind == "head" else None)


def first_gradients(kind: str, train: Pairs, share: Share) -> dict[str, Tensor]:
    """Loss and gradients of the first batch, of an odd number of texts."""
    objective = Objective(losses_named(LOSSES[kind]), TripletMiner("all"))
    module = TwinModule(new_twin(kind, train), objective, share).train()
    several = share.processes > 1
    wrapped: Any = torch.nn.parallel.DistributedDataParallel(module) if several else module
    batch = PairBatches(train, module.encoder, share)(range(30))
    loss = wrapped(**batch)["loss"]
    loss.backward()
    gradients = {name: weight.grad for name, weight in module.named_parameters()}
    return {"loss": loss.detach(), "texts": torch.tensor(len(batch["alike"])), **gradients}


def train_twin(kind: str, train: Pairs, dev: Pairs, out: Path, *, resume: bool = False) -> None:
    fit(new_twin(kind, train), train, dev, loss=LOSSES[kind], out=out, config=CONFIG, resume=resume)


class At(TrainerCallback):
    """Something that happens in the second process at the beginning of a step."""

    def __init__(self, step: int, happens: Any) -> None:
        self._step, self._happens = step, happens

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == self._step and not is_first():
            self._happens()


def let_happen(step: int, happens: Any) -> None:
    """Let every training from here on meet with it."""
    begin = trainer.PairTrainer.__init__

    def begin_and_meet(self: Any, *given: Any) -> None:
        begin(self, *given)
        self.add_callback(At(step, happens))

    trainer.PairTrainer.__init__ = begin_and_meet  # type: ignore[method-assign]


def run_out_of_memory() -> None:
    raise MemoryError


def at_first(folder: Path, train: Pairs, dev: Pairs) -> None:
    share = join()
    for kind in LOSSES:
        gradients = first_gradients(kind, train, share)
        torch.save(gradients, folder / f"{kind}-gradients-{share.process}.pt")
        train_twin(kind, train, dev, folder / kind)
    let_happen(13, partial(os.kill, os.getpid(), signal.SIGKILL))
    with suppress(SystemExit), guard():
        train_twin("head", train, dev, folder / "killed")


def once_more(folder: Path, train: Pairs, dev: Pairs) -> None:
    join()
    train_twin("head", train, dev, folder / "killed", resume=True)
    options = ["--encoder", "lstm", "--epochs", "1", "--batch-size", "64"]
    sys.argv[1:] = ["train", str(folder / "pairs.csv"), "-o", str(folder / "by-command"), *options]
    with suppress(SystemExit):
        main()
    let_happen(3, run_out_of_memory)
    with suppress(SystemExit), guard():
        train_twin("cosine", train, dev, folder / "short-of-memory")


if __name__ == "__main__":
    from conftest import topical_pairs  # this folder's: python puts it first

    torch.set_num_threads(1)
    work = {"at-first": at_first, "once-more": once_more}[sys.argv[1]]
    tables = topical_pairs(200, 0, "train.csv"), topical_pairs(100, 1, "dev.csv")
    work(Path(sys.argv[2]), *tables)
    sys.stderr.flush()
    os._exit(0)  # at once
