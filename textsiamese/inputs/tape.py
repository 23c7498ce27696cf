"""A pipe that can be looked into before it is read."""

from __future__ import annotations

import io
from typing import Any

from textsiamese.errors import InputError


class Tape:
    """Plays a pipe from its first byte as often as needed, until it is played for the last time."""

    def __init__(self, raw: Any, name: str) -> None:
        self._raw = raw
        self._name = name
        self._kept = bytearray()
        self._spent = False

    def play(self, last: bool) -> Play:
        """Play from the start; what a play reads is kept for the next one unless it is the `last`.

        Raises:
            InputError: the last play has been.
        """
        if self._spent:
            raise InputError(f"{self._name} can be read only once; save it to a file to read again")
        self._spent = last
        return Play(self._raw, self._kept, keep=not last)


class Play(io.RawIOBase):
    """One play of a tape: first what is kept, then the pipe."""

    def __init__(self, raw: Any, kept: bytearray, *, keep: bool) -> None:
        self._source = raw
        self._kept = kept
        self._keep = keep
        self._at = 0

    def readable(self) -> bool:
        """Can be read, always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes; b"" at the end."""
        if self._at < len(self._kept):
            block = bytes(self._kept[self._at : self._at + size])
        else:
            block = self._source.read(size) or b""
            if self._keep:
                self._kept += block
        self._at += len(block)
        return block

    def tell(self) -> int:
        """How many bytes have been played."""
        return self._at
