"""Pictures of any kind, decoded: for each a square of bytes, or what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from textsiamese.cores import usable_cores
from textsiamese.errors import InputError
from textsiamese.inputs.picture_files import PictureError, open_picture, pillow_at_work
from textsiamese.inputs.picture_modes import flat, orientation, turned

if TYPE_CHECKING:
    from PIL import Image

Picture: TypeAlias = "str | os.PathLike[str] | Image.Image"
Fit = Literal["squash", "crop", "pad"]

_GAP = 2.0  # a picture is made smaller coarsely at first, down to so many times what is wanted
_LARGE = 1 << 24
_large_ones = Lock()


@dataclass(frozen=True)
class PictureForm:
    """What a decoded picture looks like: a square.

    Attributes:
        size: pixels of each side.
        channels: 3 for colours (red, green, blue), 1 for grey.
        fit: how a picture that is not square becomes so: "squash" changes its proportions, "crop"
            keeps its middle, "pad" puts white beside it.
        part: share of the shorter side that "crop" keeps, in (0, 1].

    Raises:
        InputError: if one of them is none of these.
    """

    size: int
    channels: Literal[1, 3] = 3
    fit: Fit = "squash"
    part: float = 1.0

    def __post_init__(self) -> None:
        if self.size < 1:
            raise InputError(f"size is {self.size}; a picture has at least 1 pixel a side")
        if self.channels not in (1, 3):
            raise InputError(f"channels is {self.channels}; 1 (grey) or 3 (colours) are known")
        if self.fit not in get_args(Fit):
            raise InputError(f"fit is {self.fit!r}; the ways known are {', '.join(get_args(Fit))}")
        if not 0 < self.part <= 1:
            raise InputError(f"part is {self.part}; it must lie in (0, 1]")


def read_pictures(
    pictures: Sequence[Picture], form: PictureForm
) -> tuple[NDArray[np.uint8], dict[int, str]]:
    """Decode pictures on all usable cores; one that is named several times, once.

    Of an animation the first picture is taken. What is transparent lies on white. A picture is
    turned as its EXIF orientation says. PIL images are left as they are.

    Returns:
        (n, size, size, channels) uint8, zeros where a picture cannot be read; and what is wrong
        with each of those, by its number: "cat.jpg is cut short: copy or fetch the file anew".

    Raises:
        MemoryError: the memory does not suffice for one.
    """
    pixels = np.zeros((len(pictures), form.size, form.size, form.channels), np.uint8)
    rows_of: dict[object, list[int]] = {}
    for row, picture in enumerate(pictures):
        rows_of.setdefault(picture_key(picture), []).append(row)

    def read(rows: list[int]) -> str:
        try:
            pixels[rows] = _decoded(pictures[rows[0]], form)
        except PictureError as fault:
            return str(fault)
        return ""

    faults: dict[int, str] = {}
    threads = min(usable_cores(), max(1, len(rows_of)))
    with pillow_at_work(), ThreadPoolExecutor(threads) as pool:
        for rows, fault in zip(rows_of.values(), pool.map(read, rows_of.values()), strict=True):
            if fault:
                faults |= dict.fromkeys(rows, fault)
    return pixels, dict(sorted(faults.items()))


def picture_key(picture: object) -> object:
    """What tells pictures apart: of a file the path, of anything else which object it is."""
    return os.fspath(picture) if isinstance(picture, (str, os.PathLike)) else id(picture)


def _decoded(picture: Picture, form: PictureForm) -> NDArray[np.uint8]:
    """One picture, (size, size, channels).

    Raises:
        PictureError: it cannot be read.
    """
    mode = "L" if form.channels == 1 else "RGB"
    with open_picture(picture) as opened:
        if opened is not picture:
            edge = round(_GAP * form.size / form.part)
            opened.draft(mode, (edge, edge))  # a JPEG is decoded no larger than that asks for
        large = opened.width * opened.height > _LARGE
        with _large_ones if large else nullcontext():  # so that together they fit in the memory
            opened.load()
            square = _square(flat(opened), orientation(opened), form)
        return np.asarray(square.convert(mode)).reshape(form.size, form.size, form.channels)


def _square(picture: Image.Image, orientation: int, form: PictureForm) -> Image.Image:
    from PIL import Image

    width, height = picture.size
    box, size = (0.0, 0.0, float(width), float(height)), (form.size, form.size)
    if form.fit == "crop":
        half = form.part * min(width, height) / 2
        box = (width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half)
    if form.fit == "pad":
        scale = form.size / max(width, height)
        size = max(1, round(width * scale)), max(1, round(height * scale))
    small = picture.resize(size, Image.Resampling.BICUBIC, box, reducing_gap=_GAP)
    small = turned(small, orientation)
    if small.size == (form.size, form.size):
        return small
    square = Image.new(small.mode, (form.size, form.size), "white")
    square.paste(small, ((form.size - small.width) // 2, (form.size - small.height) // 2))
    return square
