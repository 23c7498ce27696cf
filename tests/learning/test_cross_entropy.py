from __future__ import annotations

import math

import pytest
import torch

from textsiamese.errors import InputError
from textsiamese.learning.cross_entropy import PairCrossEntropy


def test_against_a_loop() -> None:
    odds, labels = [2.0, -1.0, 0.0, -3.0], [1, 0, 1, 1]
    terms = [
        -math.log(1 / (1 + math.exp(-z if y else z))) for z, y in zip(odds, labels, strict=True)
    ]
    loss = PairCrossEntropy()(torch.tensor(odds), torch.tensor(labels))
    assert loss.item() == pytest.approx(sum(terms) / 4)


def test_gradient_pulls_the_right_way_and_never_overflows() -> None:
    odds = torch.tensor([1000.0, -1000.0, 0.0, 0.0], requires_grad=True)
    loss = PairCrossEntropy()(odds, torch.tensor([0, 1, 1, 0]))
    loss.backward()
    assert loss.isfinite()
    assert odds.grad is not None
    assert odds.grad.sign().tolist() == [1, -1, -1, 1]


def test_half_precision_is_widened() -> None:
    odds = torch.tensor([1.0, 2.0], dtype=torch.bfloat16)
    assert PairCrossEntropy()(odds, torch.tensor([1, 0])).dtype == torch.float32


def test_no_pairs() -> None:
    odds = torch.zeros(0, requires_grad=True)
    loss = PairCrossEntropy()(odds, torch.zeros(0))
    loss.backward()
    assert loss.item() == 0
    assert odds.grad is not None


def test_bad_labels_are_refused() -> None:
    with pytest.raises(InputError, match="label 1 is -1"):
        PairCrossEntropy()(torch.zeros(2), torch.tensor([1, -1]))
    with pytest.raises(InputError, match=r"2 pairs need \(2,\)"):
        PairCrossEntropy()(torch.zeros(2), torch.tensor([1]))
