"""One side of a twin: an encoder that runs at once, and is opened in torch when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textsiamese.twins.picture_runtime import PictureRuntime
from textsiamese.twins.runtime import TorchRuntime

if TYPE_CHECKING:
    from textsiamese.encoders.encoder import Encoder
    from textsiamese.inputs.left_right import Reads
    from textsiamese.twins.runtime import Runtime


@dataclass(frozen=True)
class Tower:
    """An encoder, and what runs it.

    Attributes:
        runtime: turns texts or pictures into vectors.
        open: gives the encoder as a torch module.
        reads: texts, or pictures.
    """

    runtime: Runtime
    open: Callable[[], Encoder]
    reads: Reads = "texts"


def tower_of(encoder: Encoder | Tower) -> Tower:
    """The tower of an encoder that is a torch module; a tower as it is."""
    if isinstance(encoder, Tower):
        return encoder
    module = encoder
    kind = PictureRuntime if module.reads == "pictures" else TorchRuntime
    return Tower(kind(lambda: module), lambda: module, module.reads)
