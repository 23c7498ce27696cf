"""Files that are there whole or not at all, and why one cannot be written, in a sentence."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from textsiamese.errors import InputError, OutputError, OutputExistsError, TextsiameseError

Write = Callable[[BinaryIO], object]

_REASONS = {
    errno.ENOSPC: "there is no space left on its disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "this user has no permission to write there",
    errno.EPERM: "this user has no permission to write there",
    errno.EROFS: "its disk is read-only",
    errno.ENAMETOOLONG: "its name is too long",
    errno.EFBIG: "it is larger than a file may be",
}


@contextmanager
def told(name: object) -> Iterator[None]:
    """Turn an error of the operating system into a sentence about the output.

    Raises:
        OutputError: saying why the output cannot be written.
    """
    try:
        yield
    except (TextsiameseError, BrokenPipeError):
        raise
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
        raise OutputError(f"{name} cannot be written: {reason}") from error


def check_free(path: Path, *, overwrite: bool) -> None:
    """Refuse an output that cannot be written, before any work is done for it.

    Raises:
        InputError: it is a folder or no regular file, or there is no folder to write it into.
        OutputExistsError: it is there, and `overwrite` is not asked for.
    """
    with told(path):
        if path.is_dir():
            raise InputError(f"{path} is a folder; name a file in it")
        if not path.parent.is_dir():
            raise InputError(
                f"there is no folder {path.parent} to write {path.name} into; make it first"
            )
        if not path.exists():
            return
        if not path.is_file():
            raise InputError(f"{path} is no regular file; give the output another name")
        if not overwrite:
            raise OutputExistsError(
                f"{path} is there already; replace it with --overwrite (overwrite=True in "
                f"Python), or choose another output"
            )


def write_whole(path: Path, write: Write) -> None:
    """Write a file that is there whole or not at all, and stays when the power goes.

    Where `path` is a symbolic link, what it points to is replaced.
    """
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    write_synced(temporary, write)
    os.replace(temporary, path)
    sync_folder(path.parent)


def write_synced(path: Path, write: Write) -> None:
    """Write a file and wait for the disk; if that fails, nothing is left of it."""
    try:
        with path.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def json_bytes(values: Any) -> bytes:
    """The bytes of a JSON file; the same values give the same bytes."""
    return json.dumps(values, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
