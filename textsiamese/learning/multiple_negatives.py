"""Every other text of the batch as a negative: cross-entropy over the cosines to all of them."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from textsiamese.learning.checks import check_temperature


class MultipleNegativesLoss(nn.Module):
    """Multiple negatives ranking (Henderson et al. 2017, section 4.4).

    Also known as InfoNCE (van den Oord et al. 2018, equation 4). For an anchor a, its positive p
    and its negatives c::

        L = mean( -log( exp(cos(a, p) / t) / sum over p and all c of exp(cos(a, c) / t) ) )

    Args:
        temperature: t, above 0; 0.05 equals a scale of 20.

    Raises:
        InputError: if the temperature is not above 0.
    """

    def __init__(self, temperature: float = 0.05) -> None:
        super().__init__()
        check_temperature(temperature)
        self.temperature = temperature

    def forward(
        self, vectors: Tensor, anchor: Tensor, positive: Tensor, negatives: Tensor
    ) -> Tensor:
        """Mean loss of the anchors; zero, with a gradient of zero, where there is none.

        Args:
            vectors: (m, d) the batch.
            anchor: (k,) row numbers.
            positive: (k,) row number of each anchor's positive.
            negatives: (m, m) bool, who differs from whom.

        Returns:
            scalar.
        """
        if not len(anchor):
            return vectors.sum() * 0.0
        unit = F.normalize(vectors.float(), dim=-1)
        logits = unit[anchor] @ unit.T / self.temperature  # (k, m)
        counted = negatives[anchor].scatter(1, positive[:, None], True)
        return F.cross_entropy(logits.masked_fill(~counted, float("-inf")), positive)

    def extra_repr(self) -> str:
        """What ``repr`` shows."""
        return f"temperature={self.temperature}"
