"""The two sides of a table while it is read: in memory, and once they are too large, in a file."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

import numpy as np

from textsiamese.errors import TextsiameseError
from textsiamese.inputs.stored import Ints, StoredTexts, TextFile, held_bytes, may_be_held


class Sides:
    """The texts of a table's two sides, as they come in.

    Args:
        name: what messages call the table.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._held: tuple[list[str], list[str]] = ([], [])
        self._size = 0
        self._file: TextFile | None = None
        self._numbers: tuple[list[Ints], list[Ints]] = ([], [])

    def add(self, left: list[str], right: list[str]) -> None:
        """Add texts to both sides.

        Raises:
            TextsiameseError: there is no room for them.
        """
        for held, texts in zip(self._held, (left, right), strict=True):
            held.extend(texts)
            self._size += held_bytes(texts)
        if not may_be_held(self._size):
            self._store()

    def texts(self) -> tuple[Sequence[str], Sequence[str]]:
        """The two sides: lists, or stored texts that lie in one file."""
        if self._file is None:
            return self._held
        left, right = (StoredTexts(self._file, np.concatenate(side)) for side in self._numbers)
        return left, right

    def _store(self) -> None:
        """Write down what is in memory."""
        try:
            self._file = self._file or TextFile()
            for held, numbers in zip(self._held, self._numbers, strict=True):
                numbers.append(self._file.append(held))
                held.clear()
        except OSError as error:
            raise TextsiameseError(
                f"{self._name} has more text than is held in memory, and there is no room for it "
                f"in {tempfile.gettempdir()} ({error.strerror}); name another folder in the "
                f"environment variable TMPDIR"
            ) from error
