"""Which encoder lies in a bundle, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textsiamese.errors import BundleError
from textsiamese.twins.backbone_tower import backbone_files, open_backbone
from textsiamese.twins.cnn_tower import cnn_files, open_cnn
from textsiamese.twins.lstm_tower import lstm_files, open_lstm
from textsiamese.twins.tower import Tower
from textsiamese.twins.transformer_tower import open_transformer, transformer_files

if TYPE_CHECKING:
    from textsiamese.encoders.encoder import Encoder


def open_tower(
    config: Mapping[str, Any], folder: Path, files: Mapping[str, bytes], threads: int | None
) -> Tower:
    """The encoder that a bundle describes.

    Args:
        config: what `described` said of it.
        folder: the bundle.
        files: its files by name, as they were read and checked.
        threads: to encode with; all usable cores if None.

    Raises:
        BundleError: if this version has no encoder of that kind.
    """
    sizes = dict(config)
    kind = sizes.pop("kind", None)
    if kind == "lstm":
        return open_lstm(sizes, files, threads)
    if kind == "transformer":
        return open_transformer(folder, threads, sizes)
    if kind == "cnn":
        return open_cnn(sizes, files, threads)
    if kind == "backbone":
        return open_backbone(sizes, folder, threads)
    raise BundleError(
        f"the twin's encoder is of kind {kind!r}; this version opens 'lstm', 'transformer', 'cnn' "
        "and 'backbone'"
    )


def described(encoder: Encoder) -> dict[str, Any]:
    """What a bundle says of its encoder."""
    return {"kind": _kind(encoder), **asdict(encoder.config)}


def tower_files(encoder: Encoder) -> dict[str, bytes]:
    """The encoder's files by name.

    Raises:
        TextsiameseError: if its graph does not give the same vectors as torch.
    """
    from textsiamese.encoders.backbone import BackboneEncoder
    from textsiamese.encoders.cnn import CnnEncoder
    from textsiamese.encoders.lstm import LstmEncoder

    if isinstance(encoder, LstmEncoder):
        return lstm_files(encoder)
    if isinstance(encoder, CnnEncoder):
        return cnn_files(encoder)
    if isinstance(encoder, BackboneEncoder):
        return backbone_files(encoder)
    return transformer_files(encoder)


def _kind(encoder: Encoder) -> str:
    from textsiamese.encoders.backbone import BackboneEncoder
    from textsiamese.encoders.cnn import CnnEncoder
    from textsiamese.encoders.lstm import LstmEncoder

    kinds = {LstmEncoder: "lstm", CnnEncoder: "cnn", BackboneEncoder: "backbone"}
    return next((kind for of, kind in kinds.items() if isinstance(encoder, of)), "transformer")


def has_native_modules(encoder: Encoder) -> bool:
    """Whether sentence-transformers opens the encoder's files by modules of its own."""
    return _kind(encoder) == "transformer"
