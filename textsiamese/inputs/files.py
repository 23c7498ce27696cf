"""A table's file: opened, decompressed, told apart by its first bytes, fingerprinted."""

from __future__ import annotations

import difflib
import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from textsiamese.errors import InputError, TextsiameseError
from textsiamese.inputs.tape import Tape

BLOCK = 1 << 20
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


class TableFile:
    """A file or pipe that holds a table.

    Attributes:
        path: where it lies.
        name: the file's name, or "<stdin>".
        size: bytes in the file as it lies there; None for a pipe.
    """

    def __init__(self, source: str | os.PathLike[str]) -> None:
        """Look at the file `source`, or at standard input for "-".

        Raises:
            InputError: there is no such file, or it is a folder.
        """
        if not str(source):
            raise InputError('the name of the table is empty (""); give the path of a file')
        self.path = Path(source)
        self._tape: Tape | None = None
        self.size: int | None = None
        if str(source) == "-":
            self.name = "<stdin>"
            self._tape = Tape(getattr(sys.stdin, "buffer", sys.stdin), self.name)
            return
        self.name = self.path.name
        with _named(self.path):
            state = self.path.stat()
        if stat.S_ISDIR(state.st_mode):
            raise InputError(f"{source} is a folder; a table is one file: name the file in it")
        if stat.S_ISREG(state.st_mode):
            self.size = state.st_size
        else:
            self.name = str(source)
            with _named(self.path):
                self._tape = Tape(self.path.open("rb", buffering=0), self.name)

    @property
    def piped(self) -> bool:
        """Whether the table comes through a pipe, which can be read only once."""
        return self._tape is not None

    @contextmanager
    def open(self, *, last: bool = False) -> Iterator[Bytes]:
        """Open at the first byte, decompressed; a pipe opens so until it is opened as the `last`.

        Raises:
            InputError: the file is not readable for this user, or the pipe was read before.
        """
        with _named(self.path):
            raw: Any = self._tape.play(last) if self._tape else self.path.open("rb", buffering=0)
        try:
            yield Bytes(raw, self.name)
        finally:
            raw.close()

    def fingerprint(self) -> str:
        """SHA-256 of the bytes of the file; "" for a pipe."""
        if self._tape:
            return ""
        digest = hashlib.sha256()
        with _named(self.path), self.path.open("rb", buffering=0) as raw:
            while block := raw.read(BLOCK):
                digest.update(block)
        return digest.hexdigest()


class Bytes:
    """The decompressed bytes of a file, block by block."""

    def __init__(self, raw: IO[bytes], name: str) -> None:
        self._raw = raw
        self._name = name
        with _readable(name):
            self._head = self._take(raw, 8)
        codec = next((c for magic, c in _MAGIC.items() if self._head.startswith(magic)), None)
        self._stream: Any = None
        if codec:
            import pyarrow as pa

            joined = pa.PythonFile(_Joined(self._head, raw), mode="r")
            self._stream = pa.CompressedInputStream(joined, codec)

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes; fewer only at the end.

        Raises:
            InputError: the compressed data are damaged or cut off.
        """
        if self._stream is None:
            with _readable(self._name):
                head, self._head = self._head[:size], self._head[size:]
                return head + self._take(self._raw, size - len(head))
        try:
            return self._take(self._stream, size)
        except OSError as error:
            raise InputError(
                f"{self._name}: the compressed data are damaged or cut off ({error}); "
                f"fetch or write the file anew"
            ) from error

    @property
    def packed(self) -> bool:
        """Whether the file is compressed."""
        return self._stream is not None

    @property
    def position(self) -> int:
        """How many bytes of the file as it lies there have been read."""
        return self._raw.tell()

    @staticmethod
    def _take(stream: Any, size: int) -> bytes:
        blocks = []
        while size > 0 and (block := stream.read(size)):
            blocks.append(block)
            size -= len(block)
        return b"".join(blocks)


class _Joined:
    """Bytes already read, then the rest of the stream they came from."""

    closed = False

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        head, self._head = self._head, b""
        return head or self._rest.read(size)

    def close(self) -> None:
        self.closed = True


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise TextsiameseError(f"{name} cannot be read: {reason}") from error


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Turn an error of the operating system into a sentence about the file."""
    try:
        yield
    except TextsiameseError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}{_near(path)}") from error
    except NotADirectoryError as error:
        raise InputError(f"there is no file {path}: a part of it is no folder") from error
    except PermissionError as error:
        raise InputError(f"{path} may not be read by this user; change its permissions") from error
    except ValueError as error:
        raise InputError(f"{str(path)!r} is no name of a file ({error})") from error
    except OSError as error:
        raise TextsiameseError(f"{path} cannot be read: {error.strerror or error}") from error


def _near(path: Path) -> str:
    if path.is_symlink():
        return f": it is a link to {os.readlink(path)}, which is not there"
    if not path.parent.is_dir():
        return f" (there is no folder {path.parent} either)"
    try:
        names = sorted(os.listdir(path.parent))
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.with_name(near[0])}?" if near else ""
