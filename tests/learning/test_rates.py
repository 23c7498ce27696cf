from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from tests.backbones import saved_backbone
from textsiamese.encoders.backbone import BackboneEncoder
from textsiamese.learning.config import FitConfig
from textsiamese.learning.rates import give_rates


@pytest.fixture
def module() -> nn.Module:
    return nn.ModuleDict({"encoder": nn.Linear(3, 2), "head": nn.Linear(2, 1)})


def rates(optimizer: torch.optim.Optimizer, module: nn.Module) -> dict[str, tuple[float, float]]:
    names = {weight: name for name, weight in module.named_parameters()}
    return {
        names[weight]: (group["lr"], group["weight_decay"])
        for group in optimizer.param_groups
        for weight in group["params"]
    }


def test_heads_get_their_rate_and_keep_all_else(module: nn.Module) -> None:
    weights = dict(module.named_parameters())
    biases = [name for name in weights if "bias" in name]
    groups = [
        {"params": [weights[n] for n in weights if n not in biases], "weight_decay": 0.1},
        {"params": [weights[n] for n in biases], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.98), fused=True)
    give_rates(optimizer, module, FitConfig(head_learning_rate=0.5))
    assert rates(optimizer, module) == {
        "encoder.weight": (0.01, 0.1),
        "head.weight": (0.5, 0.1),
        "encoder.bias": (0.01, 0.0),
        "head.bias": (0.5, 0.0),
    }
    assert all(group["betas"] == (0.9, 0.98) and group["fused"] for group in optimizer.param_groups)


def test_a_step_at_two_rates(module: nn.Module) -> None:
    optimizer = torch.optim.SGD(module.parameters(), lr=1)
    give_rates(optimizer, module, FitConfig(head_learning_rate=3))
    before = {name: weight.detach().clone() for name, weight in module.named_parameters()}
    for weight in module.parameters():
        weight.grad = torch.ones_like(weight)
    optimizer.step()
    for name, weight in module.named_parameters():
        torch.testing.assert_close(
            before[name] - weight, weight.grad * (3 if "head" in name else 1)
        )


def test_where_there_is_no_head_nothing_changes() -> None:
    module = nn.ModuleDict({"encoder": nn.Linear(3, 2)})
    optimizer = torch.optim.SGD(module.parameters(), lr=1)
    give_rates(optimizer, module, FitConfig(head_learning_rate=3))
    assert [group["lr"] for group in optimizer.param_groups] == [1]


def test_each_tower_at_its_own_rate() -> None:
    towers = nn.ModuleDict({"left": nn.Linear(3, 2), "right": nn.Linear(3, 2)})
    module = nn.ModuleDict({"encoder": towers, "head": nn.Linear(2, 1)})
    optimizer = torch.optim.SGD(module.parameters(), lr=1)
    give_rates(optimizer, module, FitConfig(left_learning_rate=0.1, right_learning_rate=0.2))
    found = {name: rate for name, (rate, _) in rates(optimizer, module).items()}
    assert found == {
        name: 0.1 if "left" in name else 0.2 if "right" in name else 1
        for name, _ in module.named_parameters()
    }


def test_what_lies_on_a_pretrained_picture_model_learns_as_heads_do(tmp_path: Path) -> None:
    model = BackboneEncoder(saved_backbone("resnet", tmp_path / "resnet"), dim=4)
    module = nn.ModuleDict({"encoder": model})
    optimizer = torch.optim.SGD(module.parameters(), lr=1)
    give_rates(optimizer, module, FitConfig(head_learning_rate=0.5))
    for name, (rate, _) in rates(optimizer, module).items():
        assert rate == (0.5 if name.startswith("encoder.projection.") else 1)
