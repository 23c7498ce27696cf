"""What a training tells before its first step: which weights learn, and which texts are cut."""

from __future__ import annotations

from torch import nn

from textsiamese.learning.batches import PairBatches
from textsiamese.learning.module import TwinModule


def opening_lines(module: TwinModule, batches: PairBatches) -> list[str]:
    """Lines for a person, one of them only where texts are longer than the encoder reads."""
    return [_trained(module), *_cut(batches, module.encoder.config.max_length)]


def _trained(module: nn.Module) -> str:
    weights = list(module.parameters())
    trained = sum(weight.numel() for weight in weights if weight.requires_grad)
    every = sum(weight.numel() for weight in weights)
    return f"trains {trained:,} of {every:,} weights"


def _cut(batches: PairBatches, limit: int) -> list[str]:
    cut, looked_at = batches.cut()
    if not cut:
        return []
    return [
        f"{cut:,} of the {looked_at:,} texts looked at in train are longer than the {limit} pieces "
        "that the encoder reads, and lose their ends"
    ]
