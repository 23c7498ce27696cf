from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
import torch
from torch import Tensor

from textsiamese.errors import InputError
from textsiamese.learning.contrastive import ContrastiveLoss, OnlineContrastiveLoss
from textsiamese.learning.cross_entropy import PairCrossEntropy
from textsiamese.learning.distillation import DistillationLoss
from textsiamese.learning.graded import CoSentLoss, CosineSimilarityLoss
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.multiple_negatives import MultipleNegativesLoss
from textsiamese.learning.objectives import EncodedPairs, Loss, Objective
from textsiamese.learning.triplet import QuadrupletLoss, TripletLoss
from textsiamese.learning.vector_distillation import VectorDistillationLoss
from textsiamese.twins.similarity import Euclidean

# Texts on a line: 0 and 1 are the same, 2 is near them, 3 and 4 are the same and far away.
PLACES = [0.0, 1.0, 2.0, 10.0, 10.5]


def batch(grades: Tensor | None = None, **of_teacher: Tensor) -> EncodedPairs:
    vectors = torch.tensor(PLACES)[:, None] * torch.tensor([[0.6, 0.8]])
    return EncodedPairs(
        vectors=vectors,
        left=torch.tensor([0, 2, 3]),
        right=torch.tensor([1, 0, 4]),
        labels=torch.tensor([1, 0, 1]),
        alike=torch.tensor([0, 0, 1, 2, 2]),
        similarity=Euclidean(),
        grades=grades,
        **of_teacher,
    )


def value(loss: Loss | list[tuple[float, Loss]], kind: str = "all") -> float:
    return float(Objective(loss, TripletMiner(kind))(batch()))  # type: ignore[arg-type]


def distance(i: int, j: int) -> float:
    return abs(PLACES[i] - PLACES[j])


def test_pair_losses_see_the_pairs() -> None:
    # pairs at 1 (same), 2 (different) and 0.5 (same)
    expected = (1**2 / 2 + (3 - 2) ** 2 / 2 + 0.5**2 / 2) / 3
    assert value(ContrastiveLoss(3.0, "euclidean")) == pytest.approx(expected)
    assert value(OnlineContrastiveLoss(3.0, "euclidean")) == 0  # no pair on the wrong side


def test_cross_entropy_sees_the_similarity() -> None:
    terms = [math.log(1 + math.exp(1.0)), math.log(1 + math.exp(-2.0)), math.log(1 + math.exp(0.5))]
    assert value(PairCrossEntropy()) == pytest.approx(sum(terms) / 3)


def test_who_is_the_same_as_whom() -> None:
    positives, negatives = batch().relations()
    same = {(0, 1), (1, 0), (3, 4), (4, 3)}
    every = {(i, j) for i in range(5) for j in range(5) if i != j}
    assert {(i, j) for i, j in every if positives[i, j]} == same
    assert {(i, j) for i, j in every if negatives[i, j]} == every - same


def test_mined_losses_against_slow_loops() -> None:
    pairs = [(0, 1), (1, 0), (3, 4), (4, 3)]
    others = {
        i: [j for j in range(5) if j not in (i, *(q for p, q in pairs if p == i))] for i in range(5)
    }
    triplets = [(a, p, n) for a, p in pairs for n in others[a]]
    terms = [max(0.0, distance(a, p) - distance(a, n) + 2.5) for a, p, n in triplets]
    loss = TripletLoss(2.5, "euclidean")
    assert value(loss) == pytest.approx(sum(terms) / len(terms), rel=1e-5)
    hardest = [
        max(0.0, distance(a, p) - min(distance(a, n) for n in others[a]) + 2.5) for a, p in pairs
    ]
    assert value(loss, "hard") == pytest.approx(sum(hardest) / 4, rel=1e-5)
    four = [(a, p, n, m) for a, p, n in triplets for m in others[a] if m in others[n]]
    first = [max(0.0, distance(a, p) - distance(a, n) + 2.5) for a, p, n, _ in four]
    second = [max(0.0, distance(a, p) - distance(n, m) + 1.5) for a, p, n, m in four]
    expected = (sum(first) + sum(second)) / len(four)
    assert value(QuadrupletLoss(2.5, 1.5, "euclidean")) == pytest.approx(expected, rel=1e-5)


