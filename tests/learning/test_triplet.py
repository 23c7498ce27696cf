from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from textsiamese.learning.distances import DISTANCES, Distance
from textsiamese.learning.triplet import QuadrupletLoss, TripletLoss

every_distance = pytest.mark.parametrize("distance", DISTANCES)


def slow_distance(u: list[float], v: list[float], distance: str) -> float:
    if distance == "cosine":
        dot = sum(a * b for a, b in zip(u, v, strict=True))
        return 1 - dot / (math.hypot(*u) * math.hypot(*v))
    return math.dist(u, v) ** (2 if distance == "squared-euclidean" else 1)


def slow_hinges(pairs: list[tuple[Tensor, Tensor]], margin: float, distance: str) -> float:
    """Mean of max(0, first - second + margin), where each is the distance of a pair of rows."""
    (a, b), (c, d) = [(u.tolist(), v.tolist()) for u, v in pairs]
    total = 0.0
    for i in range(len(a)):
        first, second = slow_distance(a[i], b[i], distance), slow_distance(c[i], d[i], distance)
        total += max(0.0, first - second + margin)
    return total / len(a)


def rows(count: int, n: int = 20, d: int = 5) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(count, n, d, dtype=torch.float64, generator=generator).unbind()


def on_circle(degrees: float) -> Tensor:
    angle = math.radians(degrees)
    return torch.tensor([[math.cos(angle), math.sin(angle)]], dtype=torch.float64)


@every_distance
def test_triplet_equals_equation_3(distance: Distance) -> None:
    anchor, positive, negative = rows(3)
    expected = slow_hinges([(anchor, positive), (anchor, negative)], 0.7, distance)
    assert expected > 0.1
    loss = TripletLoss(margin=0.7, distance=distance)(anchor, positive, negative)
    assert loss.item() == pytest.approx(expected, rel=1e-9)


@every_distance
def test_quadruplet_equals_both_terms(distance: Distance) -> None:
    anchor, positive, negative, negative2 = rows(4)
    first = slow_hinges([(anchor, positive), (anchor, negative)], 0.7, distance)
    second = slow_hinges([(anchor, positive), (negative, negative2)], 0.3, distance)
    assert min(first, second) > 0.1
    loss = QuadrupletLoss(0.7, 0.3, distance)(anchor, positive, negative, negative2)
    assert loss.item() == pytest.approx(first + second, rel=1e-9)


def test_triplet_on_a_circle() -> None:
    anchor, positive, negative = on_circle(0), on_circle(60), on_circle(90)
    squared = TripletLoss(margin=1.2)(anchor, positive, negative)
    assert squared.item() == pytest.approx(1 - 2 + 1.2)
    plain = TripletLoss(margin=0.5, distance="euclidean")(anchor, positive, negative)
    assert plain.item() == pytest.approx(1 - math.sqrt(2) + 0.5)
    cosine = TripletLoss(margin=0.6, distance="cosine")(anchor, positive, negative)
    assert cosine.item() == pytest.approx(0.5 - 1 + 0.6)
    assert TripletLoss()(anchor, positive, negative).item() == 0


def test_triplet_of_one_point_costs_the_margin() -> None:
    point = on_circle(33).repeat(4, 1)
    for distance in DISTANCES:
        assert TripletLoss(0.4, distance)(point, point, point).item() == pytest.approx(0.4)
        quadruplet = QuadrupletLoss(0.4, 0.25, distance)(point, point, point, point)
        assert quadruplet.item() == pytest.approx(0.65)


def test_the_second_negative_pushes_the_negatives_apart() -> None:
    anchor, positive, negative, negative2 = (on_circle(d) for d in (0, 10, 170, 175))
    negative2.requires_grad_()
    QuadrupletLoss()(anchor, positive, negative, negative2).backward()
    assert negative2.grad is not None
    moved = negative2.detach() - 0.01 * negative2.grad
    assert (moved - negative).norm() > (negative2.detach() - negative).norm()


def test_defaults_are_the_papers() -> None:
    assert repr(TripletLoss()) == "TripletLoss(margin=0.2, distance='squared-euclidean')"
    assert "margin=0.2, margin2=0.1, distance='squared-euclidean'" in repr(QuadrupletLoss())
