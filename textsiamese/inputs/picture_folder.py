"""A folder of pictures as a table: a row for each, in the order of their names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from textsiamese.errors import InputError
from textsiamese.inputs.batches import Batch
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.picture_paths import SUFFIXES
from textsiamese.inputs.texts import text_array

if TYPE_CHECKING:
    import pyarrow as pa

PICTURE_COLUMN = "picture"


class PictureFolder:
    """The pictures of a folder and of the folders in it, as a table with the column "picture".

    A cell is the path below the folder. What is a picture is told by the suffix; other files are
    left out, and `notes` says how many. Links to folders are not followed.
    """

    place = "row"
    unit = "rows"

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Look through the folder.

        Raises:
            InputError: it cannot be read, or there is no picture in it.
        """
        self.folder = Path(folder)
        self.name = self.folder.name or str(folder)
        self.columns = [PICTURE_COLUMN]
        files = _files(self.folder)
        self._paths = [path for path in files if path.lower().endswith(SUFFIXES)]
        if not self._paths:
            raise InputError(f"{folder} holds no picture: no file ends in {', '.join(SUFFIXES)}")
        self.size: int | None = len(self._paths)
        self.notes = _left_out(self.name, [p for p in files if not p.lower().endswith(SUFFIXES)])

    @property
    def schema(self) -> pa.Schema:
        """The one column."""
        import pyarrow as pa

        return pa.schema([(PICTURE_COLUMN, pa.string())])

    def fingerprint(self) -> str:
        """Digest of the names, sizes and times of all pictures."""
        digest = hashlib.sha256()
        for path in self._paths:
            digest.update(f"{path}\0{_state(self.folder / path)}\n".encode())
        return digest.hexdigest()

    def batches(self, roles: Columns, rows: int, skip: int) -> Iterator[Batch]:
        """Read on in batches; see `Source`."""
        import pyarrow as pa

        for index in range(skip, -(-len(self._paths) // rows)):
            start = index * rows
            paths = self._paths[start : start + rows]
            end = start + len(paths)
            table = pa.Table.from_arrays([text_array(paths)], schema=self.schema)
            lines = range(start + 1, end + 1)
            yield Batch(index, start, table, paths, paths, None, lines, {}, end)


def _files(folder: Path) -> list[str]:
    """The paths of all files below a folder, sorted; names that are no Unicode are left out."""
    found = []
    for root, _, names in os.walk(folder, onerror=_refuse):
        found += [(Path(root) / name).relative_to(folder).as_posix() for name in names]
    return sorted(filter(_is_unicode, found))


def _state(file: Path) -> str:
    """Size and time of a file; "" of one that cannot be seen, such as a link to nothing."""
    try:
        state = file.stat()
    except OSError:
        return ""
    return f"{state.st_size}\0{state.st_mtime_ns}"


def _is_unicode(path: str) -> bool:
    return path.encode("utf-8", "ignore").decode() == path


def _refuse(error: OSError) -> None:
    raise InputError(f"{error.filename} cannot be read: {error.strerror}") from error


def _left_out(name: str, others: list[str]) -> list[str]:
    if not others:
        return []
    files = "1 file" if len(others) == 1 else f"{len(others):,} files"
    return [f"{name}: {files} left out, as the suffix is none of a picture ({others[0]} the first)"]
