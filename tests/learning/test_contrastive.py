from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from textsiamese.errors import InputError
from textsiamese.learning.contrastive import ContrastiveLoss, OnlineContrastiveLoss, PairDistance

both_distances = pytest.mark.parametrize("distance", ["cosine", "euclidean"])


def slow_distance(u: Tensor, v: Tensor, distance: str) -> float:
    if distance == "cosine":
        return 1 - float(u @ v) / (math.hypot(*u.tolist()) * math.hypot(*v.tolist()))
    return math.dist(u.tolist(), v.tolist())


def slow_hadsell(distances: list[float], labels: list[int], margin: float) -> float:
    """Equation 4, one pair after the other, with the paper's own labels (0 = similar)."""
    total = 0.0
    for d, label in zip(distances, labels, strict=True):
        y = 1 - label
        total += (1 - y) * 0.5 * d**2 + y * 0.5 * max(0.0, margin - d) ** 2
    return total / len(distances)


def slow_online(distances: list[float], labels: list[int], margin: float) -> float:
    """The hard pairs only, by the definition, for batches that hold both labels."""
    positives = [d for d, label in zip(distances, labels, strict=True) if label == 1]
    negatives = [d for d, label in zip(distances, labels, strict=True) if label == 0]
    total = sum(d**2 for d in positives if d > min(negatives))
    return total + sum(max(0.0, margin - d) ** 2 for d in negatives if d < max(positives))


def batch(n: int = 24, d: int = 6, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    left = torch.randn(n, d, dtype=torch.float64, generator=generator)
    right = left + torch.randn(n, d, dtype=torch.float64, generator=generator)
    return left, right, torch.arange(n) % 3 % 2


def on_circle(*degrees: float) -> Tensor:
    angles = torch.tensor(degrees, dtype=torch.float64).deg2rad()
    return torch.stack([angles.cos(), angles.sin()], dim=1)


@both_distances
@pytest.mark.parametrize("margin", [0.5, 1.7])
def test_contrastive_equals_equation_4(distance: PairDistance, margin: float) -> None:
    left, right, labels = batch()
    distances = [slow_distance(u, v, distance) for u, v in zip(left, right, strict=True)]
    expected = slow_hadsell(distances, labels.tolist(), margin)
    assert expected > 0.01
    loss = ContrastiveLoss(margin=margin, distance=distance)(left, right, labels)
    assert loss.item() == pytest.approx(expected, rel=1e-9)


@both_distances
@pytest.mark.parametrize("seed", range(5))
def test_online_equals_its_definition(distance: PairDistance, seed: int) -> None:
    left, right, labels = batch(seed=seed)
    distances = [slow_distance(u, v, distance) for u, v in zip(left, right, strict=True)]
    expected = slow_online(distances, labels.tolist(), 1.0)
    assert expected > 0.01
    loss = OnlineContrastiveLoss(margin=1.0, distance=distance)(left, right, labels)
    assert loss.item() == pytest.approx(expected, rel=1e-9)


def test_contrastive_on_a_circle() -> None:
    left, right = on_circle(0, 0, 0, 0), on_circle(60, 60, 90, 180)
    cosine = ContrastiveLoss(margin=0.8)(left, right, torch.tensor([1, 0, 0, 1]))
    assert cosine.item() == pytest.approx((0.5**2 + 0.3**2 + 0 + 2**2) / 8)
    plain = ContrastiveLoss(margin=1.5, distance="euclidean")
    euclidean = plain(left, right, torch.tensor([1, 0, 0, 1]))
    assert euclidean.item() == pytest.approx((1 + 0.25 + (1.5 - math.sqrt(2)) ** 2 + 4) / 8)


def test_online_on_a_circle_leaves_easy_pairs_out() -> None:
    left, right = on_circle(0, 0, 0, 0), on_circle(60, 20, 40, 170)
    loss = OnlineContrastiveLoss(margin=0.5)(left, right, torch.tensor([1, 1, 0, 0]))
    hard_same, hard_different = 0.5, 1 - math.cos(math.radians(40))
    assert loss.item() == pytest.approx(hard_same**2 + (0.5 - hard_different) ** 2)


def test_online_is_zero_where_the_labels_are_apart() -> None:
    left = on_circle(0, 0).requires_grad_()
    loss = OnlineContrastiveLoss()(left, on_circle(10, 90), torch.tensor([1, 0]))
    assert loss.item() == 0
    loss.backward()
    assert left.grad is not None
    assert left.grad.abs().max() == 0


@pytest.mark.parametrize("label", [0, 1])
def test_online_with_one_label_takes_the_wrong_side_of_the_mean(label: int) -> None:
    left, right = on_circle(0, 0, 0), on_circle(10, 20, 60)
    distances = 1 - torch.tensor([10.0, 20.0, 60.0]).deg2rad().cos().double()
    loss = OnlineContrastiveLoss()(left, right, torch.full((3,), label))
    easy_half, hard_half = distances[:2], distances[2:]
    expected = hard_half.square().sum() if label else (0.5 - easy_half).square().sum()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("label", [0, 1])
def test_online_with_one_pair_is_zero(label: int) -> None:
    loss = OnlineContrastiveLoss()(on_circle(0), on_circle(20), torch.tensor([label]))
    assert loss.item() == 0


def test_the_loss_pulls_same_together_and_pushes_different_apart() -> None:
    left = on_circle(0, 0).requires_grad_()
    right = on_circle(20, 20)
    labels = torch.tensor([1, 0])
    before = (left - right).norm(dim=1).detach()
    ContrastiveLoss(margin=1.0, distance="euclidean")(left, right, labels).backward()
    assert left.grad is not None
    after = (left - left.grad - right).norm(dim=1)
    assert after[0] < before[0]
    assert after[1] > before[1]


def test_far_different_pairs_cost_nothing_however_far() -> None:
    left = torch.tensor([[1e30, 0.0]], requires_grad=True)
    right = torch.tensor([[-1e30, 0.0]])
    loss = ContrastiveLoss(distance="euclidean")(left, right, torch.tensor([0]))
    loss.backward()
    assert loss.item() == 0
    assert left.grad is not None
    assert left.grad.tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("loss_class", [ContrastiveLoss, OnlineContrastiveLoss])
def test_the_squared_distance_is_no_choice_here(loss_class: type) -> None:
    with pytest.raises(InputError, match="'cosine', 'euclidean', not 'squared-euclidean'"):
        loss_class(distance="squared-euclidean")
