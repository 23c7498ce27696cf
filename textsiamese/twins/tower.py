"""One side of a twin: an encoder that runs at once, and is opened in torch when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textsiamese.errors import InputError
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

    def count_texts(self, inputs: Sequence[object]) -> int:
        """How many of its inputs are texts: all of them, or none."""
        return len(inputs) if self.reads == "texts" else 0


def tower_of(encoder: Encoder | Tower) -> Tower:
    """The tower of an encoder that is a torch module; a tower as it is.

    Raises:
        InputError: it is a twin.
    """
    if isinstance(encoder, Tower):
        return encoder
    if hasattr(encoder, "tower"):
        raise InputError(
            f"a {type(encoder).__name__} is a whole twin; give an encoder: that of a Siamese twin "
            "is twin.encoder, those of two towers are twin.encoder.left and twin.encoder.right"
        )
    module = encoder
    kind = PictureRuntime if module.reads == "pictures" else TorchRuntime
    return Tower(kind(lambda: module), lambda: module, module.reads)
