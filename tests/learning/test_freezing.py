from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

from textsiamese.learning.config import FitConfig
from textsiamese.learning.freezing import Freezing
from textsiamese.twins.two_towers import TwoTowers


def towers() -> Any:
    return TwoTowers(nn.Linear(2, 2), nn.Linear(2, 2))  # type: ignore[arg-type]


def test_what_is_frozen_goes_by_the_epoch() -> None:
    two = towers()
    callback = Freezing(two, FitConfig(freeze_right=2))
    frozen = []
    for epoch in (None, 0.5, 1.99, 2.0, 3.5):
        callback.on_step_begin(None, SimpleNamespace(epoch=epoch), None)  # type: ignore[arg-type]
        frozen.append(sorted(two.frozen))
    assert frozen == [["right"], ["right"], ["right"], [], []]


def test_the_optimizer_sees_no_gradient_of_what_is_frozen() -> None:
    two = towers()
    for weight in two.parameters():
        weight.grad = torch.zeros_like(weight)
    two.frozen = frozenset({"left"})
    Freezing(two, FitConfig(freeze_left=1)).on_pre_optimizer_step(None, None, None)  # type: ignore[arg-type]
    assert all(weight.grad is None for weight in two.left.parameters())
    assert all(weight.grad is not None for weight in two.right.parameters())
