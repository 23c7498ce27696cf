"""Two encoders as one torch module: what is trained of a pseudo-Siamese twin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from textsiamese.encoders.encoder import Encoder


class TwoTowers(nn.Module):
    """A left and a right encoder, whose vectors are as wide.

    Args:
        left: encodes the left sides of pairs.
        right: encodes the right sides.

    Attributes:
        frozen: the sides ("left", "right") that are not trained now: without gradients or dropout.
    """

    def __init__(self, left: Encoder, right: Encoder) -> None:
        super().__init__()
        self.left, self.right = left, right
        self.frozen: frozenset[str] = frozenset()

    def forward(self, groups: tuple[Sequence[Any], Sequence[Any]]) -> Tensor:
        """Vectors of all inputs of the left groups, then of all of the right ones.

        Args:
            groups: of each side, as its encoder takes them; a side may have none.

        Returns:
            (n, dim) float32.
        """
        sides = dict(zip(("left", "right"), groups, strict=True))
        vectors = torch.cat([self._encoded(side, given) for side, given in sides.items() if given])
        idle = [side for side, given in sides.items() if side in self.frozen or not given]
        if idle and torch.distributed.is_initialized():  # a gradient of every weight is waited for
            weights = [weight for side in idle for weight in self.get_submodule(side).parameters()]
            vectors = vectors + sum(weight.sum() for weight in weights) * 0.0
        return vectors

    def _encoded(self, side: str, groups: Sequence[Any]) -> Tensor:
        encoder = self.get_submodule(side)
        if side not in self.frozen:
            return encoder(groups)
        was_training = encoder.training
        with torch.no_grad():
            vectors = encoder.eval()(groups)
        encoder.train(was_training)
        return vectors


def towers_of(encoder: Encoder | TwoTowers) -> list[Encoder]:
    """Both encoders of two towers, the left one first; or the one that there is."""
    return [encoder.left, encoder.right] if isinstance(encoder, TwoTowers) else [encoder]
