from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from textsiamese.twins.two_towers import TwoTowers, towers_of


class Doubling(nn.Module):
    """An encoder whose groups are (n, 2) numbers; drops half of them in training."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))
        self.dropout = nn.Dropout(0.5)

    def forward(self, groups: Sequence[Tensor]) -> Tensor:
        return self.dropout(torch.cat(list(groups)) * self.factor)


@pytest.fixture
def towers() -> TwoTowers:
    return TwoTowers(Doubling(2.0), Doubling(3.0))  # type: ignore[arg-type]


def test_left_vectors_come_first(towers: TwoTowers) -> None:
    left, right = torch.ones(2, 2), torch.ones(1, 2)
    found = towers.eval()(([left, left], [right]))
    assert found.tolist() == [[2, 2]] * 4 + [[3, 3]]


def test_a_side_may_be_empty(towers: TwoTowers) -> None:
    assert towers.eval()(([], [torch.ones(1, 2)])).tolist() == [[3, 3]]


def test_a_frozen_side_has_neither_gradient_nor_dropout(towers: TwoTowers) -> None:
    towers.train().frozen = frozenset({"left"})
    found = towers(([torch.ones(50, 2)], [torch.ones(50, 2)]))
    assert (found[:50] == 2).all()
    assert (found[50:] == 0).any()
    assert towers.left.training
    found.sum().backward()
    assert towers.left.factor.grad is None
    assert towers.right.factor.grad is not None


@pytest.mark.parametrize("frozen", [set(), {"left"}])
def test_among_processes_every_weight_gets_a_gradient(
    towers: TwoTowers, monkeypatch: pytest.MonkeyPatch, frozen: set[str]
) -> None:
    """Of a small batch a process may encode nothing of a side; the others would wait for it."""
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    towers.frozen = frozenset(frozen)
    found = towers.eval()(([torch.ones(1, 2)] if frozen else [], [torch.ones(1, 2)]))
    assert found[-1].tolist() == [3, 3]
    found.sum().backward()
    assert (towers.left.factor.grad, towers.right.factor.grad) == (0, 2)


def test_towers_of_one_encoder(towers: TwoTowers) -> None:
    assert towers_of(towers) == [towers.left, towers.right]
    assert towers_of(towers.left) == [towers.left]
