"""Texts as callers hand them over: what can be scored, and a clear word on what cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.texts import text_fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

OnProblem = Literal["raise", "nan"]


def is_single(given: object) -> bool:
    """Whether ``given`` is one value (a text, or a missing one), and not a row of them."""
    return isinstance(given, (str, bytes)) or not isinstance(given, Iterable)


def checked_texts(given: Any, name: str, on_problem: OnProblem) -> list[str | None]:
    """The texts as a list; None where one cannot be encoded and ``on_problem`` is "nan".

    Args:
        given: one text, or a row of them: list, Series, array, any iterable.
        name: what the caller calls it, for messages.
        on_problem: "raise", or "nan".

    Raises:
        InputError: naming the index of the first unusable text, if ``on_problem`` is "raise";
            if ``on_problem`` is anything else; or if ``given`` is a table, a matrix, a dict (of
            which only the keys would be read) or a set (which has no order).
    """
    if on_problem not in ("raise", "nan"):
        raise InputError(f"on_problem is {on_problem!r}; it must be 'raise' or 'nan'")
    if not is_single(given) and getattr(given, "ndim", 1) != 1:
        raise InputError(f"{name} has {given.ndim} dimensions; give one column of texts")
    if isinstance(given, (Mapping, set, frozenset)):
        raise InputError(f"{name} is a {type(given).__name__}; give a list of texts, in order")
    found = [given] if is_single(given) else list(given)
    for index, text in enumerate(found):
        fault = text_fault(text)
        if fault and on_problem == "raise":
            raise InputError(
                f"{name}[{index}] {fault}; a non-empty str is expected "
                "(on_problem='nan' gives NaN there instead)"
            )
        if fault:
            found[index] = None
    return found


def checked_pairs(
    a: Any, b: Any, on_problem: OnProblem
) -> tuple[list[str], list[str], NDArray[np.bool_]]:
    """The usable pairs of two sides.

    Returns:
        their left texts, their right texts, and bool (n,): which of the n rows they are.

    Raises:
        InputError: as :func:`checked_texts`; if one side is a single text and the other is not; or
            if the lengths differ.
    """
    if is_single(a) != is_single(b):
        raise InputError(
            "one side is a single text and the other is not: give two texts or two lists"
        )
    left, right = checked_texts(a, "a", on_problem), checked_texts(b, "b", on_problem)
    if len(left) != len(right):
        raise InputError(f"a has {len(left)} texts and b has {len(right)}; they must be as many")
    usable = [x is not None and y is not None for x, y in zip(left, right, strict=True)]
    kept = [(x, y) for x, y in zip(left, right, strict=True) if x is not None and y is not None]
    return [x for x, _ in kept], [y for _, y in kept], np.array(usable, dtype=np.bool_)
