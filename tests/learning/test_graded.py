from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from textsiamese.errors import InputError
from textsiamese.learning.graded import CoSentLoss, CosineSimilarityLoss

GRADES = torch.tensor([0.0, 0.5, 0.5, 1.0, 0.2], dtype=torch.float64)
LOSSES = pytest.mark.parametrize("loss", [CoSentLoss(), CosineSimilarityLoss()])


def vectors() -> tuple[Tensor, Tensor]:
    both = torch.randn(2, 5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return both[0].requires_grad_(), both[1].requires_grad_()


def cosines(left: Tensor, right: Tensor) -> list[float]:
    return torch.nn.functional.cosine_similarity(left, right).tolist()


@pytest.mark.parametrize("temperature", [0.05, 1.0])
def test_cosent_equals_a_slow_loop(temperature: float) -> None:
    left, right = vectors()
    c, g = cosines(left, right), GRADES.tolist()
    terms = [
        math.exp((c[j] - c[i]) / temperature) for i in range(5) for j in range(5) if g[i] > g[j]
    ]
    assert len(terms) == 9
    loss = CoSentLoss(temperature)(left, right, GRADES)
    assert loss.item() == pytest.approx(math.log(1 + sum(terms)))


def test_cosent_equals_its_peer() -> None:
    from sentence_transformers.sentence_transformer.losses import CoSENTLoss

    left, right = (side.float() for side in vectors())
    peer = CoSENTLoss(model=nn.Identity(), scale=20.0)
    expected = peer.compute_loss_from_embeddings([left, right], GRADES.float())
    assert CoSentLoss()(left, right, GRADES).item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_cosine_is_drawn_to_the_grade() -> None:
    left, right = vectors()
    gaps = zip(cosines(left, right), GRADES.tolist(), strict=True)
    expected = sum((c - g) ** 2 for c, g in gaps) / 5
    assert CosineSimilarityLoss()(left, right, GRADES).item() == pytest.approx(expected)


@LOSSES
def test_gradients(loss: nn.Module) -> None:
    left, right = vectors()
    assert torch.autograd.gradcheck(lambda a, b: loss(a, b, GRADES), (left, right))


@LOSSES
@pytest.mark.parametrize("n", [0, 3])
def test_nothing_to_order_is_a_zero_that_carries_a_graph(loss: nn.Module, n: int) -> None:
    left = torch.ones(n, 4, requires_grad=True)
    value = loss(left, torch.ones(n, 4), torch.ones(n))
    assert value.item() == pytest.approx(0, abs=1e-12)
    value.backward()
    assert left.grad is not None
    assert left.grad.abs().sum() == pytest.approx(0, abs=1e-6)


@LOSSES
def test_half_precision_is_widened_and_a_zero_vector_is_harmless(loss: nn.Module) -> None:
    left = torch.zeros(2, 3, dtype=torch.bfloat16, requires_grad=True)
    value = loss(left, torch.ones(2, 3, dtype=torch.bfloat16), torch.tensor([0.0, 1.0]))
    assert value.dtype == torch.float32
    value.backward()
    assert left.grad is not None
    assert left.grad.isfinite().all()


@LOSSES
def test_shapes_that_do_not_fit(loss: nn.Module) -> None:
    two = torch.ones(2, 3)
    for left, right, grades in [(two, two[:1], two[:, 0]), (two, two, torch.ones(3))]:
        with pytest.raises(InputError, match="graded pairs need"):
            loss(left, right, grades)


@pytest.mark.parametrize("temperature", [0, -1, math.nan])
def test_a_temperature_is_above_zero(temperature: float) -> None:
    with pytest.raises(InputError, match="temperature"):
        CoSentLoss(temperature)
