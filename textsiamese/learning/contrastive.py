"""Contrastive losses over pairs: same ones pulled together, different ones pushed past a margin."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from textsiamese.learning.checks import check_choice, check_labels, check_margin
from textsiamese.learning.distances import row_distances
from textsiamese.learning.miners import hard_pairs

PairDistance = Literal["cosine", "euclidean"]
_DISTANCES: tuple[PairDistance, ...] = ("cosine", "euclidean")


class ContrastiveLoss(nn.Module):
    """The contrastive loss of Hadsell, Chopra and LeCun (2006), equation 4, averaged over pairs.

    With ``Y`` = 1 for same (the paper codes same as 0) and ``D`` the distance of a pair::

        L = mean( Y * D^2 / 2  +  (1 - Y) * max(0, margin - D)^2 / 2 )

    The gradient is finite everywhere; two equal vectors of different texts get none, as there is
    no direction to push them in.

    Args:
        margin: distance that different texts shall keep, above 0 (at most 2 for cosine).
        distance: ``"cosine"`` (in [0, 2]) or ``"euclidean"`` (the paper's).

    Raises:
        InputError: on another margin or distance.
    """

    def __init__(self, margin: float = 0.5, distance: PairDistance = "cosine") -> None:
        super().__init__()
        check_choice("distance", distance, _DISTANCES)
        check_margin("margin", margin, distance)
        self.margin, self.distance = margin, distance

    def forward(self, left: Tensor, right: Tensor, labels: Tensor) -> Tensor:
        """The mean loss of a batch of pairs.

        Args:
            left: (n, d) vectors of one side.
            right: (n, d) vectors of the other.
            labels: (n,) bool, integer or floating; 1 = same, 0 = different.

        Returns:
            () float32 (float64 for float64 vectors), at least 0; an empty batch gives a 0 that
            carries a gradient of zeros.

        Raises:
            InputError: on shapes that do not fit, or a label other than 0 and 1.
        """
        distances = row_distances(left, right, self.distance)
        same = check_labels(labels, len(distances))
        return _faults(distances, same, self.margin).square().sum() / (2 * max(len(distances), 1))

    def extra_repr(self) -> str:
        """The settings, for printing."""
        return f"margin={self.margin}, distance={self.distance!r}"


class OnlineContrastiveLoss(nn.Module):
    """The contrastive loss over the hard pairs of a batch only, summed.

    Hard are the same pairs farther apart than the nearest different pair, and the different pairs
    nearer than the farthest same pair (:func:`textsiamese.learning.miners.hard_pairs`). As in
    sentence-transformers, their losses are added up and not halved, so that published learning
    rates carry over::

        L = sum over hard same of D^2  +  sum over hard different of max(0, margin - D)^2

    Args:
        margin: distance that different texts shall keep, above 0 (at most 2 for cosine).
        distance: ``"cosine"`` (in [0, 2]) or ``"euclidean"``.

    Raises:
        InputError: on another margin or distance.
    """

    def __init__(self, margin: float = 0.5, distance: PairDistance = "cosine") -> None:
        super().__init__()
        check_choice("distance", distance, _DISTANCES)
        check_margin("margin", margin, distance)
        self.margin, self.distance = margin, distance

    def forward(self, left: Tensor, right: Tensor, labels: Tensor) -> Tensor:
        """The summed loss of the hard pairs of a batch.

        Args:
            left: (n, d) vectors of one side.
            right: (n, d) vectors of the other.
            labels: (n,) bool, integer or floating; 1 = same, 0 = different.

        Returns:
            () float32 (float64 for float64 vectors), at least 0; a batch without hard pairs gives
            a 0 that carries a gradient of zeros.

        Raises:
            InputError: on shapes that do not fit, or a label other than 0 and 1.
        """
        distances = row_distances(left, right, self.distance)
        same = check_labels(labels, len(distances))
        hard = hard_pairs(distances, same)
        return _faults(distances[hard], same[hard], self.margin).square().sum()

    def extra_repr(self) -> str:
        """The settings, for printing."""
        return f"margin={self.margin}, distance={self.distance!r}"


def _faults(distances: Tensor, same: Tensor, margin: float) -> Tensor:
    """(n,): how far each pair is from where it should be: D if same, else max(0, margin - D)."""
    return distances.where(same, (margin - distances).relu())
