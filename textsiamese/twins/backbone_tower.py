"""How a pretrained picture model lies in a bundle: as transformers reads it, and a projection."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textsiamese.twins.picture_runtime import PictureRuntime
from textsiamese.twins.tower import Tower
from textsiamese.twins.transformer_tower import model_files
from textsiamese.twins.weights import packed, unpacked

if TYPE_CHECKING:
    from textsiamese.encoders.backbone import BackboneEncoder

_PROJECTION = "projection.safetensors"


def open_backbone(config: Mapping[str, Any], folder: Path, threads: int | None) -> Tower:
    """The encoder in ``folder``; opened when it is first used, since that takes seconds.

    Args:
        config: what the bundle says of it.
        folder: where the files lie that `backbone_files` gave.
        threads: to encode with; torch's own choice if None.

    Raises:
        BundleError: then, if there is none.
    """

    @cache
    def in_torch() -> BackboneEncoder:
        import torch

        from textsiamese.encoders.backbone import BackboneEncoder

        encoder = BackboneEncoder(folder, dim=config["dim"], normalize=config["normalize"])
        weights = unpacked((folder / _PROJECTION).read_bytes())
        encoder.projection.load_state_dict({n: torch.from_numpy(w) for n, w in weights.items()})
        return encoder.eval()

    return Tower(PictureRuntime(in_torch, threads), in_torch, "pictures")


def backbone_files(encoder: BackboneEncoder) -> dict[str, bytes]:
    """The files of an encoder by name: what transformers reads, and the projection."""
    from textsiamese.encoders.picture_processing import FILE

    state = encoder.projection.state_dict().items()
    weights = {name: value.detach().float().cpu().numpy() for name, value in state}
    own = {FILE: encoder.config.written(), _PROJECTION: packed(weights)}
    return model_files(encoder.backbone) | own
