"""Pictures of any mode, EXIF orientation and depth, as plain grey or colours of 8 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

_ORIENTATION = 0x0112
_RANGES = (1.0, 255.0, 65_535.0)


def flat(picture: Image.Image) -> Image.Image:
    """A picture in mode "L" (grey) or "RGB": what is transparent lies on white.

    Grey of 16 bits is scaled from [0, 65535]. Of grey of 32 bits, whole numbers or floats, the
    range is not known: it is the least of [0, 1] (floats alone), [0, 255] and [0, 65535] that
    holds all values, else that from the lowest to the highest of them.
    """
    from PIL import Image

    if picture.mode.startswith(("I", "F")):
        return Image.fromarray(_grey(np.asarray(picture)))
    if picture.has_transparency_data:
        above = picture.convert("RGBA")
        below = Image.new("RGBA", above.size, "white")
        return Image.alpha_composite(below, above).convert("RGB")
    return picture if picture.mode == "L" else picture.convert("L" if _is_grey(picture) else "RGB")


def orientation(picture: Image.Image) -> int:
    """The EXIF orientation of a loaded picture, 1 to 8; 1, upright, where none is to be read."""
    try:
        found = picture.getexif().get(_ORIENTATION)
    except Exception:  # EXIF that is damaged, in one of many ways
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def turned(picture: Image.Image, orientation: int) -> Image.Image:
    """A picture of this EXIF orientation, turned upright."""
    from PIL.Image import Transpose

    ways = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return picture.transpose(ways[orientation]) if orientation in ways else picture


def _is_grey(picture: Image.Image) -> bool:
    return picture.mode == "1"


def _grey(values: NDArray) -> NDArray[np.uint8]:
    """Numbers of any kind, scaled to [0, 255]."""
    low, high = _range(values)
    scaled = (values.astype(np.float64) - low) * (255 / (high - low))
    return np.nan_to_num(scaled, nan=0.0).clip(0, 255).round().astype(np.uint8)


def _range(values: NDArray) -> tuple[float, float]:
    if values.dtype.itemsize == 2:
        return 0.0, 65_535.0
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    known = _RANGES if values.dtype.kind == "f" else _RANGES[1:]
    fits = [most for most in known if low >= 0 and high <= most]
    return (0.0, fits[0]) if fits else (low, max(high, low + 1))
