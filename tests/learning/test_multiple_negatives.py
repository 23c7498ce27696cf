from __future__ import annotations

import math

import pytest
import torch

from textsiamese.errors import InputError
from textsiamese.learning.multiple_negatives import MultipleNegativesLoss


def slow(
    vectors: torch.Tensor, anchors: list[tuple[int, int]], negatives: torch.Tensor, t: float
) -> float:
    rows = vectors.tolist()

    def cosine(i: int, j: int) -> float:
        dot = sum(a * b for a, b in zip(rows[i], rows[j], strict=True))
        return dot / (math.hypot(*rows[i]) * math.hypot(*rows[j]))

    total = 0.0
    for a, p in anchors:
        others = [c for c in range(len(rows)) if negatives[a, c]]
        top = math.exp(cosine(a, p) / t)
        total -= math.log(top / (top + sum(math.exp(cosine(a, c) / t) for c in others if c != p)))
    return total / len(anchors)


@pytest.mark.parametrize("temperature", [0.05, 1.0])
def test_against_a_slow_loop(temperature: float) -> None:
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(7, 4, dtype=torch.float64, generator=generator)
    negatives = torch.rand(7, 7, generator=generator) > 0.5
    negatives.fill_diagonal_(False)
    anchors = [(0, 1), (1, 0), (2, 5), (6, 3)]
    anchor, positive = torch.tensor(anchors).T
    got = MultipleNegativesLoss(temperature)(vectors, anchor, positive, negatives)
    assert got.item() == pytest.approx(slow(vectors, anchors, negatives, temperature), rel=1e-5)


def test_closed_form() -> None:
    """A positive at cosine 1 among n negatives at cosine 0: log(1 + n exp(-1/t))."""
    vectors = torch.eye(4)[[0, 0, 1, 2, 3]]
    negatives = torch.ones(5, 5, dtype=torch.bool)
    negatives[0, :2] = False
    loss = MultipleNegativesLoss(0.5)(vectors, torch.tensor([0]), torch.tensor([1]), negatives)
    assert loss.item() == pytest.approx(math.log(1 + 3 * math.exp(-2)))


def test_an_anchor_without_negatives_costs_nothing() -> None:
    none = torch.zeros(2, 2, dtype=torch.bool)
    pair = torch.tensor([0]), torch.tensor([1])
    assert MultipleNegativesLoss()(torch.eye(2), *pair, none).item() == 0


def test_no_anchors_carry_a_gradient_of_zero() -> None:
    vectors = torch.rand(3, 2, requires_grad=True)
    nobody = torch.zeros(0, dtype=torch.long)
    loss = MultipleNegativesLoss()(vectors, nobody, nobody, torch.ones(3, 3, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0
    assert vectors.grad is not None
    assert vectors.grad.abs().max() == 0


def test_zero_vectors_have_a_finite_gradient() -> None:
    vectors = torch.zeros(3, 2, requires_grad=True)
    loss = MultipleNegativesLoss()(
        vectors, torch.tensor([0]), torch.tensor([1]), ~torch.eye(3, dtype=torch.bool)
    )
    loss.backward()
    assert vectors.grad is not None
    assert vectors.grad.isfinite().all()


@pytest.mark.parametrize("temperature", [0, -1.0, float("nan")])
def test_temperatures_that_cannot_be(temperature: float) -> None:
    with pytest.raises(InputError, match="temperature is a number above 0"):
        MultipleNegativesLoss(temperature)
    assert "temperature=0.2" in repr(MultipleNegativesLoss(0.2))
