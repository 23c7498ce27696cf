from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from transformers import TrainerControl, TrainerState

from textsiamese.learning import progress as progress_module
from textsiamese.learning.progress import EncodingProgress, Progress


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_on_a_terminal_and_a_line_an_epoch(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    args: Any = SimpleNamespace(num_train_epochs=3)
    state, control = TrainerState(max_steps=10), TrainerControl()
    progress = Progress()
    progress.on_train_begin(args, state, control)
    state.global_step = 4
    progress.on_step_end(args, state, control)
    progress.on_log(args, state, control, logs={"loss": 0.25, "learning_rate": 1e-3})
    progress.on_log(args, state, control, logs={"eval_accuracy": 0.5})
    state.epoch = 2.0
    metrics = {"eval_average_precision": 0.9312, "eval_accuracy": 0.87, "epoch_loss": 0.25}
    progress.on_evaluate(args, state, control, metrics=metrics)
    progress.on_train_end(args, state, control)
    out, err = capsys.readouterr()
    assert out == ""
    line = "epoch 2 of 3  loss 0.2500  dev average precision 0.9312  dev accuracy 0.8700"
    assert line in err
    assert ("4/10" in err and "loss=0.2500" in err) == terminal
    assert terminal or err == line + "\n"


def test_a_log_tells_now_and_then_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 130.0, 160.0, 170.0])
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(clock))
    args: Any = SimpleNamespace(num_train_epochs=3)
    progress, control = Progress(), TrainerControl()
    progress.on_train_begin(args, TrainerState(max_steps=2200, global_step=1000), control)
    progress.on_log(args, TrainerState(), control, logs={"loss": 0.5})
    for step in (1300, 1600, 1700):
        progress.on_step_end(args, TrainerState(max_steps=2200, global_step=step), control)
    assert capsys.readouterr().err == (
        "step 1,600 of 2,200  loss 0.5000  10.0 steps/s, at most 1 min left\n"
    )


def test_the_first_lines_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(["trains 3 of 9 weights", "and so on"])
    progress.on_train_begin(SimpleNamespace(), TrainerState(max_steps=90), TrainerControl())
    assert capsys.readouterr().err == "trains 3 of 9 weights\nand so on\n"


def test_no_loss_is_told_before_there_is_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 60.0])
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(clock))
    args: Any = SimpleNamespace(num_train_epochs=3)
    progress, control = Progress(), TrainerControl()
    progress.on_train_begin(args, TrainerState(max_steps=90), control)
    progress.on_step_end(args, TrainerState(max_steps=90, global_step=30), control)
    assert capsys.readouterr().err == "step 30 of 90  0.5 steps/s, at most 2 min left\n"


def test_a_resumed_bar_begins_where_the_run_left_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    args: Any = SimpleNamespace(num_train_epochs=3)
    progress = Progress()
    progress.on_train_begin(args, TrainerState(max_steps=10, global_step=7), TrainerControl())
    progress.on_train_end(args, TrainerState(), TrainerControl())
    assert "7/10" in capsys.readouterr().err


def test_a_log_tells_how_far_a_teacher_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 100.0, 140.0, 220.0, 260.0, 300.0])
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(clock))
    with EncodingProgress("wise", "t.csv") as progress:
        for done in (0, 4_000, 12_000, 16_000, 20_000):
            progress(done, 20_000)
    assert capsys.readouterr().err.splitlines() == [
        "wise encodes the texts of t.csv: 20,000 that it has not encoded before",
        "wise encodes the texts of t.csv: 12,000 of 20,000, 100 texts/s, 1 min left",
        "wise encodes the texts of t.csv: 20,000 of 20,000, 100 texts/s, 0 min left",
    ]


def test_on_a_terminal_a_bar_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with EncodingProgress("wise", "t.csv") as progress:
        progress(4, 9)
        progress(9, 9)
    assert "9/9" in capsys.readouterr().err
    with EncodingProgress("wise", "t.csv"):
        pass
    assert capsys.readouterr().err == ""
