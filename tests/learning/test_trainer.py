from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.errors import MissingPackageError, OutputError, TrainingError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.correlation import spearman
from textsiamese.learning import choosing, explaining
from textsiamese.learning import trainer as training
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.checkpoints import last_whole_checkpoint
from textsiamese.learning.config import FitConfig
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.module import TwinModule
from textsiamese.learning.objectives import Objective
from textsiamese.learning.trainer import PairTrainer
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import PairHead

CONFIG = FitConfig(epochs=2, batch_size=25, learning_rate=0.01, bf16=False)


def new_trainer(
    train: Pairs,
    dev: Pairs,
    folder: Path,
    config: FitConfig = CONFIG,
    head: PairHead | None = None,
) -> PairTrainer:
    torch.manual_seed(0)
    sizes = LstmConfig(embedding=6, hidden=5, dim=6, dropout=0)
    encoder = LstmEncoder.for_texts(train.texts, sizes, 400)
    module = TwinModule(Siamese(encoder, head), Objective(ContrastiveLoss(), TripletMiner()))
    return PairTrainer(module, PairBatches(train, module.encoder), dev, config, folder)


def steps_of(folder: Path) -> list[int]:
    return sorted(int(each.name.split("-")[1]) for each in folder.glob("checkpoint-*"))


def state_of(checkpoint: str | Path) -> dict[str, Any]:
    return json.loads((Path(checkpoint) / "trainer_state.json").read_text())


def test_checkpoints_come_between_epochs_too_and_their_number_is_bounded(
    train: Pairs, dev: Pairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[int]] = []
    rotate = training.Trainer._save_checkpoint

    def save(self: Any, *arguments: Any) -> None:
        rotate(self, *arguments)
        seen.append(steps_of(tmp_path))

    monkeypatch.setattr(training.Trainer, "_save_checkpoint", save)
    new_trainer(train, dev, tmp_path, FitConfig(2, 25, bf16=False, save_steps=3)).train()
    assert [max(steps) for steps in seen] == [3, 6, 8, 9, 12, 15, 16]
    assert max(map(len, seen)) == 2
    best = state_of(last_whole_checkpoint(tmp_path) or "")["best_global_step"]
    assert best in seen[-1]


