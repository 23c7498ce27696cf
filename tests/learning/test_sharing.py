from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from textsiamese.learning.sharing import Share

SIZES = {"size": st.integers(1, 20), "processes": st.integers(1, 6)}


@given(**SIZES)
def test_each_text_is_dealt_once_and_nobody_comes_away_empty(size: int, processes: int) -> None:
    texts = np.random.default_rng(0).permutation(size)
    hands = [Share(process, processes).deal(texts) for process in range(processes)]
    for place, text in enumerate(texts):
        assert hands[place % processes][place // processes] == text
    for process, hand in enumerate(hands):
        fair = len(range(process, size, processes))
        assert len(hand) == max(1, fair)
        assert fair or hand == texts[-1:]


def together(share: Share, vectors: Tensor, monkeypatch: pytest.MonkeyPatch) -> tuple[Tensor, ...]:
    """What one process holds of all vectors, and what it gathers, with the others played here."""
    hands = [Share(process, share.processes) for process in range(share.processes)]
    held = [vectors[each.deal(np.arange(len(vectors)))] for each in hands]
    own = held[share.process].clone().requires_grad_()

    def all_gather(hands: list[Tensor], padded: Tensor) -> None:
        assert torch.equal(padded[: len(own)], own)
        for hand, texts in zip(hands, held, strict=True):
            assert hand.shape == padded.shape
            hand.fill_(7)[: len(texts)] = texts

    monkeypatch.setattr(torch.distributed, "all_gather", all_gather)
    return own, share.gather(own, len(vectors))


@given(**SIZES)
def test_vectors_come_back_in_order_and_gradients_to_where_they_belong(
    size: int, processes: int
) -> None:
    vectors = torch.randn(size, 2, generator=torch.Generator().manual_seed(size))
    slope = torch.arange(2.0 * size).view(size, 2) + 1
    for share in (Share(process, processes) for process in range(processes)):
        with pytest.MonkeyPatch.context() as patch:
            own, gathered = together(share, vectors, patch)
        assert torch.equal(gathered, vectors)
        (gathered * slope).sum().backward()
        fair = slope[share.process :: processes] * processes  # the average over processes is slope
        assert own.grad is not None
        assert torch.equal(own.grad[: len(fair)], fair)
        assert (own.grad[len(fair) :] == 0).all()


def test_one_process_gathers_nothing() -> None:
    vectors = torch.ones(3, 2)
    assert Share().gather(vectors, 3) is vectors
    assert Share().deal(np.arange(3)).tolist() == [0, 1, 2]
