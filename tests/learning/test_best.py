from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning import best as choosing
from textsiamese.learning.best import is_over, take_best, unless_it_was_better
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.module import TwinModule
from textsiamese.learning.objectives import Objective
from textsiamese.twins.siamese import Siamese


@pytest.fixture
def module(train: Pairs) -> TwinModule:
    torch.manual_seed(0)
    encoder = LstmEncoder.for_texts(train.texts, LstmConfig(4, 4, 4), 400)
    return TwinModule(Siamese(encoder), Objective(ContrastiveLoss(), TripletMiner()))


def checkpoint(folder: Path, step: int, **state: Any) -> Path:
    """A whole one, as far as anybody looks; the weights in it say which step it is of."""
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "trainer_state.json").write_text(json.dumps(state))
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth"):
        torch.save({}, path / name)
    return path


def weigh(path: Path, module: TwinModule, value: float) -> None:
    weights = {name: torch.full_like(w, value) for name, w in module.state_dict().items()}
    save_file(weights, path / "model.safetensors")


def test_the_weights_of_the_best_epoch_are_taken(module: TwinModule, tmp_path: Path) -> None:
    epochs = [{"epoch": number, "loss": 0.5, "average_precision": 0.9} for number in (1, 2, 3)]
    state = {"max_steps": 24, "num_train_epochs": 3, "best_global_step": 16}
    kept = {"History": {"attributes": {"epochs": epochs}}}
    for step in (16, 24):
        path = checkpoint(tmp_path, step, stateful_callbacks=kept, **state)
        weigh(path, module, float(step))
    found = take_best(module, tmp_path)
    assert [each["kept"] for each in found] == [False, True, False]
    assert {weight.unique().item() for weight in module.parameters()} == {16.0}


@pytest.mark.parametrize("over", [True, False])
def test_whether_a_run_is_over_stands_in_its_checkpoint(tmp_path: Path, over: bool) -> None:
    control = {"TrainerControl": {"args": {"should_training_stop": over}}}
    path = checkpoint(tmp_path, 8, stateful_callbacks=control)
    assert is_over(str(path)) is over
    assert not is_over(None)


@pytest.mark.parametrize(("best", "kept"), [(0.6, True), (0.7, True), (0.8, False)])
def test_a_twin_that_was_as_good_before_stays(
    module: TwinModule, dev: Pairs, monkeypatch: pytest.MonkeyPatch, best: float, kept: bool
) -> None:
    first = Siamese(copy.deepcopy(module.encoder))
    before = {name: weight.clone() for name, weight in module.state_dict().items()}
    with torch.no_grad():
        for weight in module.parameters():
            weight.add_(1.0)
    monkeypatch.setattr(choosing, "dev_metrics", lambda *_: {"average_precision": 0.7})
    epochs = [{"epoch": 1, "average_precision": best, "kept": True}]
    found = unless_it_was_better(module, first, dev, epochs)
    assert [(each["epoch"], each["kept"]) for each in found] == [(0, kept), (1, not kept)]
    stayed = all(np.array_equal(before[name], w) for name, w in module.state_dict().items())
    assert stayed is kept
