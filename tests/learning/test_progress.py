from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from transformers import TrainerControl, TrainerState

from textsiamese.learning.progress import Progress


def test_a_bar_and_a_line_an_epoch_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    args: Any = SimpleNamespace(num_train_epochs=3)
    state, control = TrainerState(max_steps=10), TrainerControl()
    progress = Progress()
    progress.on_train_begin(args, state, control)
    state.global_step = 4
    progress.on_step_end(args, state, control)
    progress.on_log(args, state, control, logs={"loss": 0.25, "learning_rate": 1e-3})
    progress.on_log(args, state, control, logs={"eval_accuracy": 0.5})
    state.epoch = 2.0
    metrics = {"eval_average_precision": 0.9312, "eval_accuracy": 0.87, "epoch": 2.0}
    progress.on_evaluate(args, state, control, metrics=metrics)
    progress.on_train_end(args, state, control)
    out, err = capsys.readouterr()
    assert out == ""
    assert "epoch 2 of 3  loss 0.2500  dev average precision 0.9312  dev accuracy 0.8700" in err
    assert "4/10" in err
    assert "loss=0.2500" in err


def test_a_resumed_bar_begins_where_the_run_left_off(capsys: pytest.CaptureFixture[str]) -> None:
    args: Any = SimpleNamespace(num_train_epochs=3)
    progress = Progress()
    progress.on_train_begin(args, TrainerState(max_steps=10, global_step=7), TrainerControl())
    progress.on_train_end(args, TrainerState(), TrainerControl())
    assert "7/10" in capsys.readouterr().err


def test_without_a_run_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    args: Any = SimpleNamespace(num_train_epochs=3)
    progress = Progress()
    progress.on_step_end(args, TrainerState(), TrainerControl())
    progress.on_log(args, TrainerState(), TrainerControl(), logs={"loss": 1.0})
    progress.on_train_end(args, TrainerState(), TrainerControl())
    assert capsys.readouterr() == ("", "")
