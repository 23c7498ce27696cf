from __future__ import annotations

import math

import pytest
import torch

from textsiamese.errors import InputError
from textsiamese.learning.distillation import DistillationLoss


def by_hand(similarity: list[float], teacher: list[float], temperature: float) -> float:
    total = 0.0
    for z, p in zip(similarity, teacher, strict=True):
        soft = 1 / (1 + math.exp(-math.log(p / (1 - p)) / temperature))
        said = 1 / (1 + math.exp(-z / temperature))
        total -= soft * math.log(said) + (1 - soft) * math.log(1 - said)
    return temperature**2 * total / len(similarity)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_against_the_formula(temperature: float) -> None:
    similarity, teacher = [-2.0, 0.3, 4.0], [0.1, 0.6, 0.97]
    loss = DistillationLoss(temperature)(torch.tensor(similarity), torch.tensor(teacher))
    assert float(loss) == pytest.approx(by_hand(similarity, teacher, temperature), rel=1e-5)


def test_least_where_the_student_says_what_the_teacher_said() -> None:
    teacher = torch.tensor([0.2, 0.9])
    similarity = torch.logit(teacher).requires_grad_()
    DistillationLoss(2.0)(similarity, teacher).backward()
    torch.testing.assert_close(similarity.grad, torch.zeros(2), atol=1e-6, rtol=0)


def test_a_teacher_that_is_certain_gives_finite_losses() -> None:
    similarity = torch.tensor([30.0, -30.0], requires_grad=True)
    loss = DistillationLoss()(similarity, torch.tensor([0.0, 1.0]))
    loss.backward()
    assert loss.isfinite()
    assert similarity.grad.isfinite().all()


def test_no_pairs() -> None:
    similarity = torch.zeros(0, requires_grad=True)
    loss = DistillationLoss()(similarity, torch.zeros(0))
    loss.backward()
    assert loss.item() == 0


def test_bad_input() -> None:
    with pytest.raises(InputError, match="temperature is a number above 0, not 0"):
        DistillationLoss(0)
    with pytest.raises(InputError, match=r"\(2,\) similarities need as many"):
        DistillationLoss()(torch.zeros(2), torch.zeros(3))
