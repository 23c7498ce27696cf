"""Runs an encoder over texts: each distinct text once, in batches of equal length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from textsiamese.encoders.lengths import equal_length_batches

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from textsiamese.encoders.encoder import Encoder
    from textsiamese.encoders.lstm_onnx import LstmOnnx
    from textsiamese.encoders.tokens import Tokens, Vocabulary

_ROWS, _PIECES = 512, 8192


@dataclass(frozen=True)
class Encoded:
    """Vectors of n distinct texts or pictures, and what was noticed about them.

    Attributes:
        vectors: float32 (n, dim); NaN where a picture could not be read.
        cut: bool (n,), True where a text was longer than the encoder reads.
        unknown: float32 (n,), share of pieces in words that the vocabulary does not know.
        problems: why a picture could not be read, by its number.
    """

    vectors: NDArray[np.float32]
    cut: NDArray[np.bool_]
    unknown: NDArray[np.float32]
    problems: dict[int, str] = field(default_factory=dict)


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
    """An encoder in torch, on the device its weights are on.

    A transformer multiplies in bfloat16 where the processor is made for it. Several threads may
    call it: they take turns, since one batch keeps all cores busy, and an encoder changes its
    settings while it runs.

    Args:
        open: gives the encoder when it is first used.
        threads: to compute with, on a CPU; torch's own choice if None.
    """

    def __init__(self, open: Callable[[], Encoder], threads: int | None = None) -> None:
        self._open, self._threads, self._turn = open, threads, Lock()

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Encode ``texts``, one row each."""
        with self._turn:
            tokens = self._open().tokens(texts)
            return Encoded(self._vectors(tokens), tokens.cut, tokens.unknown)

    def _vectors(self, tokens: Tokens) -> NDArray[np.float32]:
        import torch

        encoder = self._open()
        vectors = np.empty((len(tokens), encoder.config.dim), dtype=np.float32)
        with at_work(encoder, self._threads) as device, _fast(encoder, device):
            for rows in equal_length_batches(tokens.lengths, _ROWS, _PIECES):
                ids = torch.from_numpy(tokens.padded(rows)).to(device)
                lengths = torch.from_numpy(tokens.lengths[rows]).to(device)
                vectors[rows] = encoder([(ids, lengths)]).float().cpu().numpy()
        return vectors


@contextmanager
def at_work(encoder: torch.nn.Module, threads: int | None) -> Iterator[torch.device]:
    """Let an encoder encode, without gradients or dropout; gives the device its weights are on."""
    import torch

    device = next(encoder.parameters()).device
    if threads and device.type == "cpu":
        torch.set_num_threads(threads)
    was_training = encoder.training
    encoder.eval()
    with torch.no_grad():  # inference_mode would cast weights each time
        yield device
    encoder.train(was_training)


def _fast(encoder: Encoder, device: torch.device) -> AbstractContextManager[Any]:
    """In bfloat16, which moves the cosine of a transformer's vectors by less than 0.005."""
    import torch

    from textsiamese.encoders.lstm import LstmEncoder

    enabled = not isinstance(encoder, LstmEncoder) and has_bf16(device)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)


def has_bf16(device: torch.device) -> bool:
    """Whether a device is made for products in bfloat16."""
    import torch

    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
