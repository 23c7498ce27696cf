"""From a batch of pairs to a loss: hands each loss the vectors that it is defined on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from textsiamese.errors import InputError
from textsiamese.learning.contrastive import ContrastiveLoss, OnlineContrastiveLoss
from textsiamese.learning.cross_entropy import PairCrossEntropy
from textsiamese.learning.distances import distance_matrix
from textsiamese.learning.distillation import DistillationLoss
from textsiamese.learning.graded import CoSentLoss, CosineSimilarityLoss
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.multiple_negatives import MultipleNegativesLoss
from textsiamese.learning.relations import Relations, across, pair_relations
from textsiamese.learning.triplet import QuadrupletLoss, TripletLoss
from textsiamese.learning.vector_distillation import VectorDistillationLoss

PairLoss = ContrastiveLoss | OnlineContrastiveLoss
MinedLoss = TripletLoss | QuadrupletLoss
GradedLoss = CoSentLoss | CosineSimilarityLoss
HeadLoss = PairCrossEntropy | DistillationLoss
TextLoss = MultipleNegativesLoss | VectorDistillationLoss
Loss = PairLoss | MinedLoss | GradedLoss | HeadLoss | TextLoss
WeightedLoss = tuple[float, Loss]


@dataclass(frozen=True)
class EncodedPairs:
    """A batch of n pairs over m distinct inputs.

    Attributes:
        vectors: (m, d).
        left: (n,) row of each pair's left input.
        right: (n,) row of its right input.
        labels: (n,), 1 = same, 0 = different.
        alike: (m,) integers, equal where the table's same pairs join two inputs in a chain.
        similarity: compares two vectors a row.
        lefts: of two towers, how many of the m come from the left one: the first of them; None
            where one encoder reads both sides.
        grades: (n,) in [0, 1], how alike each pair is; None where the table has no grades.
        taught: (n,) in [0, 1], a teacher's probability that each pair is the same; or None.
        targets: (m, d) a teacher's vectors of the texts; or None.
    """

    vectors: Tensor
    left: Tensor
    right: Tensor
    labels: Tensor
    alike: Tensor
    similarity: Callable[[Tensor, Tensor], Tensor]
    lefts: int | None = None
    grades: Tensor | None = None
    taught: Tensor | None = None
    targets: Tensor | None = None

    def relations(self) -> Relations:
        """Who is the same as whom; inputs that are not known to be alike count as different.

        Of two towers, only what comes from the one is compared with what comes from the other.
        """
        found = pair_relations(self.left, self.right, self.labels, len(self.vectors), self.alike)
        return found if self.lefts is None else across(found, self.lefts)


class Objective(nn.Module):
    """The weighted sum of losses over a batch.

    Args:
        losses: a loss, or several with their weights.
        miner: which triplets and quadruplets count.

    Raises:
        InputError: on anything that is no loss, or none at all.
    """

    def __init__(self, losses: Loss | list[WeightedLoss], miner: TripletMiner) -> None:
        super().__init__()
        weighted = losses if isinstance(losses, list) else [(1.0, losses)]
        for each in weighted:
            if not (isinstance(each, tuple) and len(each) == 2 and isinstance(each[1], Loss)):
                raise InputError(
                    f"{each!r} is no loss with its weight; give a loss such as ContrastiveLoss(), "
                    "or several as [(1.0, PairCrossEntropy()), (0.3, MultipleNegativesLoss())]"
                )
        if not weighted:
            raise InputError("an empty list of losses teaches nothing; give one at least")
        self.weights = [weight for weight, _ in weighted]
        self.losses = nn.ModuleList([loss for _, loss in weighted])
        self.miner = miner

    def forward(self, batch: EncodedPairs) -> Tensor:
        """The loss of the batch, a scalar."""
        values = [
            weight * self._value(loss, batch)
            for weight, loss in zip(self.weights, self.losses, strict=True)
        ]
        return sum(values[1:], values[0])

    def _value(self, loss: nn.Module, batch: EncodedPairs) -> Tensor:
        if isinstance(loss, MinedLoss):
            return self._mined(loss, batch)
        if isinstance(loss, MultipleNegativesLoss):
            return _ranked(loss, batch)
        if isinstance(loss, VectorDistillationLoss):
            return loss(batch.vectors, _given(batch.targets, "vectors", "teacher=TWIN"))
        left, right = batch.vectors[batch.left], batch.vectors[batch.right]
        if isinstance(loss, PairCrossEntropy):
            return loss(batch.similarity(left, right), batch.labels)
        if isinstance(loss, DistillationLoss):
            taught = _given(batch.taught, "probabilities", "a table with Pairs.taught")
            return loss(batch.similarity(left, right), taught)
        if isinstance(loss, GradedLoss):
            return loss(left, right, batch.labels if batch.grades is None else batch.grades)
        return loss(left, right, batch.labels)

    def _mined(self, loss: MinedLoss, batch: EncodedPairs) -> Tensor:
        positives, negatives = batch.relations()
        distances = distance_matrix(batch.vectors, batch.vectors, loss.distance)
        mine = self.miner.quadruplets if isinstance(loss, QuadrupletLoss) else self.miner
        return loss(*(batch.vectors[rows] for rows in mine(distances, positives, negatives)))


def _given(values: Tensor | None, what: str, remedy: str) -> Tensor:
    if values is None:
        raise InputError(f"there are no {what} of a teacher to learn from: give {remedy}")
    return values


def _ranked(loss: MultipleNegativesLoss, batch: EncodedPairs) -> Tensor:
    """Both texts of each same pair take their turn as anchor."""
    positives, negatives = batch.relations()
    anchor, positive = positives.nonzero(as_tuple=True)
    return loss(batch.vectors, anchor, positive, negatives)