def test_ranking_takes_both_texts_of_a_same_pair_as_anchor() -> None:
    # every text lies on one ray, so all cosines are 1 (0 for the text at 0)
    costs = [math.log(4), math.log(3 + math.exp(-1)), *[math.log(3 + math.exp(-1))] * 2]
    costs[1] = -math.log(1 / (1 + 3 * math.e))  # its positive is the text at 0, cosine 0
    assert value(MultipleNegativesLoss(1.0)) == pytest.approx(sum(costs) / 4, rel=1e-5)


def test_texts_known_to_be_alike_are_no_negatives() -> None:
    pairs = batch()
    known = dataclasses.replace(pairs, alike=torch.tensor([0, 0, 1, 0, 0]))
    assert pairs.relations().negatives[0, 3]
    assert not known.relations().negatives[:2, 3:].any()
    assert known.relations().negatives[0, 2]  # labelled so
    loss = Objective(MultipleNegativesLoss(1.0), TripletMiner())
    assert loss(known) < loss(pairs)


def test_graded_losses_see_the_grades_or_else_the_labels() -> None:
    grades = torch.tensor([0.1, 0.7, 0.4])
    left, right = batch().vectors[[0, 2, 3]], batch().vectors[[1, 0, 4]]
    for loss in (CoSentLoss(), CosineSimilarityLoss()):
        objective = Objective(loss, TripletMiner())
        assert objective(batch(grades)) == loss(left, right, grades)
        assert objective(batch()) == loss(left, right, torch.tensor([1.0, 0.0, 1.0]))


def test_losses_that_learn_from_a_teacher_see_its_words() -> None:
    taught, targets = torch.tensor([0.9, 0.4, 0.2]), torch.tensor([[0.8, -0.6]]).repeat(5, 1)
    pairs = batch(taught=taught, targets=targets)
    by_pairs, by_texts = DistillationLoss(), VectorDistillationLoss()
    similarity = pairs.similarity(pairs.vectors[pairs.left], pairs.vectors[pairs.right])
    assert Objective(by_pairs, TripletMiner())(pairs) == by_pairs(similarity, taught)
    assert Objective(by_texts, TripletMiner())(pairs) == 1  # at right angles, all of them
    for loss, said in ((by_pairs, "no probabilities of a teacher"), (by_texts, "no vectors of a")):
        with pytest.raises(InputError, match=said):
            Objective(loss, TripletMiner())(batch())


def test_several_losses_are_added_up_by_weight() -> None:
    one, other = ContrastiveLoss(3.0, "euclidean"), PairCrossEntropy()
    both = value([(2.0, one), (0.5, other)])
    assert both == pytest.approx(2 * value(one) + 0.5 * value(other))


@pytest.mark.parametrize("losses", ["contrastive", [], [ContrastiveLoss()], [(1.0, "triplet")]])
def test_what_is_no_loss_is_refused(losses: Any) -> None:
    with pytest.raises(InputError, match="loss"):
        Objective(losses, TripletMiner())


LOSSES: list[Loss] = [
    ContrastiveLoss(),
    OnlineContrastiveLoss(2.0),
    TripletLoss(),
    QuadrupletLoss(),
    PairCrossEntropy(),
    MultipleNegativesLoss(),
    CoSentLoss(),
    CosineSimilarityLoss(),
    DistillationLoss(),
    VectorDistillationLoss(),
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_every_loss_reaches_the_vectors(loss: Loss) -> None:
    generator = torch.Generator().manual_seed(1)
    vectors = torch.randn(6, 3, generator=generator).requires_grad_()
    left, right = torch.tensor([0, 1, 2, 3]), torch.tensor([1, 2, 3, 4])

    def whole(labels: list[int]) -> Tensor:
        pairs = EncodedPairs(
            vectors,
            left,
            right,
            torch.tensor(labels),
            torch.arange(6),
            Euclidean(),
            taught=torch.tensor([0.9, 0.2, 0.6, 0.1]),
            targets=torch.flip(vectors.detach(), [1]),
        )
        return Objective(loss, TripletMiner("hard"))(pairs)

    mixed = whole([1, 0, 1, 0])
    assert mixed.shape == ()
    mixed.backward()
    assert vectors.grad is not None
    assert vectors.grad.abs().max() > 0
    for one_kind in ([0, 0, 0, 0], [1, 1, 1, 1]):
        assert whole(one_kind).isfinite()
