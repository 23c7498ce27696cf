"""How an LSTM lies in a bundle: opened to run at once, and in torch when that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from textsiamese.encoders.lstm_onnx import LstmOnnx
from textsiamese.encoders.tokens import Vocabulary
from textsiamese.encoders.windows import Windowing
from textsiamese.errors import TextsiameseError
from textsiamese.twins.runtime import OnnxRuntime, TorchRuntime
from textsiamese.twins.tower import Tower
from textsiamese.twins.weights import packed, part, unpacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textsiamese.encoders.lstm import LstmEncoder

_PARITY = 1e-5
_PROBES = (
    "How do I learn Python?",
    "What is the best way to learn Python without a teacher, and how long does it take?",
    "?",
    "no",
)


def open_lstm(config: Mapping[str, Any], files: Mapping[str, bytes], threads: int | None) -> Tower:
    """The encoder that a bundle describes.

    Args:
        config: its sizes.
        files: what `lstm_files` gave.
        threads: to encode with; all usable cores if None.
    """
    vocabulary = Vocabulary.from_json(files["vocabulary.json"].decode())
    weights = part(unpacked(files["model.safetensors"]), "encoder.")

    @cache
    def in_torch() -> LstmEncoder:
        import torch

        from textsiamese.encoders.lstm import LstmConfig, LstmEncoder

        encoder = LstmEncoder(vocabulary, LstmConfig(**config))
        encoder.load_state_dict({name: torch.from_numpy(w) for name, w in weights.items()})
        return encoder.eval()

    windowing = _windowing(config)
    runner = LstmOnnx(files["encoder.onnx"], weights, threads, windowing)
    return Tower(OnnxRuntime(vocabulary, runner, windowing.limit), in_torch)


def _windowing(config: Mapping[str, Any]) -> Windowing:
    """As `LstmConfig.windowing`, without torch; older bundles read one window."""
    return Windowing(
        config["max_length"],
        config.get("windows", 1),
        config.get("overlap", 0),
        config.get("window_pooling", "mean"),
        config["normalize"],
    )


def lstm_files(encoder: LstmEncoder) -> dict[str, bytes]:
    """The files of an encoder by name.

    Raises:
        TextsiameseError: if the graph does not give the same vectors as torch.
    """
    weights = {f"encoder.{name}": value for name, value in encoder_weights(encoder).items()}
    return {
        "model.safetensors": packed(weights),
        "vocabulary.json": encoder.vocabulary.to_json().encode(),
        "encoder.onnx": checked_graph(encoder),
    }


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
    opened = LstmOnnx(graph, encoder_weights(encoder), 1, encoder.config.windowing)
    ours = opened.encode(encoder.tokens(_PROBES))
    expected = TorchRuntime(lambda: encoder).encode(_PROBES).vectors
    apart = float(np.abs(ours - expected).max())
    if not apart <= _PARITY * max(1.0, float(np.abs(expected).max())):
        raise TextsiameseError(
            f"the encoder's graph and torch differ by {apart:.2g}; nothing was saved: are all "
            "weights finite?"
        )
    return graph
