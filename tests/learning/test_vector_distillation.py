from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from textsiamese.errors import InputError
from textsiamese.learning.vector_distillation import VectorDistillationLoss


def drawn(n: int, dim: int, seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, dim, dtype=torch.float64, generator=generator).to(dtype)


def by_hand(vectors: Tensor, targets: Tensor) -> float:
    total = 0.0
    for u, t in zip(vectors.tolist(), targets.tolist(), strict=True):
        dot = sum(a * b for a, b in zip(u, t, strict=True))
        lengths = math.hypot(*u) * math.hypot(*t)
        total += 1 - dot / lengths
    return total / len(vectors)


@pytest.mark.parametrize("n", [1, 7])
def test_against_a_slow_loop(n: int) -> None:
    vectors, targets = drawn(n, 5, 0), drawn(n, 5, 1)
    value = VectorDistillationLoss()(vectors, targets).item()
    assert value == pytest.approx(by_hand(vectors, targets), rel=1e-5)
    unit, other = (rows / rows.norm(dim=1, keepdim=True) for rows in (vectors, targets))
    assert value == pytest.approx(((unit - other) ** 2).sum(1).mean().item() / 2, rel=1e-5)


def test_known_angles() -> None:
    u = torch.tensor([[3.0, 4.0]])
    for target, expected in (([6, 8], 0), ([-4, 3], 1), ([-0.3, -0.4], 2), ([4.0, 3.0], 0.04)):
        assert VectorDistillationLoss()(u, torch.tensor([target])).item() == pytest.approx(
            expected, abs=1e-6
        )


def test_it_leads_to_the_teacher_and_asks_nothing_of_it() -> None:
    vectors, targets = drawn(6, 4, 0).requires_grad_(), drawn(6, 4, 1).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda rows: VectorDistillationLoss()(rows, targets.detach()).double(),
        vectors,
        eps=1e-3,
        atol=1e-3,
    )
    optimizer = torch.optim.Adam([vectors], 0.1)
    for _ in range(200):
        optimizer.zero_grad()
        VectorDistillationLoss()(vectors, targets.detach()).backward()
        optimizer.step()
    assert by_hand(vectors, targets) < 1e-3


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_any_precision_is_computed_in_float32(dtype: torch.dtype) -> None:
    vectors, targets = drawn(9, 4, 0, dtype), drawn(9, 4, 1, torch.float16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = VectorDistillationLoss()(vectors, targets)
    assert value.dtype == torch.float32
    assert value.item() == pytest.approx(by_hand(vectors, targets), rel=1e-4)


def test_zero_vectors_have_finite_gradients() -> None:
    vectors = torch.zeros(3, 4, requires_grad=True)
    loss = VectorDistillationLoss()(vectors, torch.zeros(3, 4))
    loss.backward()
    assert loss.isfinite()
    assert vectors.grad is not None
    assert vectors.grad.isfinite().all()


def test_no_texts_are_a_zero_that_carries_a_graph() -> None:
    encoder = nn.Linear(3, 5)
    loss = VectorDistillationLoss()(encoder(torch.zeros(0, 3)), torch.zeros(0, 5))
    loss.backward()
    assert loss.item() == 0
    assert encoder.weight.grad is not None
    assert encoder.weight.grad.abs().max() == 0


@pytest.mark.parametrize(("shape", "other"), [((2, 3), (3, 3)), ((2, 3), (2, 4)), ((3,), (3,))])
def test_shapes_that_do_not_fit(shape: tuple[int, ...], other: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="as many, and as wide"):
        VectorDistillationLoss()(torch.zeros(shape), torch.zeros(other))
