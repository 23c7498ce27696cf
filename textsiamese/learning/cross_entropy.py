"""The pair head's own loss: cross-entropy between what it says of a pair and the label."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from textsiamese.learning.checks import check_labels


class PairCrossEntropy(nn.Module):
    """Binary cross-entropy of similarities read as log-odds of "same".

    Of use with a similarity that is unbounded both ways, as the pair head is.
    """

    def forward(self, similarity: Tensor, labels: Tensor) -> Tensor:
        """Mean loss.

        Args:
            similarity: (n,) log-odds.
            labels: (n,), 1 = same, 0 = different.

        Returns:
            scalar; zero, with a gradient of zero, for no pairs.

        Raises:
            InputError: on another shape, or a label other than 0 and 1.
        """
        same = check_labels(labels, len(similarity))
        if not len(similarity):
            return similarity.sum() * 0.0
        return F.binary_cross_entropy_with_logits(similarity.float(), same.float())
