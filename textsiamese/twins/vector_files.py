"""The files of a vector store: they grow a part at a time, and a kill costs the last part at most.

====================  ==========================================================================
``store.json``        whose vectors lie here: name and fingerprint of the twin, the side of one
                      with two encoders, how wide, which type
``vectors.f32``       the vectors end to end; or ``vectors.f16``
``texts.digests``     16 bytes for each of them, which tell what text it is of; no text lies here
``pictures.digests``  the same, where they are of pictures
====================  ==========================================================================

Of each part the vectors are written first, and once the disk has them, the digests. What both
files hold whole counts, the rest is cut off by whoever adds next. So others may read meanwhile.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from textsiamese.errors import InputError, OutputError
from textsiamese.inputs.digests import DIGEST_BYTES, DigestIndex, Digests
from textsiamese.locking import FolderLock
from textsiamese.writing import json_bytes, sync_folder, told, write_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]

_FORMAT = 1
_ABOUT = "store.json"
_SHOWN = 8  # of a fingerprint's 64 digits, and all that follows them


@dataclass(frozen=True)
class Kept:
    """What ``store.json`` says of the vectors in a folder.

    Attributes:
        twin: the name of the twin that they are of.
        fingerprint: what tells it from others of that name.
        dim: how wide they are.
        dtype: "float32" or "float16".
        side: "left" or "right", where the twin has two encoders; else "".
        reads: what it encodes there, "texts" or "pictures".
    """

    twin: str
    fingerprint: str
    dim: int
    dtype: str
    side: str = ""
    reads: str = "texts"


class VectorFiles:
    """Vectors of texts or pictures in a folder, and the digests of these.

    Args:
        folder: one that such vectors lie in, an empty one, or none yet.
        kept: which ones.

    Attributes:
        vectors: (n, dim), a read-only map of the file.
        index: finds the row of a vector by the digest of its input; in memory.

    Raises:
        InputError: if the folder holds other vectors or other files, or cannot be read.
    """

    vectors: Floats
    index: DigestIndex

    def __init__(self, folder: Path, kept: Kept) -> None:
        self._folder, self._kept = folder, kept
        self._dtype = np.dtype(kept.dtype).newbyteorder("<")
        self._vectors = folder / f"vectors.f{8 * self._dtype.itemsize}"
        self._digests = folder / f"{kept.reads}.digests"
        self.look()

    def look(self) -> None:
        """Take in what the files hold by now.

        Raises:
            InputError: as on opening.
        """
        with _readable(self._folder):
            self._check()
            digests = np.fromfile(self._digests, "<u8") if self._digests.exists() else np.zeros(0)
            size = self._vectors.stat().st_size if self._vectors.exists() else 0
            count = min(len(digests) // 2, size // (self._kept.dim * self._dtype.itemsize))
            self.index = DigestIndex(digests[: 2 * count].astype(np.uint64).reshape(-1, 2))
            self.vectors = self._mapped((count, self._kept.dim))

    @contextmanager
    def growing(self) -> Iterator[None]:
        """While this lasts, nobody else may add, and `append` may be called.

        Raises:
            InputError: as on opening.
            OutputError: if the folder cannot be written, or another process is adding to it.
        """
        lock = FolderLock(self._folder)
        with told(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            if not lock.take():
                raise OutputError(f"another process is adding to {self._folder}; wait for it")
        try:
            self.look()
            self._cut()
            yield
        finally:
            lock.release()
            self.look()

    def append(self, vectors: Floats, digests: Digests) -> None:
        """Keep a part: (m, dim) vectors and (m, 2) digests; on return the disk has both.

        Raises:
            OutputError: if they cannot be written; then the parts before stay.
        """
        with told(self._folder):
            _append(self._vectors, vectors.astype(self._dtype, copy=False).tobytes())
            _append(self._digests, digests.astype("<u8", copy=False).tobytes())

    def _cut(self) -> None:
        """Cut both files to what both hold whole; where there are none, begin them."""
        about = json_bytes({"format": _FORMAT, **asdict(self._kept)})
        with told(self._folder):
            if not (self._folder / _ABOUT).exists():
                write_whole(self._folder / _ABOUT, lambda file: file.write(about))
            _cut(self._vectors, self.vectors.nbytes)
            _cut(self._digests, DIGEST_BYTES * len(self.vectors))
            sync_folder(self._folder)

    def _mapped(self, shape: tuple[int, int]) -> Floats:
        if not shape[0]:  # an empty file cannot be mapped
            return np.zeros(shape, self._dtype)
        return np.memmap(self._vectors, self._dtype, "r", shape=shape)

    def _check(self) -> None:
        if self._folder.exists() and not self._folder.is_dir():
            raise InputError(f"{self._folder} is a file; vectors are kept in a folder: name one")
        if (self._folder / _ABOUT).exists():
            self._compare(_read(self._folder / _ABOUT))
        elif self._folder.exists() and not all(map(_is_begun, self._folder.iterdir())):
            raise InputError(
                f"{self._folder} is no folder of vectors: it holds other files, and no {_ABOUT}; "
                "name another folder"
            )

    def _compare(self, known: Kept) -> None:
        kept = self._kept
        if (known.fingerprint, known.dim) != (kept.fingerprint, kept.dim):
            raise InputError(
                f"{self._folder} holds vectors of {_named(known)}, not of {_named(kept)}: name "
                f"another folder, or remove this one, and the {kept.reads} are encoded anew"
            )
        if (known.side, known.reads) != (kept.side, kept.reads):
            raise InputError(
                f"{self._folder} holds vectors of the {known.side} side of {known.twin}, not of "
                f"its {kept.side} side: name another folder"
            )
        if known.dtype != kept.dtype:
            raise InputError(
                f"{self._folder} holds vectors in {known.dtype}, not in {kept.dtype}: open it with "
                f"dtype={known.dtype!r}, or name another folder"
            )


def _read(path: Path) -> Kept:
    try:
        about = json.loads(path.read_bytes())
        newer = about.pop("format") > _FORMAT
        known = None if newer else Kept(**about)
    except (ValueError, TypeError, LookupError, AttributeError):
        raise InputError(
            f"{path} is damaged, so nothing tells whose vectors lie there: remove the folder, "
            "and all are encoded anew"
        ) from None
    if known is None:
        raise InputError(f"{path} is of a newer textsiamese: pip install -U textsiamese")
    return known


def _named(kept: Kept) -> str:
    shown = kept.fingerprint[:_SHOWN] + kept.fingerprint[64:]
    return f"{kept.twin} ({shown}, {kept.dim} wide)"


def _is_begun(path: Path) -> bool:
    """Whether it is what a process leaves that was killed while it wrote ``store.json``."""
    return path.name.startswith(f".{_ABOUT}.")


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _cut(path: Path, size: int) -> None:
    with path.open("ab") as file:
        file.truncate(size)


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {error.strerror or error}") from error
