"""What is known: the right side of a match, each distinct input of it encoded once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from textsiamese.inputs.digests import DigestIndex, Digests, picture_digests, wide_digests
from textsiamese.twins.vector_store import VectorStore

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textsiamese.twins.twin import Twin

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

_PART = 16_384

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Known:
    """The right side of a match.

    Attributes:
        vectors: float32 (m, d) of its distinct inputs, in the order of their first rows; they may
            lie in a file.
        rows: int64 (n,), the numbers of its rows, those of each distinct input together.
        starts: int64 (m + 1,), where those of each begin among them.
        faults: why a picture cannot be read, by the number of its row.
        encoded: how many inputs were encoded for it; the vectors of the others were there.
    """

    vectors: Floats
    rows: Ints
    starts: Ints
    faults: dict[int, str]
    encoded: int

    def __len__(self) -> int:
        return len(self.rows)


def know(
    twin: Twin,
    inputs: Sequence[Any],
    *,
    index: str | os.PathLike[str] | None = None,
    progress: Progress = lambda done, total: None,
) -> Known:
    """Encode the right side of a match.

    Args:
        twin: what encodes.
        inputs: n texts or pictures; those that are equal are encoded once, and None is left out.
        index: a folder that the vectors are kept in and taken from; None: they are held in memory.
        progress: is called with how many inputs are encoded by now, and how many will be.

    Raises:
        InputError: the folder holds other vectors, or files; see `VectorStore`.
        OutputError: it cannot be written.
    """
    there, digests, faults = _digested(twin, inputs)
    firsts, number = np.unique(DigestIndex(digests).find(digests), return_inverse=True)
    distinct = [inputs[row] for row in there[firsts].tolist()]
    counted = _Counted(progress)
    if index is None:
        vectors, problems = _held(twin, distinct, counted)
    else:
        store = VectorStore(index, twin, side="right")
        vectors, problems = _kept(store, distinct, digests[firsts], counted)
    read = np.array([i not in problems for i in range(len(distinct))], dtype=np.bool_)
    for i in np.flatnonzero(~read[number]).tolist():
        faults[int(there[i])] = problems[int(number[i])]
    usable = read[number]
    number = (np.cumsum(read) - 1)[number[usable]]
    order = np.argsort(number, kind="stable")
    starts = np.searchsorted(number[order], np.arange(len(vectors) + 1))
    encoded = counted.total - len(problems)
    return Known(vectors, there[usable][order], starts, faults, encoded)


def _digested(twin: Twin, inputs: Sequence[Any]) -> tuple[Ints, Digests, dict[int, str]]:
    """The rows that can be told apart, their digests, and why others cannot be read."""
    there = np.flatnonzero([each is not None for each in inputs])
    given = [inputs[row] for row in there.tolist()]
    if twin.reads("right") == "texts":
        return there, wide_digests(given), {}
    digests, faults = picture_digests(given)
    found = np.array([i not in faults for i in range(len(given))], dtype=np.bool_)
    return there[found], digests[found], {int(there[i]): fault for i, fault in faults.items()}


class _Counted:
    """Hands progress on, and remembers how many inputs there were to encode."""

    def __init__(self, progress: Progress) -> None:
        self.total = 0
        self._progress = progress

    def __call__(self, done: int, total: int) -> None:
        self.total = total
        self._progress(done, total)


def _held(twin: Twin, distinct: list[Any], progress: Progress) -> tuple[Floats, dict[int, str]]:
    """Vectors of the inputs that can be read, in memory, and what is wrong with the others."""
    runtime, problems = twin.tower("right").runtime, dict[int, str]()
    vectors = np.empty((len(distinct), runtime.encode([]).vectors.shape[1]), dtype=np.float32)
    progress(0, len(distinct))
    for start in range(0, len(distinct), _PART):
        encoded = runtime.encode(distinct[start : start + _PART])
        vectors[start : start + _PART] = encoded.vectors
        problems |= {start + i: fault for i, fault in encoded.problems.items()}
        progress(start + len(encoded.vectors), len(distinct))
    return np.delete(vectors, list(problems), axis=0) if problems else vectors, problems


def _kept(
    store: VectorStore, distinct: list[Any], digests: Digests, progress: Progress
) -> tuple[Any, dict[int, str]]:
    """The same of those in a folder, where they stay."""
    rows, problems = store.keep(distinct, digests, progress)
    found = rows[rows >= 0]
    if len(found) == len(store) and np.array_equal(found, np.arange(len(store))):
        return store.vectors, problems
    return _Chosen(store.vectors, found), problems


class _Chosen:
    """Some rows of vectors that lie in a file, in another order: read when they are looked at."""

    ndim = 2

    def __init__(self, vectors: Any, rows: Ints) -> None:
        self._vectors, self._rows = vectors, rows
        self.shape = (len(rows), vectors.shape[1])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, which: slice | Ints) -> Floats:
        return np.asarray(self._vectors[self._rows[which]])
