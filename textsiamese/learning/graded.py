"""Losses over graded pairs: more alike pairs shall have the greater cosine."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textsiamese.errors import InputError
from textsiamese.learning.checks import check_temperature


class CoSentLoss(nn.Module):
    """CoSENT (Su 2022): of any two pairs, the one graded higher shall have the greater cosine.

    With c_i the cosine of pair i and g_i its grade::

        L = log( 1 + sum over all i, j with g_i > g_j of exp( (c_j - c_i) / t ) )

    Only the order of the grades counts, so grades of any scale do.

    Args:
        temperature: t, above 0; 0.05 equals a scale of 20.

    Raises:
        InputError: if the temperature is not above 0.
    """

    def __init__(self, temperature: float = 0.05) -> None:
        super().__init__()
        check_temperature(temperature)
        self.temperature = temperature

    def forward(self, left: Tensor, right: Tensor, grades: Tensor) -> Tensor:
        """The loss of a batch.

        Args:
            left: (n, d) vectors of one side.
            right: (n, d) vectors of the other.
            grades: (n,) floating, higher is more alike.

        Returns:
            () float32 (float64 for float64 vectors), at least 0; a batch whose grades are all equal
            gives a 0 that carries a gradient of zeros.

        Raises:
            InputError: on shapes that do not fit.
        """
        cosines = _cosines(left, right, grades) / self.temperature
        apart = cosines[None, :] - cosines[:, None]  # (n, n): c_j - c_i at row i, column j
        wrong = apart[grades[:, None] > grades[None, :]]
        return torch.logsumexp(torch.cat([wrong, wrong.new_zeros(1)]), 0) + 0.0 * cosines.sum()

    def extra_repr(self) -> str:
        """The settings, for printing."""
        return f"temperature={self.temperature}"


class CosineSimilarityLoss(nn.Module):
    """Mean squared difference of cosine and grade (Reimers and Gurevych 2019, section 3).

    Grades lie in [0, 1], where 0 means nothing in common: a cosine of 0.
    """

    def forward(self, left: Tensor, right: Tensor, grades: Tensor) -> Tensor:
        """The mean loss of a batch.

        Args:
            left: (n, d) vectors of one side.
            right: (n, d) vectors of the other.
            grades: (n,) floating in [0, 1].

        Returns:
            () float32 (float64 for float64 vectors), at least 0; an empty batch gives a 0 that
            carries a gradient of zeros.

        Raises:
            InputError: on shapes that do not fit.
        """
        cosines = _cosines(left, right, grades)
        return (cosines - grades.to(cosines.dtype)).square().sum() / max(len(cosines), 1)


def _cosines(left: Tensor, right: Tensor, grades: Tensor) -> Tensor:
    """(n,) the cosine of each pair, in float32 at least."""
    if left.shape != right.shape or left.dim() != 2 or grades.shape != left.shape[:1]:
        raise InputError(
            "graded pairs need two tensors of one shape (n, d) and n grades, not "
            f"{tuple(left.shape)}, {tuple(right.shape)} and {tuple(grades.shape)}"
        )
    wide = torch.promote_types(left.dtype, torch.float32)
    unit = [F.normalize(side.to(wide), dim=-1) for side in (left, right)]
    return (unit[0] * unit[1]).sum(-1)
