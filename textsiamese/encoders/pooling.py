"""From the states of a text's pieces to one vector: pooling, and the layers that may follow it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MODES = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")


def pool(states: Tensor, lengths: Tensor, mode: str) -> Tensor:
    """One vector a text, as sentence-transformers pools; padding is left out.

    Args:
        states: (n, L, d) the states of n texts, padded on the right.
        lengths: (n,) pieces of each, in [1, L].
        mode: "cls" the first piece; "lasttoken" the last; "max"; "mean"; "mean_sqrt_len_tokens"
            the sum over the square root of the length; "weightedmean" the mean weighted by 1, 2,
            3... (Muennighoff 2022, SGPT, equation 2).

    Returns:
        (n, d) float32.
    """
    states = states.float()
    if mode == "cls":
        return states[:, 0]
    if mode == "lasttoken":
        return states[torch.arange(len(states), device=states.device), lengths - 1]
    places = torch.arange(states.shape[1], device=states.device)
    inside = (places < lengths[:, None])[..., None]
    if mode == "max":
        return states.masked_fill(~inside, float("-inf")).amax(1)
    if mode == "weightedmean":
        weights = (places + 1.0)[:, None] * inside
        return (states * weights).sum(1) / weights.sum(1)
    summed, count = (states * inside).sum(1), lengths[:, None].float()
    return summed / (count.sqrt() if mode == "mean_sqrt_len_tokens" else count)


class Dense(nn.Module):
    """A linear layer with an activation: (n, in) -> (n, out)."""

    def __init__(self, linear: nn.Linear, activation: nn.Module) -> None:
        super().__init__()
        self.linear, self.activation = linear, activation

    def forward(self, vectors: Tensor) -> Tensor:
        """(n, in) -> (n, out)."""
        return self.activation(self.linear(vectors))


class Normalize(nn.Module):
    """Vectors of unit length."""

    def forward(self, vectors: Tensor) -> Tensor:
        """(n, d) -> (n, d)."""
        return F.normalize(vectors.float(), dim=-1)
