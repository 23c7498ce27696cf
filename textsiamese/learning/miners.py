"""Which pairs, triplets and quadruplets of a batch count: index tensors only, no loss.

A batch is ``m`` vectors. Who is the same as whom is said by two (m, m) matrices of booleans
(:mod:`textsiamese.learning.relations`); what is in neither is unknown and never used. Mining
follows no gradient and makes no loop over anchors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from textsiamese.errors import InputError
from textsiamese.learning.checks import check_choice

Kind = Literal["all", "semi-hard", "hard"]
KINDS: tuple[Kind, ...] = ("all", "semi-hard", "hard")


class Triplets(NamedTuple):
    """Row numbers of ``t`` triplets, each (t,) int64."""

    anchor: Tensor
    positive: Tensor
    negative: Tensor


class Quadruplets(NamedTuple):
    """Row numbers of ``t`` quadruplets, each (t,) int64."""

    anchor: Tensor
    positive: Tensor
    negative: Tensor
    negative2: Tensor


@dataclass(frozen=True)
class TripletMiner:
    """Triplets of a batch, of one of three kinds.

    - ``"all"``: every anchor, positive and negative. Up to m^3 of them, and as much memory: for
      small batches.
    - ``"semi-hard"``: for every anchor and positive the nearest negative that is farther than the
      positive (FaceNet, Schroff et al. 2015, equation 4); none where there is no such negative.
    - ``"hard"``: for every anchor its farthest positive and its nearest negative (FaceNet,
      section 3.2; the "batch hard" of Hermans et al. 2017).

    An anchor without a positive or without a negative gives no triplet. Beside the matrices that
    are handed in, ``"all"`` and ``"semi-hard"`` hold p x m values for p same pairs in the batch.

    Args:
        kind: ``"all"``, ``"semi-hard"`` or ``"hard"``.

    Raises:
        InputError: on another kind.
    """

    kind: Kind = "semi-hard"

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, KINDS)

    @torch.no_grad()
    def __call__(self, distances: Tensor, positives: Tensor, negatives: Tensor) -> Triplets:
        """The triplets of a batch, by row number, ordered by anchor.

        Args:
            distances: (m, m) floating, smaller is more alike.
            positives: (m, m) bool, who is the same as whom; False on the diagonal.
            negatives: (m, m) bool, who differs from whom; nowhere True together with ``positives``.

        Returns:
            The row numbers; empty tensors where the batch has no triplet.

        Raises:
            InputError: on matrices that do not fit, or relations that contradict each other.
        """
        _check(distances, positives, negatives)
        anchor, positive = self._same_pairs(distances, positives)
        near = distances[anchor, positive]
        row, negative = self._others(distances[anchor], negatives[anchor], near)
        return Triplets(anchor[row], positive[row], negative)

    @torch.no_grad()
    def quadruplets(self, distances: Tensor, positives: Tensor, negatives: Tensor) -> Quadruplets:
        """The triplets of :meth:`__call__`, each with a second negative.

        The second negative differs from the anchor and from the first negative (Chen et al. 2017).
        ``"hard"`` takes the one nearest to the first negative, ``"semi-hard"`` the nearest of those
        farther from it than the positive from the anchor, ``"all"`` every one (up to m^4).

        Args:
            distances: (m, m) floating, smaller is more alike.
            positives: (m, m) bool, who is the same as whom; False on the diagonal.
            negatives: (m, m) bool, who differs from whom; nowhere True together with ``positives``.

        Returns:
            The row numbers; a triplet without a second negative is left out.

        Raises:
            InputError: on matrices that do not fit, or relations that contradict each other.
        """
        anchor, positive, negative = self(distances, positives, negatives)
        near = distances[anchor, positive]
        others = negatives[anchor] & negatives[negative]
        row, negative2 = self._others(distances[negative], others, near)
        return Quadruplets(anchor[row], positive[row], negative[row], negative2)

    def _same_pairs(self, distances: Tensor, positives: Tensor) -> tuple[Tensor, Tensor]:
        """Anchors and positives: all of them, or the farthest positive of each anchor."""
        if self.kind != "hard":
            anchor, positive = positives.nonzero(as_tuple=True)
            return anchor, positive
        return _nearest(-distances, positives)

    def _others(self, distances: Tensor, allowed: Tensor, near: Tensor) -> tuple[Tensor, Tensor]:
        """Rows of (t, m) ``distances`` and a column for each: all allowed, or the nearest one."""
        if self.kind == "all":
            row, column = allowed.nonzero(as_tuple=True)
            return row, column
        if self.kind == "semi-hard":
            allowed = allowed & (distances > near[:, None])
        return _nearest(distances, allowed)


@torch.no_grad()
def hard_pairs(distances: Tensor, same: Tensor) -> Tensor:
    """The hard pairs of a batch of labelled pairs.

    Same pairs are hard if farther apart than the nearest different pair, different pairs if nearer
    than the farthest same pair. Where a batch has one label only, the pairs on the wrong side of
    their own mean distance are (as in sentence-transformers' online contrastive loss).

    Args:
        distances: (n,) floating, of each pair.
        same: (n,) bool, the labels.

    Returns:
        (k,) int64 row numbers, ascending.
    """
    near, far = distances[same], distances[~same]
    if len(near) and len(far):
        hard = torch.where(same, distances > far.min(), distances < near.max())
    else:
        hard = torch.where(same, distances > distances.mean(), distances < distances.mean())
    return hard.nonzero().flatten()


def _check(distances: Tensor, positives: Tensor, negatives: Tensor) -> None:
    """Refuse matrices that do not fit one another."""
    size = len(positives) if positives.dim() else 0
    shapes = [tuple(matrix.shape) for matrix in (distances, positives, negatives)]
    if any(shape != (size, size) for shape in shapes):
        raise InputError(
            "mining needs distances, positives and negatives of one shape (m, m), "
            f"not {', '.join(map(str, shapes))}"
        )
    if positives.dtype != torch.bool or negatives.dtype != torch.bool:
        raise InputError(
            f"positives and negatives are booleans, not {positives.dtype} and {negatives.dtype}"
        )
    if (positives & negatives).any() or positives.diagonal().any():
        raise InputError(
            "positives and negatives contradict each other: no two rows may be in both, "
            "and no row may be its own positive"
        )


def _nearest(distances: Tensor, allowed: Tensor) -> tuple[Tensor, Tensor]:
    """The rows that have an allowed column, and the nearest such column of each."""
    row = allowed.any(1).nonzero().flatten()
    if not len(row):
        return row, row
    finite = distances.clamp(max=torch.finfo(distances.dtype).max)
    return row, finite.masked_fill(~allowed, float("inf")).argmin(1)[row]
