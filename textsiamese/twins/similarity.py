"""Two vectors to one number; higher is more alike.

Each formula is written once, for numpy arrays and torch tensors alike: in training the weights are
torch parameters, in scoring they are arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from textsiamese.errors import BundleError

_BLOCK = 2048


class Similarity(Protocol):
    """Compares two vectors a row."""

    @property
    def name(self) -> str:
        """Its name in a bundle."""
        ...

    @property
    def weights(self) -> Mapping[str, Any]:
        """What it has learnt, by name; empty if nothing."""
        ...

    def __call__(self, left: Any, right: Any) -> Any:
        """(n, d), (n, d) -> (n,); symmetric, and greatest where left = right."""
        ...


@dataclass(frozen=True)
class Cosine:
    """Cosine of the angle, in [-1, 1]; exactly 1 where left = right.

    Computed as 1 - |u - v|^2 / 2 over unit vectors, which rounding cannot push above 1.
    """

    name: str = field(default="cosine", init=False)
    weights: Mapping[str, Any] = field(default_factory=dict, init=False)

    def __call__(self, left: Any, right: Any) -> Any:
        """(n, d), (n, d) -> (n,)."""
        apart = _unit(left) - _unit(right)
        return 1 - (apart * apart).sum(-1) / 2


@dataclass(frozen=True)
class Euclidean:
    """Minus the Euclidean distance, at most 0; exactly 0 where left = right."""

    name: str = field(default="euclidean", init=False)
    weights: Mapping[str, Any] = field(default_factory=dict, init=False)

    def __call__(self, left: Any, right: Any) -> Any:
        """(n, d), (n, d) -> (n,)."""
        return -_length(left - right)


def _length(vectors: Any) -> Any:
    """(n, d) -> (n,): Euclidean length, with the gradient 0 at length 0."""
    squares = (vectors * vectors).sum(-1)
    zero = squares == 0
    return (squares + zero) ** 0.5 * ~zero


def _unit(vectors: Any) -> Any:
    return vectors / (_length(vectors) + 1e-12)[:, None]


@dataclass(frozen=True)
class PairHead:
    """A learnt similarity: log-odds of "same", greatest where left = right.

    With p = d u v (products, component by component), a = sqrt(d) |u - v|, and x = [p, a]::

        s(u, v) = offset - mean_k( z_k^2 a_k ),   z = direct p + outer relu(inner x + shift) + gate

    Both p and a are symmetric in u and v, so s is; every term taken off is 0 or more, and all are
    0 at u = v, so s is greatest there. It reads the vectors that ``encode`` returns.

    Args:
        weights: ``inner`` (2d, h), ``shift`` (h,), ``outer`` (h, d), ``direct`` (d, d),
            ``gate`` (d,) and ``offset`` (1,): numpy arrays or torch tensors.
    """

    weights: Mapping[str, Any]
    name: str = field(default="pair-head", init=False)

    @classmethod
    def new(cls, dim: int, hidden: int = 256, seed: int = 0) -> PairHead:
        """An untrained head for vectors of width ``dim``."""
        random = np.random.default_rng(seed)

        def matrix(rows: int, columns: int) -> Any:
            return (random.normal(size=(rows, columns)) * rows**-0.5).astype(np.float32)

        weights = {
            "inner": matrix(2 * dim, hidden),
            "shift": np.zeros(hidden, dtype=np.float32),
            "outer": matrix(hidden, dim) * np.float32(0.5),
            "direct": matrix(dim, dim) * np.float32(0.5),
            "gate": np.ones(dim, dtype=np.float32),
            "offset": np.full(1, 3.0, dtype=np.float32),
        }
        return cls(weights)

    def __call__(self, left: Any, right: Any) -> Any:
        """(n, d), (n, d) -> (n,)."""
        w, dim = self.weights, left.shape[-1]
        products, apart = left * right * dim, abs(left - right) * dim**0.5
        split = w["inner"][:dim], w["inner"][dim:]
        hidden = products @ split[0] + apart @ split[1] + w["shift"]
        hidden = (hidden + abs(hidden)) / 2
        weighed = products @ w["direct"] + hidden @ w["outer"] + w["gate"]
        return w["offset"] - (weighed * weighed * apart).mean(-1)


def measure_pairs(measure: Similarity, vectors: Any, pairs: Any) -> Any:
    """The similarities, (n,), of (n, 2) pairs of rows of (m, d) vectors; all are numpy arrays."""
    blocks = (pairs[start : start + _BLOCK].T for start in range(0, len(pairs), _BLOCK))
    return np.concatenate([*(measure(vectors[a], vectors[b]) for a, b in blocks), np.zeros(0)])


def similarity_from(name: str, weights: Mapping[str, Any]) -> Similarity:
    """The similarity that a bundle names.

    Raises:
        BundleError: if this version has none of that name.
    """
    if name == "pair-head":
        return PairHead(weights)
    if name in ("cosine", "euclidean"):
        return Cosine() if name == "cosine" else Euclidean()
    raise BundleError(
        f"the twin's similarity is {name!r}; this version knows cosine, euclidean and pair-head"
    )
