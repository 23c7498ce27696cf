from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.errors import InputError, OutputError, OutputExistsError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.metrics import average_precision
from textsiamese.learning import choosing
from textsiamese.learning import fit as fitting
from textsiamese.learning import trainer as training
from textsiamese.learning.checkpoints import last_whole_checkpoint
from textsiamese.learning.config import FitConfig
from textsiamese.learning.cross_entropy import PairCrossEntropy
from textsiamese.learning.fit import fit
from textsiamese.learning.multiple_negatives import MultipleNegativesLoss
from textsiamese.learning.triplet import TripletLoss
from textsiamese.twins.bundle import load
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import PairHead

CONFIG = FitConfig(epochs=3, batch_size=25, learning_rate=0.02, bf16=False, keep_checkpoints=True)
LEARNING = FitConfig(epochs=12, batch_size=10, learning_rate=0.02)
STEPS = 8  # of an epoch: 200 pairs, 25 at a time


def new_twin(train: Pairs, head: bool = True) -> Siamese:
    """The same untrained twin each time, with dropout."""
    torch.manual_seed(0)
    sizes = LstmConfig(embedding=12, hidden=10, dim=12, dropout=0.1)
    encoder = LstmEncoder.for_texts(train.texts, sizes, 400)
    info = TwinInfo(name="topics", language="English")
    return Siamese(encoder, PairHead.new(12, 8) if head else None, info=info)


def weights(twin: Siamese) -> dict[str, torch.Tensor]:
    named = {f"encoder.{name}": value for name, value in twin.encoder.state_dict().items()}
    return named | {f"similarity.{n}": torch.as_tensor(w) for n, w in twin.measure.weights.items()}


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def run(
    train: Pairs, dev: Pairs, held: Pairs, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Siamese, Path]:
    """A whole run with the pair head, and the folder of its bundle."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    loss = [(1.0, PairCrossEntropy()), (0.3, MultipleNegativesLoss())]
    twin = fit(new_twin(train), train, dev, loss=loss, out=out, config=CONFIG, decide_on=held)
    return twin, out


def again(train: Pairs, dev: Pairs, held: Pairs, out: Path, **options: Any) -> Siamese:
    """The same run to another folder."""
    loss = [(1.0, PairCrossEntropy()), (0.3, MultipleNegativesLoss())]
    given = {"config": CONFIG, "decide_on": held, **options}
    return fit(new_twin(train), train, dev, loss=loss, out=out, **given)


@pytest.mark.parametrize(
    ("loss", "head"),
    [
        ([(1.0, PairCrossEntropy()), (0.3, MultipleNegativesLoss())], True),
        (None, False),  # contrastive
        (TripletLoss(), False),
    ],
)
def test_it_learns(
    train: Pairs,
    dev: Pairs,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    loss: Any,
    head: bool,
) -> None:
    twin = new_twin(train, head)
    before = average_precision(twin.similarity(dev.left, dev.right), dev.labels)
    fitted = fit(twin, train, dev, loss=loss, out=tmp_path / "twin", config=LEARNING)
    after = average_precision(fitted.similarity(dev.left, dev.right), dev.labels)
    assert before < 0.75
    assert after > 0.85
    opened = load(tmp_path / "twin")
    assert np.array_equal(opened.score(dev.left, dev.right), fitted.score(dev.left, dev.right))
    assert opened.info.name == "topics"
    out, err = capfd.readouterr()
    assert out == ""
    lines = [line for line in err.splitlines() if "dev average precision" in line]
    assert len(lines) == LEARNING.epochs
    assert "nan" not in err


def test_the_decision_is_fitted_on_the_pairs_held_out(
    run: tuple[Siamese, Path], held: Pairs
) -> None:
    decision = run[0].decision
    assert decision
    assert (decision.n, decision.fitted_prior) == (80, 0.25)
    fresh = Decision.fit(run[0].similarity(held.left, held.right), held.labels)
    scores = run[0].score(held.left, held.right)
    np.testing.assert_allclose(
        scores, fresh.probability(run[0].similarity(held.left, held.right)), atol=1e-3
    )


def test_the_finished_weights_fit_into_fp16(run: tuple[Siamese, Path]) -> None:
    stored = load_file(run[1] / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.float16}


def test_the_same_run_gives_the_same_weights_and_another_seed_other_ones(
    run: tuple[Siamese, Path], train: Pairs, dev: Pairs, held: Pairs, tmp_path: Path
) -> None:
    same = again(train, dev, held, tmp_path / "same")
    assert equal(weights(same), weights(run[0]))
    assert same.fingerprint == run[0].fingerprint
    other = again(train, dev, held, tmp_path / "other", config=replace(CONFIG, seed=1))
    assert not equal(weights(other), weights(run[0]))


class InterruptedRunError(Exception):
    """Stands for whatever ends a run early."""


def interrupted_after(epochs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run end at the dev metrics of the epoch after these."""
    shown = training.Progress.on_evaluate

    def on_evaluate(self: Any, args: Any, state: Any, control: Any, **rest: Any) -> None:
        shown(self, args, state, control, **rest)
        if state.epoch > epochs:
            raise InterruptedRunError

    monkeypatch.setattr(training.Progress, "on_evaluate", on_evaluate)


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_resumed_run_ends_with_the_same_bits(
    run: tuple[Siamese, Path],
    train: Pairs,
    dev: Pairs,
    held: Pairs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    epochs: int,
) -> None:
    out = tmp_path / "twin"
    with monkeypatch.context() as patch:
        interrupted_after(epochs, patch)
        with pytest.raises(InterruptedRunError):
            again(train, dev, held, out)
    assert not out.exists()
    checkpoints = Path(f"{out}.checkpoints")
    assert last_whole_checkpoint(checkpoints) == str(checkpoints / f"checkpoint-{STEPS * epochs}")
    half_written = checkpoints / f"checkpoint-{STEPS * (epochs + 1)}"
    shutil.copytree(checkpoints / f"checkpoint-{STEPS * epochs}", half_written)
    (half_written / "trainer_state.json").unlink()
    with pytest.raises(OutputExistsError, match="checkpoints of an earlier run: resume=True"):
        again(train, dev, held, out)
    capsys.readouterr()
    resumed = again(train, dev, held, out, resume=True)
    shown = capsys.readouterr().err
    gone_through = [epoch for epoch in (1, 2, 3) if f"epoch {epoch} of 3" in shown]
    assert gone_through == [epoch for epoch in (1, 2, 3) if epoch > epochs]
    assert equal(weights(resumed), weights(run[0]))
    assert resumed.fingerprint == run[0].fingerprint


