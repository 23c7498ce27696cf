"""Texts of a table that would fill the memory: they lie in a file and are read when looked at."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import accumulate, pairwise
from threading import Lock
from typing import overload

import numpy as np
from numpy.typing import NDArray

HELD_BYTES = 1 << 28
"""The texts of a table that take more memory than this as Python strings are stored."""

_TEXT_BYTES = 64  # of a Python string, beside its characters
_BLOCK = 4096
_GAP, _RUN = 1 << 14, 1 << 22

Ints = NDArray[np.int64]


class TextFile:
    """Texts end to end in a temporary file, which goes away with this object or the process.

    It lies in the folder that `tempfile.gettempdir` names; the memory holds 8 bytes a text.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as its texts
        self._lock = Lock()
        self._offsets = array("q", [0])
        self._digests: dict[Callable[[str], str], NDArray[np.uint64]] = {}

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @property
    def offsets(self) -> Ints:
        """Where each text begins, in bytes, and where the last one ends: (len + 1,) int64."""
        return np.frombuffer(self._offsets, np.int64)

    def append(self, texts: Sequence[str]) -> Ints:
        """Add texts at the end, and return their numbers.

        Raises:
            OSError: there is no room for them.
        """
        first = len(self)
        self._file.seek(self._offsets[-1])
        for start in range(0, len(texts), _BLOCK):
            encoded = [text.encode() for text in texts[start : start + _BLOCK]]
            self._file.write(b"".join(encoded))
            self._offsets.extend(accumulate(map(len, encoded), initial=self._offsets.pop()))
        self._file.flush()
        return np.arange(first, len(self))

    def read(self, numbers: Ints) -> Iterator[str]:
        """The texts with these numbers, one at least; neighbours in the file are read at once."""
        begins, ends = self.offsets[numbers], self.offsets[numbers + 1]
        gaps = begins[1:] - ends[:-1]
        full = np.diff(np.cumsum(ends - begins) // _RUN) > 0
        breaks = np.flatnonzero((gaps < 0) | (gaps > _GAP) | full) + 1
        for first, last in pairwise([0, *breaks.tolist(), len(numbers)]):
            base = int(begins[first])
            data = self._bytes(base, int(ends[last - 1]))
            places = (begins[first:last] - base).tolist(), (ends[first:last] - base).tolist()
            for begin, end in zip(*places, strict=True):
                yield data[begin:end].decode()

    def digests(self, key: Callable[[str], str]) -> NDArray[np.uint64]:
        """`digest_texts` of all texts; worked out the first time that this key is asked for."""
        if key not in self._digests:
            self._digests[key] = _digests(StoredTexts(self, np.arange(len(self))), key)
        return self._digests[key]

    def _bytes(self, begin: int, end: int) -> bytes:
        with self._lock:
            self._file.seek(begin)
            return self._file.read(end - begin)


class StoredTexts(Sequence[str]):
    """Some texts of a `TextFile`, in any order; 8 bytes of memory a text.

    Going through them reads the file in blocks; a slice is stored texts again.

    Args:
        file: where they lie.
        numbers: (n,) int64, their numbers there.
    """

    def __init__(self, file: TextFile, numbers: Ints) -> None:
        self.file, self.numbers = file, numbers

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> StoredTexts: ...
    def __getitem__(self, index: int | slice) -> str | StoredTexts:
        if isinstance(index, slice):
            return StoredTexts(self.file, self.numbers[index])
        return next(self.file.read(self.numbers[[index]]))

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _BLOCK):
            yield from self.file.read(self.numbers[start : start + _BLOCK])


def held_bytes(texts: Sequence[str]) -> int:
    """The memory that texts take as Python strings, about."""
    if not isinstance(texts, StoredTexts):
        return sum(map(len, texts)) + _TEXT_BYTES * len(texts)
    offsets = texts.file.offsets
    characters = offsets[texts.numbers + 1].sum() - offsets[texts.numbers].sum()
    return int(characters) + _TEXT_BYTES * len(texts)


def may_be_held(size: int) -> bool:
    """Whether texts that take so much memory stay in memory."""
    return size <= HELD_BYTES


def held(*sides: Sequence[str]) -> list[Sequence[str]]:
    """The sides with stored texts as lists, if all of them may be held together."""
    stored = [side for side in sides if isinstance(side, StoredTexts)]
    if not may_be_held(sum(map(held_bytes, stored))):
        return list(sides)
    return [list(side) if isinstance(side, StoredTexts) else side for side in sides]


def take(texts: Sequence[str], which: Ints) -> Sequence[str]:
    """The texts with these numbers, in this order; of stored texts, stored ones."""
    if isinstance(texts, StoredTexts):
        return StoredTexts(texts.file, texts.numbers[which])
    return [texts[i] for i in which]


def join(left: Sequence[str], right: Sequence[str]) -> Sequence[str]:
    """All left texts, then all right ones; stored if both lie in one file, else a list."""
    if not (isinstance(left, StoredTexts) and isinstance(right, StoredTexts)):
        return [*left, *right]
    if left.file is not right.file:
        return [*left, *right]
    return StoredTexts(left.file, np.concatenate([left.numbers, right.numbers]))


def sample(texts: Sequence[str], seed: int) -> Sequence[str]:
    """All texts; of stored ones so many, drawn at random, as may be held in memory."""
    if not isinstance(texts, StoredTexts):
        return texts
    share = min(1.0, HELD_BYTES / max(1, held_bytes(texts)))
    count = min(len(texts), 1 + int(share * len(texts)))
    drawn = np.random.default_rng(seed).choice(len(texts), count, replace=False)
    return list(take(texts, np.sort(drawn)))


def digest_texts(texts: Sequence[str], key: Callable[[str], str]) -> NDArray[np.uint64]:
    """64 bits of BLAKE2b of each text's key, (n,), equal where the keys are.

    And nowhere else: among n keys, any two have the same digest by a chance of n^2 / 2^65, which
    is 3 in a million for ten million keys.
    """
    if isinstance(texts, StoredTexts):
        return texts.file.digests(key)[texts.numbers]
    return _digests(texts, key)


def _digests(texts: Sequence[str], key: Callable[[str], str]) -> NDArray[np.uint64]:
    return np.fromiter((_digest(key(text)) for text in texts), np.uint64, len(texts))


def _digest(key: str) -> int:
    found = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(found.digest(), "little")
