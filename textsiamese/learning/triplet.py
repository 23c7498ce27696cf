"""Triplet and quadruplet losses: the negative kept farther than the positive, by a margin."""

from __future__ import annotations

from torch import Tensor, nn

from textsiamese.learning.checks import check_choice, check_margin
from textsiamese.learning.distances import DISTANCES, Distance, row_distances


class TripletLoss(nn.Module):
    """The triplet loss of FaceNet (Schroff, Kalenichenko and Philbin 2015), equation 3, averaged.

    With ``D`` the distance of anchor and positive, or of anchor and negative::

        L = mean( max(0, D(a, p) - D(a, n) + margin) )

    The paper's distance is the squared Euclidean one of unit vectors, its margin 0.2: the defaults.
    Take the triplets of a batch from :class:`textsiamese.learning.miners.TripletMiner`.

    Args:
        margin: by how much the negative shall be farther, above 0 (at most 2 for cosine).
        distance: ``"squared-euclidean"``, ``"euclidean"`` or ``"cosine"``.

    Raises:
        InputError: on another margin or distance.
    """

    def __init__(self, margin: float = 0.2, distance: Distance = "squared-euclidean") -> None:
        super().__init__()
        check_choice("distance", distance, DISTANCES)
        check_margin("margin", margin, distance)
        self.margin, self.distance = margin, distance

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """The mean loss of ``t`` triplets.

        Args:
            anchor: (t, d) vectors.
            positive: (t, d) vectors, each the same as its anchor in meaning.
            negative: (t, d) vectors, each different from its anchor.

        Returns:
            () float32 (float64 for float64 vectors), at least 0; no triplet gives a 0 that carries
            a gradient of zeros.

        Raises:
            InputError: on shapes that do not fit.
        """
        near = row_distances(anchor, positive, self.distance)
        far = row_distances(anchor, negative, self.distance)
        return _mean_hinge(near - far + self.margin)

    def extra_repr(self) -> str:
        """The settings, for printing."""
        return f"margin={self.margin}, distance={self.distance!r}"


class QuadrupletLoss(nn.Module):
    """The quadruplet loss of Chen, Chen, Zhang and Huang (2017, "Beyond triplet loss"), averaged.

    A second negative that is neither like the anchor nor like the first negative keeps two
    different items farther apart than two same ones, whatever the anchor::

        L = mean( max(0, D(a, p) - D(a, n)  + margin)
                + max(0, D(a, p) - D(n, n') + margin2) )

    The paper squares its distance, a learnt one; the default here is the squared Euclidean one.
    Take the quadruplets from :meth:`textsiamese.learning.miners.TripletMiner.quadruplets`.

    Args:
        margin: by how much the negative shall be farther from the anchor than the positive,
            above 0 (at most 2 for cosine).
        margin2: by how much the two negatives shall be farther apart, above 0 (at most 2 for
            cosine); smaller than ``margin`` in the paper.
        distance: ``"squared-euclidean"``, ``"euclidean"`` or ``"cosine"``.

    Raises:
        InputError: on other margins or another distance.
    """

    def __init__(
        self,
        margin: float = 0.2,
        margin2: float = 0.1,
        distance: Distance = "squared-euclidean",
    ) -> None:
        super().__init__()
        check_choice("distance", distance, DISTANCES)
        check_margin("margin", margin, distance)
        check_margin("margin2", margin2, distance)
        self.margin, self.margin2, self.distance = margin, margin2, distance

    def forward(
        self, anchor: Tensor, positive: Tensor, negative: Tensor, negative2: Tensor
    ) -> Tensor:
        """The mean loss of ``t`` quadruplets.

        Args:
            anchor: (t, d) vectors.
            positive: (t, d) vectors, each the same as its anchor in meaning.
            negative: (t, d) vectors, each different from its anchor.
            negative2: (t, d) vectors, each different from its anchor and from its negative.

        Returns:
            () float32 (float64 for float64 vectors), at least 0; no quadruplet gives a 0 that
            carries a gradient of zeros.

        Raises:
            InputError: on shapes that do not fit.
        """
        near = row_distances(anchor, positive, self.distance)
        far = row_distances(anchor, negative, self.distance)
        apart = row_distances(negative, negative2, self.distance)
        return _mean_hinge(near - far + self.margin) + _mean_hinge(near - apart + self.margin2)

    def extra_repr(self) -> str:
        """The settings, for printing."""
        return f"margin={self.margin}, margin2={self.margin2}, distance={self.distance!r}"


def _mean_hinge(values: Tensor) -> Tensor:
    """The mean of ``max(0, value)``; 0 with a graph where there are no values."""
    return values.relu().sum() / max(len(values), 1)