def test_training_stops_when_dev_gets_no_better(
    train: Pairs, dev: Pairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = iter([0.7, 0.9, 0.8, 0.85, 0.95])
    monkeypatch.setattr(choosing, "average_precision", lambda *_: next(values))
    new_trainer(train, dev, tmp_path, FitConfig(9, 25, bf16=False, patience=2)).train()
    state = state_of(last_whole_checkpoint(tmp_path) or "")
    assert (state["best_global_step"], state["global_step"]) == (16, 32)


def test_graded_pairs_choose_by_rank_correlation(
    train: Pairs, dev: Pairs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grades = np.random.default_rng(0).random(len(dev))
    graded = Pairs(dev.left, dev.right, dev.labels, "graded", grades)
    trainer = new_trainer(train, graded, tmp_path)
    trainer.train()
    state = state_of(last_whole_checkpoint(tmp_path) or "")
    found = [entry["eval_spearman"] for entry in state["log_history"] if "eval_spearman" in entry]
    assert state["best_metric"] == max(found)
    twin = trainer._module.twin()  # the best one is loaded at the end
    assert spearman(twin.similarity(dev.left, dev.right), grades) == pytest.approx(max(found))
    assert "dev spearman" in capsys.readouterr().err


def first_step(train: Pairs, dev: Pairs, folder: Path, **settings: Any) -> dict[str, Tensor]:
    """Loss and gradients of the first step, not shortened."""
    found: dict[str, Tensor] = {}

    class Look(training.TrainerCallback):
        def on_pre_optimizer_step(self, args: Any, state: Any, *_: Any, **rest: Any) -> None:
            weights = rest["model"].named_parameters()
            found.update((name, weight.grad.clone()) for name, weight in weights)
            found["loss"] = torch.tensor(trainer._history.total / trainer._history.steps)
            raise SteppedError

    config = replace(CONFIG, max_grad_norm=1e9, **settings)
    trainer = new_trainer(train, dev, folder, config)
    trainer.add_callback(Look())
    with pytest.raises(SteppedError):
        trainer.train()
    return found


class SteppedError(Exception):
    """The first step is all that is wanted."""


def test_a_step_of_two_batches_is_that_of_one_twice_as_large(
    train: Pairs, dev: Pairs, tmp_path: Path
) -> None:
    two = first_step(train, dev, tmp_path / "two", batch_size=8, accumulation=2)
    one = first_step(train, dev, tmp_path / "one", batch_size=16)
    torch.testing.assert_close(two, one, rtol=1e-4, atol=1e-7)
    assert all(gradient.any() for gradient in one.values())


def test_batches_that_are_left_over_make_a_step_of_their_own(
    train: Pairs, dev: Pairs, tmp_path: Path
) -> None:
    still = replace(CONFIG, learning_rate=1e-9)
    trainer = new_trainer(train, dev, tmp_path / "three", replace(still, accumulation=3))
    trainer.train()  # 8 batches an epoch: 3, 3 and 2
    assert (trainer.state.max_steps, trainer.state.global_step) == (6, 6)
    alone = new_trainer(train, dev, tmp_path / "alone", still)
    alone.train()
    three, one = (each._history.epochs[0]["loss"] for each in (trainer, alone))
    assert three == pytest.approx(one, rel=1e-4)


def test_biases_do_not_decay_and_heads_learn_at_a_rate_of_their_own(
    train: Pairs, dev: Pairs, tmp_path: Path
) -> None:
    config = replace(CONFIG, learning_rate=0.02, head_learning_rate=0.5, weight_decay=0.1)
    trainer = new_trainer(train, dev, tmp_path, config, PairHead.new(6, 4))
    trainer.create_optimizer_and_scheduler(10)
    given = {
        weight: (group["initial_lr"], group["weight_decay"])
        for group in trainer.optimizer.param_groups
        for weight in group["params"]
    }
    for name, weight in trainer._module.named_parameters():
        decay = 0 if "bias" in name else 0.1
        assert given.pop(weight) == (0.02 if name.startswith("encoder.") else 0.5, decay), name
    assert not given


def spoil(trainer: PairTrainer, step: int, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loss of a step, or a gradient of it, be no number."""
    inner = trainer._module.objective.forward

    def forward(batch: Any) -> Any:
        value = inner(batch)
        if trainer.state.global_step + 1 == step and trainer._module.training:
            value.register_hook(lambda g: g * float("nan")) if part == "gradient" else None
            return value if part == "gradient" else value * float(part)
        return value

    monkeypatch.setattr(trainer._module.objective, "forward", forward)


@pytest.mark.parametrize(
    ("part", "said"),
    [("nan", "loss became nan"), ("inf", "loss became inf"), ("gradient", "a gradient is no")],
)
def test_a_loss_that_is_no_number_ends_it_and_the_last_good_checkpoint_stays(
    train: Pairs,
    dev: Pairs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    said: str,
) -> None:
    trainer = new_trainer(train, dev, tmp_path)
    spoil(trainer, 11, part, monkeypatch)
    with pytest.raises(TrainingError, match=f"{said}.* at step 11 of 16.* learning rate than 0.01"):
        trainer.train()
    assert last_whole_checkpoint(tmp_path) == str(tmp_path / "checkpoint-8")
    assert all(weight.isfinite().all() for weight in trainer._module.parameters())


def test_a_checkpoint_without_room_leaves_no_half_of_it(
    train: Pairs, dev: Pairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = new_trainer(train, dev, tmp_path)
    inner = trainer._save_optimizer_and_scheduler

    def save(folder: str) -> None:
        if folder.endswith("-16"):
            raise OSError(errno.ENOSPC, "No space left on device")
        inner(folder)

    monkeypatch.setattr(trainer, "_save_optimizer_and_scheduler", save)
    with pytest.raises(OutputError, match=r"checkpoint-16 could not .*No space.*make room.*resume"):
        trainer.train()
    assert steps_of(tmp_path) == [8]


def test_a_process_lost_during_a_save_is_not_want_of_room(
    train: Pairs, dev: Pairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = new_trainer(train, dev, tmp_path)

    def save(*_: Any) -> None:
        monkeypatch.setattr(explaining, "how_many", lambda: 2)
        raise RuntimeError("[gloo] Connection closed by peer [127.0.0.1]:3")

    monkeypatch.setattr(training.Trainer, "_save_checkpoint", save)
    with pytest.raises(RuntimeError, match=r"^.gloo. Connection closed by peer"):
        trainer.train()


def test_event_files_need_their_package(
    train: Pairs, dev: Pairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingPackageError, match=r'pip install "textsiamese\[tensorboard\]"'):
        training._event_files(tmp_path)
