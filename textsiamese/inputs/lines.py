"""Bytes to lines of text, in any encoding, with the line and byte named where they do not fit."""

from __future__ import annotations

import codecs
import io
import itertools
import re
from collections.abc import Iterator

from textsiamese.errors import InputError
from textsiamese.inputs.files import BLOCK, Bytes

LONGEST = 1 << 24
"""A line, or a cell of a CSV, longer than this many characters is taken for a broken file."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_END = re.compile("\r\n|\r|\n")
_HOST_NAMES = ("idna", "punycode")  # Python lists them as text encodings; no file is written so


def find_encoding(head: bytes, wanted: str | None, name: str) -> str:
    """Choose the encoding: the one that is `wanted`, else by byte order mark, else UTF-8.

    Args:
        head: the first bytes of the file, 4 or more if it has them.
        wanted: the encoding the user named, if any.
        name: what messages call the file.

    Raises:
        InputError: there is no such encoding, or the bytes are UTF-16 without a mark.
    """
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    if wanted is None:
        if marked is None and len(head) > 3 and b"\0" in head[:2] and head[2:3] != head[3:4]:
            guess = "utf-16-be" if head[0] == 0 else "utf-16-le"
            raise InputError(
                f"{name} looks like UTF-16 without a byte order mark; "
                f'name the encoding: --encoding {guess} (encoding="{guess}" in Python)'
            )
        return marked or "utf-8"
    try:
        codec = codecs.lookup(wanted)
        "a".encode(wanted)
        if codec.name in _HOST_NAMES:
            raise LookupError(wanted)
    except (LookupError, ValueError) as error:
        raise InputError(
            f'there is no text encoding "{wanted}"; utf-8, utf-16, latin-1 and cp1252 are usual'
        ) from error
    family = codec.name.replace("-sig", "")
    return marked if marked and marked.startswith(family) else codec.name


def read_lines(stream: Bytes, encoding: str, name: str) -> Iterator[str]:
    """Read line after line, each with its own end: \\n, \\r\\n or \\r.

    Raises:
        InputError: bytes that are not of this encoding, with their line; a line beyond `LONGEST`.
    """
    return itertools.chain.from_iterable(_blocks(stream, encoding, name))


def _blocks(stream: Bytes, encoding: str, name: str) -> Iterator[list[str]]:
    decoder = codecs.getincrementaldecoder(encoding)()
    done, rest, first = 0, "", True
    while True:
        block = stream.read(BLOCK)
        try:
            text = decoder.decode(block, not block)
        except UnicodeDecodeError as error:
            raise _not_decoded(error, encoding, name, done, rest) from error
        except UnicodeError as error:  # as of a UTF-16 file without its byte order mark
            raise InputError(
                f"{name} is not {encoding}: {error}; try --encoding {encoding}-le "
                f'(encoding="{encoding}-le" in Python)'
            ) from error
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        lines = io.StringIO(rest + text, newline="").readlines()
        rest = lines.pop() if block and lines and not lines[-1].endswith("\n") else ""
        done += len(lines)
        yield lines
        if not block:
            return
        if len(rest) > LONGEST:
            raise InputError(f"{name}, line {done + 1} is longer than {LONGEST:,} characters")


def _not_decoded(
    error: UnicodeDecodeError, encoding: str, name: str, done: int, rest: str
) -> InputError:
    before = rest + error.object[: error.start].decode(encoding, "replace")
    line = done + len(_LINE_END.findall(before)) + 1
    near = _LINE_END.split(before)[-1][-20:]
    fix = (
        'name the encoding of the file, for instance --encoding latin-1 (encoding="latin-1" in '
        "Python)"
        if encoding == "utf-8"
        else "the file is cut off or damaged, or --encoding (encoding= in Python) names another one"
    )
    return InputError(
        f"{name}, line {line}: byte 0x{error.object[error.start]:02X}"
        f"{f' after {near!r}' if near else ''} is not {encoding.upper()}; {fix}"
    )
