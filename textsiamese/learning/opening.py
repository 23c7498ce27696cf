"""What a training tells before its first step: which weights learn, and which texts are cut."""

from __future__ import annotations

from torch import nn

from textsiamese.encoders.encoder import Encoder
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.module import TwinModule
from textsiamese.learning.side import SideInputs
from textsiamese.twins.two_towers import towers_of


def opening_lines(module: TwinModule, batches: PairBatches) -> list[str]:
    """Lines for a person, one of them only where texts are longer than the encoder reads."""
    encoders = towers_of(module.encoder)
    sides = zip(batches.sides, encoders, strict=True)
    return [_trained(module), *(line for side, each in sides for line in _cut(side, each))]


def _trained(module: nn.Module) -> str:
    weights = list(module.parameters())
    trained = sum(weight.numel() for weight in weights if weight.requires_grad)
    every = sum(weight.numel() for weight in weights)
    return f"trains {trained:,} of {every:,} weights"


def _cut(side: SideInputs, encoder: Encoder) -> list[str]:
    cut, looked_at = side.cut()
    if not cut or encoder.reads == "pictures":
        return []
    return [
        f"{cut:,} of the {looked_at:,} texts looked at in train are longer than the "
        f"{encoder.limit:,} pieces that the encoder reads, and lose their ends"
    ]
