"""Runs an encoder over texts: each distinct text once, in batches of equal length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textsiamese.encoders.lstm import LstmEncoder
    from textsiamese.encoders.lstm_onnx import LstmOnnx
    from textsiamese.encoders.tokens import Tokens, Vocabulary

_TORCH_BATCH = 512


@dataclass(frozen=True)
class Encoded:
    """Vectors of n distinct texts, and what was noticed about them.

    Attributes:
        vectors: float32 (n, dim).
        cut: bool (n,), True where a text was longer than the encoder reads.
        unknown: float32 (n,), share of pieces in words that the vocabulary does not know.
    """

    vectors: NDArray[np.float32]
    cut: NDArray[np.bool_]
    unknown: NDArray[np.float32]


class Runtime(Protocol):
    """Turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Encode ``texts``, one row each."""
        ...


class OnnxRuntime:
    """An encoder on a CPU, in onnxruntime."""

    def __init__(self, vocabulary: Vocabulary, encoder: LstmOnnx, max_length: int) -> None:
        self._vocabulary, self._encoder, self._max_length = vocabulary, encoder, max_length

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Encode ``texts``, one row each."""
        tokens = self._vocabulary.encode(texts, self._max_length)
        return Encoded(self._encoder.encode(tokens), tokens.cut, tokens.unknown)


class TorchRuntime:
    """An encoder in torch, on the device its weights are on: for training, and for GPUs."""

    def __init__(self, encoder: LstmEncoder) -> None:
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Encode ``texts``, one row each."""
        tokens = self._encoder.tokens(texts)
        return Encoded(self._vectors(tokens), tokens.cut, tokens.unknown)

    def _vectors(self, tokens: Tokens) -> NDArray[np.float32]:
        import torch

        encoder, dim = self._encoder, self._encoder.config.dim
        device = next(encoder.parameters()).device
        order = np.argsort(tokens.lengths, kind="stable")
        vectors = np.empty((len(tokens), dim), dtype=np.float32)
        was_training = encoder.training
        encoder.eval()
        with torch.inference_mode():
            for start in range(0, len(order), _TORCH_BATCH):
                rows = order[start : start + _TORCH_BATCH]
                ids = torch.from_numpy(tokens.padded(rows)).to(device)
                lengths = torch.from_numpy(tokens.lengths[rows]).to(device)
                vectors[rows] = encoder([(ids, lengths)]).cpu().numpy()
        encoder.train(was_training)
        return vectors
