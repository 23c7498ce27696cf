"""The same numbers as sentence-transformers, where the definitions agree."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from textsiamese.learning.contrastive import ContrastiveLoss, OnlineContrastiveLoss
from textsiamese.learning.triplet import TripletLoss


@pytest.fixture(scope="module")
def peer() -> Any:
    from sentence_transformers.sentence_transformer import losses

    return losses


def rows(count: int, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    first = torch.randn(64, 16, dtype=torch.float64, generator=generator)
    noise = torch.randn(count - 1, 64, 16, dtype=torch.float64, generator=generator)
    return [tower.clone().requires_grad_() for tower in (first, *(first + noise))]


def assert_same(ours: Tensor, theirs: Tensor, leaves: list[Tensor]) -> None:
    """Equal values and gradients, but for the 1e-6 that the peer adds to differences."""
    assert ours.item() > 0.01
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=0)
    ours_at, theirs_at = torch.autograd.grad(ours, leaves), torch.autograd.grad(theirs, leaves)
    assert all(gradient.abs().max() > 1e-4 for gradient in ours_at)
    torch.testing.assert_close(ours_at, theirs_at, rtol=1e-4, atol=5e-6)


PEER_DISTANCE = {"cosine": "COSINE_DISTANCE", "euclidean": "EUCLIDEAN"}
LABELS = {"both": torch.arange(64) % 2, "same": torch.ones(64), "different": torch.zeros(64)}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("ours", [ContrastiveLoss, OnlineContrastiveLoss])
def test_pair_losses(peer: Any, ours: Any, distance: str, labels: str) -> None:
    margin = 0.5 if distance == "cosine" else 5.0
    metric = getattr(peer.SiameseDistanceMetric, PEER_DISTANCE[distance])
    theirs = getattr(peer, ours.__name__)(nn.Identity(), distance_metric=metric, margin=margin)
    leaves = rows(2)
    assert_same(
        ours(margin=margin, distance=distance)(*leaves, LABELS[labels]),
        theirs.compute_loss_from_embeddings(leaves, LABELS[labels]),
        leaves,
    )


@pytest.mark.parametrize(("distance", "margin"), [("cosine", 0.3), ("euclidean", 2.0)])
def test_triplet_loss(peer: Any, distance: Any, margin: float) -> None:
    metric = getattr(peer.TripletDistanceMetric, distance.upper())
    theirs = peer.TripletLoss(nn.Identity(), distance_metric=metric, triplet_margin=margin)
    leaves = rows(3)
    assert_same(
        TripletLoss(margin=margin, distance=distance)(*leaves),
        theirs.compute_loss_from_embeddings(leaves, torch.zeros(64)),
        leaves,
    )
