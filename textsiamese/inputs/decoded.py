"""Decoded pictures for training: each once, in a temporary file, which a batch reads from."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from textsiamese.errors import InputError
from textsiamese.inputs.pictures import Picture, PictureForm, read_pictures

_BLOCK = 256


class DecodedPictures:
    """The pixels of pictures, in a file that goes away with this object or the process.

    The file lies in the folder that `tempfile.gettempdir` names, and takes size x size x channels
    bytes a picture; what of it stays in memory is left to the system.

    Args:
        pictures: paths or PIL images.
        form: what they are decoded to.

    Raises:
        InputError: naming the first picture that cannot be read, and how many more there are.
        OSError: there is no room for the file.
    """

    def __init__(self, pictures: Sequence[Picture], form: PictureForm) -> None:
        shape = (len(pictures), form.size, form.size, form.channels)
        self._pixels = _stored(shape)
        faults: list[str] = []
        for start in range(0, len(pictures), _BLOCK):
            block = slice(start, start + _BLOCK)
            self._pixels[block], found = read_pictures(pictures[block], form)
            faults += found.values()
        if faults:
            more = f"; {len(faults) - 1:,} more cannot be read" if len(faults) > 1 else ""
            raise InputError(f"{faults[0]}{more}")

    def __len__(self) -> int:
        return len(self._pixels)

    def __getitem__(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        """(k, size, size, channels), the pixels of the pictures with these numbers."""
        return np.asarray(self._pixels[numbers])


def _stored(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """An array of zeros in a file without a name, which the array alone keeps."""
    size = math.prod(shape)
    if not size:
        return np.zeros(shape, np.uint8)
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        return np.memmap(file, np.uint8, "r+", shape=shape)
