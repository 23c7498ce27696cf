from __future__ import annotations

import pytest
import torch
from torch import nn

from textsiamese.encoders.pooling import MODES, Dense, Normalize, pool


def by_hand(states: torch.Tensor, mode: str) -> torch.Tensor:
    """One text's states, without padding, (length, d)."""
    rows = list(states)
    if mode == "cls":
        return rows[0]
    if mode == "lasttoken":
        return rows[-1]
    if mode == "max":
        return torch.stack([max(column) for column in states.T])
    weights = [i + 1 if mode == "weightedmean" else 1 for i in range(len(rows))]
    summed = sum(w * row for w, row in zip(weights, rows, strict=True))
    return summed / (len(rows) ** 0.5 if mode == "mean_sqrt_len_tokens" else sum(weights))


@pytest.mark.parametrize("mode", MODES)
def test_against_a_slow_loop(mode: str) -> None:
    torch.manual_seed(0)
    states, lengths = torch.randn(5, 7, 3), torch.tensor([1, 7, 3, 6, 2])
    pooled = pool(states, lengths, mode)
    expected = [by_hand(states[i, :n], mode) for i, n in enumerate(lengths.tolist())]
    torch.testing.assert_close(pooled, torch.stack(expected))


@pytest.mark.parametrize("mode", MODES)
def test_what_stands_in_the_padding_does_not_count(mode: str) -> None:
    states, lengths = torch.randn(4, 6, 3), torch.tensor([2, 6, 1, 4])
    spoilt = states.clone()
    for row, length in enumerate(lengths):
        spoilt[row, length:] = 1e9
    assert torch.equal(pool(states, lengths, mode), pool(spoilt, lengths, mode))


def test_half_precision_is_pooled_in_float32() -> None:
    states = torch.full((1, 4000, 1), 0.1, dtype=torch.bfloat16)
    pooled = pool(states, torch.tensor([4000]), "mean")
    assert pooled.dtype == torch.float32
    assert float(pooled) == pytest.approx(float(states[0, 0, 0]), rel=1e-4)


def test_layers() -> None:
    vectors = torch.tensor([[3.0, 4.0]])
    torch.testing.assert_close(Normalize()(vectors), torch.tensor([[0.6, 0.8]]))
    linear = nn.Linear(2, 1)
    nn.init.constant_(linear.weight, 2.0)
    nn.init.constant_(linear.bias, 1.0)
    assert Dense(linear, nn.Identity())(vectors).tolist() == [[15.0]]