def test_resume_without_a_checkpoint_is_a_fresh_start(
    run: tuple[Siamese, Path], train: Pairs, dev: Pairs, held: Pairs, tmp_path: Path
) -> None:
    fresh = again(train, dev, held, tmp_path / "twin", resume=True)
    assert fresh.fingerprint == run[0].fingerprint


@pytest.mark.parametrize("best", [1, 2, 3])
def test_the_best_epoch_is_kept(
    train: Pairs,
    dev: Pairs,
    held: Pairs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    best: int,
) -> None:
    values = iter([0.9 if epoch == best else 0.5 for epoch in (1, 2, 3)])
    monkeypatch.setattr(choosing, "average_precision", lambda *_: next(values))
    config = replace(CONFIG, half_weights=False)
    twin = again(train, dev, held, tmp_path / "twin", config=config)
    checkpoints = tmp_path / "twin.checkpoints"
    kept = load_file(checkpoints / f"checkpoint-{STEPS * best}" / "model.safetensors")
    assert equal(weights(twin), kept)
    if best < 3:
        last = load_file(checkpoints / f"checkpoint-{STEPS * 3}" / "model.safetensors")
        assert not equal(weights(twin), last)


def test_a_folder_that_is_no_twin_is_refused_before_training(
    train: Pairs, dev: Pairs, tmp_path: Path
) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="notes exists and is no twin"):
        fit(new_twin(train), train, dev, out=tmp_path / "notes", config=CONFIG)
    assert [each.name for each in tmp_path.iterdir()] == ["notes"]


@pytest.mark.parametrize("setting", [{"gradient_checkpointing": True}, {"lora": 4}])
def test_a_setting_that_does_not_suit_the_encoder_is_refused_before_training(
    train: Pairs, dev: Pairs, tmp_path: Path, setting: dict[str, Any]
) -> None:
    config = replace(CONFIG, **setting)
    with pytest.raises(InputError, match=next(iter(setting))):
        fit(new_twin(train), train, dev, out=tmp_path / "twin", config=config)
    assert not list(tmp_path.iterdir())


def test_processes_that_were_given_something_else_do_not_train_together(
    train: Pairs, dev: Pairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(work: Any) -> Any:
        return {**work(), "train": {"name": "other.csv", "pairs": 9, "sha256": "0"}}

    monkeypatch.setattr(fitting, "by_the_first", first)
    said = "in the first one the train table was other.csv with 9 pairs and is train.csv with 200"
    with pytest.raises(InputError, match=said):
        fit(new_twin(train), train, dev, out=tmp_path / "twin", config=CONFIG)
    assert not list(tmp_path.iterdir())


def test_the_log_holds_the_dev_metrics_of_each_epoch(run: tuple[Siamese, Path]) -> None:
    last = last_whole_checkpoint(Path(f"{run[1]}.checkpoints"))
    assert last
    log = json.loads((Path(last) / "trainer_state.json").read_text())["log_history"]
    judged = [entry for entry in log if "eval_average_precision" in entry]
    assert [entry["epoch"] for entry in judged] == [1, 2, 3]
    assert all(0 < entry["eval_accuracy"] <= 1 for entry in judged)
