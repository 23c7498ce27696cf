"""Weights as the bytes of a safetensors file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[np.float32]]


def packed(weights: Arrays) -> bytes:
    """Each tensor in fp16 where that loses nothing, else in fp32; whole numbers as they are."""
    from safetensors.numpy import save

    return save({name: _halved(value) for name, value in weights.items()}, {"format": "pt"})


def unpacked(content: bytes) -> dict[str, NDArray[np.float32]]:
    """The tensors that `packed` was given, in float32."""
    from safetensors.numpy import load

    return {name: value.astype(np.float32) for name, value in load(content).items()}


def part(weights: Arrays, prefix: str) -> dict[str, NDArray[np.float32]]:
    """The tensors whose names begin with ``prefix``, without it."""
    return {n.removeprefix(prefix): w for n, w in weights.items() if n.startswith(prefix)}


def _halved(value: NDArray[Any]) -> NDArray[Any]:
    if value.dtype.kind != "f":
        return np.asarray(value, order="C")
    with np.errstate(over="ignore"):
        half = value.astype(np.float16)
    lossless = np.array_equal(half.astype(np.float32), value)
    return np.asarray(half if lossless else value.astype(np.float32), order="C")
