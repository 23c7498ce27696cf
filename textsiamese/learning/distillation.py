"""Learning from a teacher: its probabilities in place of, or beside, the labels."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textsiamese.errors import InputError
from textsiamese.learning.checks import check_temperature

_SURE = 1e-6


class DistillationLoss(nn.Module):
    """Cross-entropy between what a student says of a pair and what a teacher said of it.

    With z the student's log-odds, p the teacher's probability and t the temperature (Hinton et al.
    2015, section 2, for two classes)::

        L = t^2 * mean( BCE( sigmoid(z / t), sigmoid(logit(p) / t) ) )

    Of use with a similarity that is unbounded both ways, as the pair head is. The teacher's
    probabilities are the table's `Pairs.taught`.

    Args:
        temperature: t, above 0; above 1 the teacher's doubts count for more.

    Raises:
        InputError: if the temperature is not above 0.
    """

    def __init__(self, temperature: float = 1.0) -> None:
        super().__init__()
        check_temperature(temperature)
        self.temperature = temperature

    def forward(self, similarity: Tensor, teacher: Tensor) -> Tensor:
        """Mean loss.

        Args:
            similarity: (n,) the student's log-odds.
            teacher: (n,) the teacher's probabilities, in [0, 1].

        Returns:
            scalar; zero, with a gradient of zero, for no pairs.

        Raises:
            InputError: on shapes that do not fit.
        """
        if similarity.shape != teacher.shape or similarity.dim() != 1:
            raise InputError(
                f"{tuple(similarity.shape)} similarities need as many of the teacher's "
                f"probabilities, not {tuple(teacher.shape)}"
            )
        if not len(similarity):
            return similarity.sum() * 0.0
        said = torch.logit(teacher.float().clamp(_SURE, 1 - _SURE)) / self.temperature
        value = F.binary_cross_entropy_with_logits(
            similarity.float() / self.temperature, said.sigmoid()
        )
        return self.temperature**2 * value

    def extra_repr(self) -> str:
        """What ``repr`` shows."""
        return f"temperature={self.temperature}"
