from __future__ import annotations

import json
from typing import Any

import pytest

from textsiamese.errors import InputError
from textsiamese.learning.config import FitConfig


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"epochs": 0}, "epochs is 0; it must be 1 or more"),
        ({"epochs": 2.5}, "epochs is 2.5; it must be 1 or more"),
        ({"epochs": True}, "epochs is True"),
        ({"batch_size": 1}, "batch_size is 1; it must be 2 or more"),
        ({"batch_size": "64"}, "batch_size is '64'"),
        ({"accumulation": 0}, "accumulation is 0; it must be 1 or more"),
        ({"head_learning_rate": 0}, "head_learning_rate is 0; it must be above 0"),
        ({"head_learning_rate": "fast"}, "head_learning_rate is 'fast'"),
        ({"lora": -1}, "lora is -1; it must be 0 or more"),
        ({"lora": True}, "lora is True"),
        ({"gradient_checkpointing": 1}, "gradient_checkpointing is 1; it must be true or false"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0; it must be above 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan; it must be a finite number"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast'"),
        ({"warmup": 1.0}, r"warmup is 1.0; it must be in \[0, 1\)"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1"),
        ({"max_grad_norm": 0}, "max_grad_norm is 0"),
        ({"patience": 0}, "patience is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"bf16": "yes"}, "bf16 is 'yes'; it must be true or false"),
        ({"half_weights": None}, "half_weights is None"),
        ({"augmentation": 3}, "augmentation is 3; it must be settings of AugmentationConfig"),
        ({"augmentation": {"flop": 0}}, "there is no setting 'flop'; did you mean 'flip'"),
        ({"miner": "semihard"}, "did you mean 'semi-hard'"),
        ({"calibrator": "plat"}, "did you mean 'platt'"),
    ],
)
def test_settings_that_cannot_be(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        FitConfig(**change)
    with pytest.raises(InputError, match=said):
        FitConfig().with_settings(change)


def test_settings_are_kept() -> None:
    assert FitConfig(epochs=3, miner="hard") == FitConfig(epochs=3, miner="hard")
    assert FitConfig().half_weights


def test_json_round_trip() -> None:
    config = FitConfig(epochs=3, bf16=False, calibrator="beta", learning_rate=0.5)
    assert FitConfig().with_settings(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("epoch", "no setting 'epoch'; did you mean 'epochs'"),
        ("batch-size", "did you mean 'batch_size'"),
        ("zzz", "they are epochs, batch_size, "),
    ],
)
def test_a_setting_that_does_not_exist(name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        FitConfig().with_settings({"seed": 1, name: 3})
