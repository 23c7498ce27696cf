"""Texts as callers hand them over: what can be scored, and a clear word on what cannot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from textsiamese.errors import InputError

OnProblem = Literal["raise", "nan"]


def problem_of(text: object) -> str:
    """Why ``text`` cannot be encoded; empty if it can."""
    if isinstance(text, str):
        return "" if text and not text.isspace() else "an empty text"
    if text is None or (isinstance(text, float) and text != text):
        return "a missing value"
    return f"{text!r:.60}, of type {type(text).__name__}"


def checked_texts(texts: Iterable[object], name: str, on_problem: OnProblem) -> list[str | None]:
    """The texts as a list; None where one cannot be encoded and ``on_problem`` is "nan".

    Raises:
        InputError: naming the index of the first unusable text, if ``on_problem`` is "raise";
            or if ``on_problem`` is anything else.
    """
    if on_problem not in ("raise", "nan"):
        raise InputError(f"on_problem is {on_problem!r}; it must be 'raise' or 'nan'")
    found: list[str | None] = []
    for index, text in enumerate(texts):
        if isinstance(text, str) and text and not text.isspace():
            found.append(text)
            continue
        if on_problem == "raise":
            raise InputError(
                f"{name}[{index}] is {problem_of(text)}; a non-empty str is expected "
                "(on_problem='nan' gives NaN there instead)"
            )
        found.append(None)
    return found
