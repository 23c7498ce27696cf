"""Learning from a teacher: its vectors of the texts, one by one."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from textsiamese.errors import InputError


class VectorDistillationLoss(nn.Module):
    """How far a student's vectors point away from those that a teacher gives the same texts.

    With u the student's vector of a text and t the teacher's::

        L = mean( 1 - cos(u, t) )

    For vectors of unit length this is half the squared distance that Reimers and Gurevych (2020)
    take the mean of, summed over the components. It needs no pairs and no labels: texts alone
    teach a student, and then their cosines are the teacher's.
    """

    def forward(self, vectors: Tensor, targets: Tensor) -> Tensor:
        """Mean loss.

        Args:
            vectors: (m, d) the student's.
            targets: (m, d) the teacher's, of the same texts.

        Returns:
            scalar, in [0, 2]; zero, with a gradient of zero, for no texts.

        Raises:
            InputError: if the shapes differ.
        """
        if vectors.shape != targets.shape or vectors.dim() != 2:
            raise InputError(
                f"the student's vectors have the shape {tuple(vectors.shape)} and the teacher's "
                f"{tuple(targets.shape)}; they must be as many, and as wide"
            )
        if not len(vectors):
            return vectors.sum() * 0.0
        return 1 - F.cosine_similarity(vectors.float(), targets.float(), dim=-1).mean()
