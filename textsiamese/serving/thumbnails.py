"""Pictures for a page that loads nothing: small, and written into it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from typing import Any

from textsiamese.inputs.pictures import PictureForm, read_pictures

SIZE = 144
_QUALITY = 80


def thumbnails(pictures: Iterable[Any]) -> dict[Any, str]:
    """A data URI with a JPEG of 144 x 144 of each picture, whole, on white.

    Args:
        pictures: paths; those that are equal are read once.

    Returns:
        by path; one that cannot be read is left out.
    """
    from PIL import Image

    distinct = list(dict.fromkeys(pictures))
    if not distinct:
        return {}
    pixels, faults = read_pictures(distinct, PictureForm(size=SIZE, fit="pad"))
    found = {}
    for number, picture in enumerate(distinct):
        if number not in faults:
            file = io.BytesIO()
            Image.fromarray(pixels[number]).save(file, "JPEG", quality=_QUALITY)
            found[picture] = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
    return found
