from __future__ import annotations

from typing import Any

import pytest

from textsiamese.errors import InputError
from textsiamese.learning.config import FitConfig


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"epochs": 0}, "epochs is 0; it must be 1 or more"),
        ({"batch_size": 1}, "batch_size is 1; it must be 2 or more"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0; it must be above 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"warmup": 1.0}, r"warmup is 1.0; it must lie in \[0, 1\)"),
        ({"miner": "semihard"}, "did you mean 'semi-hard'"),
    ],
)
def test_settings_that_cannot_be(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        FitConfig(**change)


def test_settings_are_kept() -> None:
    assert FitConfig(epochs=3, miner="hard") == FitConfig(epochs=3, miner="hard")
    assert FitConfig().half_weights
