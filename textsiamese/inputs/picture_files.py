"""Opens one picture, or says in a clause why it cannot be read."""

from __future__ import annotations

import os
import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from textsiamese.inputs.picture_kinds import FORMATS, is_begun, told_by_first_bytes
from textsiamese.inputs.texts import text_fault

if TYPE_CHECKING:
    from io import BufferedReader

    from PIL import Image

MOST_PIXELS = 100_000_000
"""A picture with more pixels is not decoded: a small file may hold so many that memory ends."""

_LIMIT = f"{MOST_PIXELS // 1_000_000} million are read at most: make it smaller first"
_TOO_LARGE = f"has too many pixels; {_LIMIT}"
_LONGEST_NAME = 200
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(//|\w+/\w+;base64,)")
_at_work = RLock()


class PictureError(Exception):
    """Why one picture cannot be read, in a clause that names it."""


@contextmanager
def pillow_at_work() -> Iterator[None]:
    """Without Pillow's warnings, of large or damaged files: what matters becomes a fault.

    Which warnings are shown is the same for all threads, so one at a time comes in.
    """
    with _at_work, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


@contextmanager
def open_picture(picture: object) -> Iterator[Image.Image]:
    """A picture, to be loaded in this context; a PIL image is handed through, and stays open.

    Raises:
        PictureError: it cannot be opened, or what is done to it in this context fails.
        MemoryError: the memory does not suffice for it.
    """
    from PIL import Image

    if isinstance(picture, Image.Image):
        with _explained(name := _name(picture)):
            _check_size(picture, name)
            yield picture
        return
    path = _path(picture)
    name = _name(path)
    with _explained(name, path):
        _check_is_file(path, name)
        with Image.open(path, formats=FORMATS) as opened:
            _check_size(opened, name)
            yield opened


@contextmanager
def open_bytes(path: object) -> Iterator[BufferedReader]:
    """The file of a picture, as it lies on the disk.

    Raises:
        PictureError: it cannot be opened, or what is done to it in this context fails.
    """
    path = _path(path)
    with _explained(name := _name(path), path):
        _check_is_file(path, name)
        with open(path, "rb") as file:
            yield file


@contextmanager
def _explained(name: str, path: str = "") -> Iterator[None]:
    """Make a fault of whatever Pillow raises, of which there are many kinds."""
    try:
        yield
    except (PictureError, MemoryError):
        raise
    except FileNotFoundError:
        raise PictureError(f"there is no file {name}") from None
    except PermissionError:
        raise PictureError(f"{name} may not be read: its permissions forbid it") from None
    except Exception as error:
        raise PictureError(f"{name} {_damage(path, error)}") from None


def _damage(path: str, error: Exception) -> str:
    """What seems to be wrong with a file that cannot be decoded."""
    if "decompression bomb" in str(error):
        return _TOO_LARGE
    head = _head(path)
    if path and not is_begun(head):
        kind = told_by_first_bytes(head)
        is_one = f"is {kind}, and none" if kind else "is no picture"
        return f"{is_one} of the kinds that are read (PNG, JPEG, WebP, BMP, GIF, TIFF)"
    if "closed" in str(error):
        return "is closed: open it anew, or load it before"
    if re.search("truncated|not enough|short|unexpected end|broken|incomplete", str(error).lower()):
        return "is cut short: copy or fetch the file anew"
    said = f" ({type(error).__name__}: {str(error)[:80]})"
    known = "cannot identify" in str(error)  # which says no more than this does
    return f"is damaged or cut short{'' if known else said}: copy or fetch the file anew"


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(16)
    except OSError:
        return b""


def _name(picture: object) -> str:
    if not isinstance(picture, str):
        file = getattr(picture, "filename", "")
        return (
            f"the PIL image of {_name(file)}" if isinstance(file, str) and file else "the PIL image"
        )
    shown = picture if picture.isprintable() else ascii(picture)
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 1]}…"


def _path(picture: object) -> str:
    path = os.fspath(picture) if isinstance(picture, os.PathLike) else picture
    if not isinstance(path, str):
        raise PictureError(
            f"the picture {' '.join(text_fault(path).split())}; the path of a file or a PIL image "
            "is expected"
        )
    if _ADDRESS.match(path):
        raise PictureError(f"{_name(path)} is a web address: download it first, and give its path")
    if not path.strip() or "\0" in path:
        raise PictureError(f"the picture's path {text_fault(path)}")
    return path


def _check_is_file(path: str, name: str) -> None:
    state = os.stat(path)
    if stat.S_ISDIR(state.st_mode):
        raise PictureError(f"{name} is a folder: name a picture in it")
    if not stat.S_ISREG(state.st_mode):
        raise PictureError(f"{name} is no ordinary file")
    if not state.st_size:
        raise PictureError(f"{name} is empty: it has 0 bytes")


def _check_size(picture: Image.Image, name: str) -> None:
    if not picture.width * picture.height:
        raise PictureError(f"{name} has {picture.width} x {picture.height} pixels")
    if picture.width * picture.height > MOST_PIXELS:
        raise PictureError(f"{name} has {picture.width:,} x {picture.height:,} pixels; {_LIMIT}")
