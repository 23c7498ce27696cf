"""Long texts: read through several windows, whose vectors are pooled into one.

Windows are as long as an encoder reads at once, evenly spaced, and cover the whole text; neighbours
share what is over. Each is encoded as if it were a text. What fits one window has the vector of
that window, to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from textsiamese.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

WindowPooling = Literal["mean", "max"]
_POOLED = {"mean": np.add, "max": np.maximum}


@dataclass(frozen=True)
class Windows:
    """The windows of n texts, text after text; ``w`` of them.

    Attributes:
        counts: (n,) windows of each text, 1 or more.
        of: (w,) the text that a window reads.
        starts: (w,) how many pieces of its text a window passes over first.
        lengths: (w,) its pieces.
        passed: (w,) how many pieces of its text it passes over in all.
        ends: pieces at the beginning and the end of a text that all its windows have.
    """

    counts: Ints
    of: Ints
    starts: Ints
    lengths: Ints
    passed: Ints
    ends: tuple[int, int]

    def places(self, rows: slice) -> Ints:
        """Where in its text each piece of some windows stands, (k, longest); 0 in the padding."""
        before, after = self.ends
        starts, lengths, passed = (
            each[rows, None] for each in (self.starts, self.lengths, self.passed)
        )
        steps = np.arange(lengths.max(initial=0))
        at_end = np.where(steps >= lengths - after, steps + passed, steps + starts)
        return np.where(steps < lengths, np.where(steps < before, steps, at_end), 0)


@dataclass(frozen=True)
class Windowing:
    """How texts longer than a window are read.

    Attributes:
        size: pieces of a window, those at its ends included.
        windows: the most windows that are read of a text; what is longer is cut, and counted.
        overlap: pieces that neighbouring windows share at least, those at their ends left out.
        pooling: what a text's vector is of those of its windows: their "mean", or their "max".
        unit: whether that has unit length again.
        ends: pieces at the beginning and the end of a text that each window repeats.

    Raises:
        InputError: if a value is out of its range.
    """

    size: int
    windows: int = 1
    overlap: int = 0
    pooling: WindowPooling = "mean"
    unit: bool = True
    ends: tuple[int, int] = field(default=(0, 0))

    def __post_init__(self) -> None:
        if self.windows < 1:
            raise InputError(f"windows is {self.windows}; it must be 1 or more")
        if self.pooling not in _POOLED:
            raise InputError(
                f"window_pooling is {self.pooling!r}; the ways known are {', '.join(_POOLED)}"
            )
        if self.windows > 1 and self.room < 1:
            raise InputError(
                f"max_length is {self.size}, but {sum(self.ends)} pieces stand at the ends of each "
                "window, so that nothing else fits it: make it longer"
            )
        if self.overlap < 0 or (self.windows > 1 and self.overlap >= self.room):
            raise InputError(
                f"overlap is {self.overlap}; it must be 0 or more, and less than the {self.room} "
                "pieces that a window has of its own"
            )

    @property
    def room(self) -> int:
        """Pieces of a window without those at its ends."""
        return self.size - sum(self.ends)

    @property
    def limit(self) -> int:
        """The most pieces that are read of a text."""
        return self.size + (self.windows - 1) * (self.room - self.overlap)

    def split(self, lengths: Ints) -> Windows:
        """The windows of texts of these lengths, (n,).

        As few as cover a text; each starts as far after the one before, to within one piece.
        """
        over = np.maximum(lengths - self.size, 0)
        counts = 1 - (-over // max(self.room - self.overlap, 1))
        of = np.repeat(np.arange(len(lengths)), counts)
        number = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
        starts = number * over[of] // np.maximum(counts[of] - 1, 1)
        return Windows(counts, of, starts, (lengths - over)[of], over[of], self.ends)

    def pooled(self, vectors: NDArray[np.float32], counts: Ints) -> NDArray[np.float32]:
        """One vector a text, of those of its windows: (w, dim) -> (n, dim)."""
        if len(vectors) == len(counts):
            return vectors
        pooled = _POOLED[self.pooling].reduceat(vectors, np.cumsum(counts) - counts)
        several = np.flatnonzero(counts > 1)
        if self.pooling == "mean":
            pooled[several] /= counts[several, None].astype(np.float32)
        if self.unit:
            norms = np.linalg.norm(pooled[several], axis=1, keepdims=True)
            pooled[several] /= np.maximum(norms, 1e-12)
        return pooled
