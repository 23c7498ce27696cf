"""Inputs told apart by 128 bits of each, and found again among millions of others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from hashlib import blake2b, file_digest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textsiamese.errors import InputError
from textsiamese.inputs.picture_files import PictureError, open_bytes, open_picture
from textsiamese.inputs.picture_modes import orientation
from textsiamese.inputs.texts import text_fault

DIGEST_BYTES = 16

Digests = NDArray[np.uint64]
Ints = NDArray[np.int64]


def wide_digests(texts: Iterable[str]) -> Digests:
    """128 bits of BLAKE2b of each text, (n, 2), equal where the texts are.

    And nowhere else: among n texts, any two have the same digest by a chance of n^2 / 2^129,
    which is 1 in 10^25 for ten million. So a text's digest can stand for it where it is not kept.

    Raises:
        InputError: naming the index of a text that is missing, empty or no str.
    """
    found = bytearray()
    for index, text in enumerate(texts):
        if fault := text_fault(text):
            raise InputError(f"texts[{index}] {fault}; a non-empty str is expected")
        found += blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()
    return np.frombuffer(found, "<u8").reshape(-1, 2)


def picture_digests(pictures: Sequence[Any]) -> tuple[Digests, dict[int, str]]:
    """128 bits of BLAKE2b of each picture, (n, 2): of the bytes of its file, or of its pixels
    and what else says how it looks.

    So a file that was renamed is the same picture, and one that was changed is another.

    Args:
        pictures: paths, or PIL images.

    Returns:
        the digests, zeros where a picture cannot be read; and why not, by its number.
    """
    found, faults = bytearray(), dict[int, str]()
    for index, picture in enumerate(pictures):
        try:
            found += _digest(picture)
        except PictureError as fault:
            found += bytes(DIGEST_BYTES)
            faults[index] = str(fault)
    return np.frombuffer(found, "<u8").reshape(-1, 2), faults


def _digest(picture: Any) -> bytes:
    if isinstance(picture, (str, os.PathLike)):
        with open_bytes(picture) as file:
            return file_digest(file, _blake2b).digest()
    with open_picture(picture) as opened:
        opened.load()
        about = opened.mode, opened.size, opened.getpalette(), opened.info.get("transparency")
        digest = _blake2b(repr((*about, orientation(opened))).encode())
        digest.update(opened.tobytes())
        return digest.digest()


def _blake2b(begin: bytes = b"") -> Any:
    return blake2b(begin, digest_size=DIGEST_BYTES)


class DigestIndex:
    """Where digests are among known ones; 16 bytes of memory each, beside the known themselves.

    Args:
        known: (m, 2) uint64.
    """

    def __init__(self, known: Digests) -> None:
        self._known = known
        self._order = np.argsort(known[:, 0], kind="stable")
        self._halves = known[self._order, 0]

    def find(self, digests: Digests) -> Ints:
        """The number of each of (n, 2) digests among the known: (n,), the first if it has several.

        And -1 where it is not known. The first halves are searched for; which of the known with
        the same first half it is, if any, is seen by the second ones.
        """
        found = np.full(len(digests), -1, dtype=np.int64)
        at = np.searchsorted(self._halves, digests[:, 0], side="left")
        ends = np.searchsorted(self._halves, digests[:, 0], side="right")
        undecided = np.flatnonzero(at < ends)
        while len(undecided):
            number = self._order[at[undecided]]
            same = self._known[number, 1] == digests[undecided, 1]
            found[undecided[same]] = number[same]
            at[undecided] += 1
            undecided = undecided[~same & (at[undecided] < ends[undecided])]
        return found

    def firsts(self) -> Ints:
        """The numbers of the distinct among the known, each where it appears first, ascending."""
        return np.unique(self.find(self._known))
