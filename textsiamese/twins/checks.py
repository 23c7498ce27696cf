"""Texts and pictures as callers hand them over: those that can be encoded, and a word on others."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.left_right import Reads
from textsiamese.inputs.texts import text_fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

OnProblem = Literal["raise", "nan"]
_WANTED = {"texts": "a non-empty str", "pictures": "a path or a PIL image"}


def is_single(given: object) -> bool:
    """Whether ``given`` is one value (a text, or a missing one), and not a row of them."""
    return isinstance(given, (str, bytes)) or not isinstance(given, Iterable)


def checked_inputs(
    given: Any, name: str, on_problem: OnProblem, reads: Reads = "texts"
) -> list[Any]:
    """The inputs as a list; None where one cannot be encoded and ``on_problem`` is "nan".

    Args:
        given: one text or picture, or a row of them: list, Series, array, any iterable.
        name: what the caller calls it, for messages.
        on_problem: "raise", or "nan".
        reads: what is wanted; a picture is a path or a PIL image. Whether there is one at the end
            of a path is seen when it is read.

    Raises:
        InputError: naming the index of the first unusable input, if ``on_problem`` is "raise";
            if ``on_problem`` is anything else; or if ``given`` is a table, a matrix, a dict (of
            which only the keys would be read) or a set (which has no order).
    """
    if on_problem not in ("raise", "nan"):
        raise InputError(f"on_problem is {on_problem!r}; it must be 'raise' or 'nan'")
    if not is_single(given) and getattr(given, "ndim", 1) != 1:
        raise InputError(f"{name} has {given.ndim} dimensions; give one column of {reads}")
    if isinstance(given, (Mapping, set, frozenset)):
        raise InputError(f"{name} is a {type(given).__name__}; give a list of {reads}, in order")
    found = [given] if is_single(given) else list(given)
    for index, each in enumerate(found):
        fault = _fault(each, reads)
        if fault and on_problem == "raise":
            raise InputError(
                f"{name}[{index}] {fault}; {_WANTED[reads]} is expected "
                "(on_problem='nan' gives NaN there instead)"
            )
        if fault:
            found[index] = None
    return found


def checked_pairs(
    a: Any, b: Any, on_problem: OnProblem, reads: tuple[Reads, Reads] = ("texts", "texts")
) -> tuple[list[Any], list[Any], NDArray[np.bool_]]:
    """The usable pairs of two sides.

    Returns:
        their left inputs, their right ones, and bool (n,): which of the n rows they are.

    Raises:
        InputError: as :func:`checked_inputs`; if one side is a single input and the other is not;
            or if the lengths differ.
    """
    if is_single(a) != is_single(b):
        raise InputError(
            "one side is a single input and the other is not: give two of them, or two lists"
        )
    left = checked_inputs(a, "a", on_problem, reads[0])
    right = checked_inputs(b, "b", on_problem, reads[1])
    if len(left) != len(right):
        raise InputError(
            f"a has {len(left)} {reads[0]} and b has {len(right)} {reads[1]}; they must be as many"
        )
    usable = [x is not None and y is not None for x, y in zip(left, right, strict=True)]
    kept = [(x, y) for x, y in zip(left, right, strict=True) if x is not None and y is not None]
    return [x for x, _ in kept], [y for _, y in kept], np.array(usable, dtype=np.bool_)


def _fault(value: object, reads: Reads) -> str:
    """What keeps a value from being read, or "" if nothing that is seen without opening it."""
    if reads == "pictures" and _is_picture(value):
        return ""
    fault = text_fault(value)
    if not fault.startswith("is no text") or reads == "texts":
        return fault
    return f"is no picture but an object of type {type(value).__name__}"


def _is_picture(value: object) -> bool:
    """Whether it is a path as an object, or a PIL image; a path may be a str as well."""
    pillow = sys.modules.get("PIL.Image")
    return isinstance(value, PathLike) or (pillow is not None and isinstance(value, pillow.Image))
