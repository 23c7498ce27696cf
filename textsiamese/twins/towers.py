"""How an encoder lies in a bundle: opened to run at once, and in torch when that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from textsiamese.encoders.lstm_onnx import LstmOnnx
from textsiamese.encoders.tokens import Vocabulary
from textsiamese.errors import BundleError, TextsiameseError
from textsiamese.twins.runtime import OnnxRuntime, TorchRuntime
from textsiamese.twins.siamese import Tower

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textsiamese.encoders.lstm import LstmEncoder

    Arrays = Mapping[str, NDArray[np.float32]]

_PARITY = 1e-5
_PROBES = (
    "How do I learn Python?",
    "What is the best way to learn Python without a teacher, and how long does it take?",
    "?",
    "no",
)


def open_tower(
    config: Mapping[str, Any],
    vocabulary: Vocabulary,
    weights: Arrays,
    graph: bytes,
    threads: int | None,
) -> Tower:
    """The encoder that a bundle describes.

    Raises:
        BundleError: if this version has no encoder of that kind.
    """
    sizes = dict(config)
    kind = sizes.pop("kind", None)
    if kind != "lstm":
        raise BundleError(f"the twin's encoder is of kind {kind!r}; this version opens 'lstm'")

    @cache
    def in_torch() -> LstmEncoder:
        import torch

        from textsiamese.encoders.lstm import LstmConfig, LstmEncoder

        encoder = LstmEncoder(vocabulary, LstmConfig(**sizes))
        encoder.load_state_dict({name: torch.from_numpy(w) for name, w in weights.items()})
        return encoder.eval()

    runner = LstmOnnx(graph, weights, threads)
    return Tower(OnnxRuntime(vocabulary, runner, sizes["max_length"]), in_torch)


def encoder_weights(encoder: LstmEncoder) -> dict[str, NDArray[np.float32]]:
    """The encoder's weights as float32 arrays."""
    return {
        name: value.detach().float().cpu().numpy() for name, value in encoder.state_dict().items()
    }


def checked_graph(encoder: LstmEncoder) -> bytes:
    """The encoder's graph, checked to give the vectors that torch gives, to 1e-5.

    Raises:
        TextsiameseError: if it does not.
    """
    from textsiamese.encoders.lstm_graph import lstm_graph

    graph = lstm_graph(encoder.config)
    opened = LstmOnnx(graph, encoder_weights(encoder), threads=1)
    ours = opened.encode(encoder.tokens(_PROBES))
    expected = TorchRuntime(encoder).encode(_PROBES).vectors
    apart = float(np.abs(ours - expected).max())
    if not apart <= _PARITY * max(1.0, float(np.abs(expected).max())):
        raise TextsiameseError(
            f"the encoder's graph and torch differ by {apart:.2g}; nothing was saved: are all "
            "weights finite?"
        )
    return graph
