"""How a CNN of our own lies in a bundle: its weights, by their names in torch."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from textsiamese.twins.picture_runtime import PictureRuntime
from textsiamese.twins.tower import Tower
from textsiamese.twins.weights import packed, unpacked

if TYPE_CHECKING:
    from textsiamese.encoders.cnn import CnnEncoder

_WEIGHTS = "model.safetensors"


def open_cnn(config: Mapping[str, Any], files: Mapping[str, bytes], threads: int | None) -> Tower:
    """The encoder that a bundle describes.

    Args:
        config: its sizes.
        files: what `cnn_files` gave.
        threads: to encode with; torch's own choice if None.
    """

    @cache
    def in_torch() -> CnnEncoder:
        import torch

        from textsiamese.encoders.cnn import CnnConfig, CnnEncoder

        encoder = CnnEncoder(CnnConfig(**config))
        weights = unpacked(files[_WEIGHTS])
        encoder.load_state_dict({name: torch.from_numpy(w) for name, w in weights.items()})
        return encoder.eval()

    return Tower(PictureRuntime(in_torch, threads), in_torch, "pictures")


def cnn_files(encoder: CnnEncoder) -> dict[str, bytes]:
    """The files of an encoder by name."""
    state = encoder.state_dict().items()
    weights = {name: value.detach().float().cpu().contiguous().numpy() for name, value in state}
    return {_WEIGHTS: packed(weights)}
