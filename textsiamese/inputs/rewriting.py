"""One way to rewrite a question, and what the outcome is to the question: the same, or another."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

Put = str | Callable[[re.Match[str], np.random.Generator], str | None]


@dataclass(frozen=True)
class Rule:
    """Finds something in a question and puts something else there.

    Args:
        kind: what it is about: "order", "negation", "number", "name" or "wording".
        same: whether the question that it makes asks the same as the one that it was made from.
        find: a regular expression; only its first match is replaced.
        put: what to put there: a template as for `re.Match.expand`, or a function of the match
            and what draws; where it gives None, the question is left alone.
        unless: a regular expression; questions that hold it are left alone.
    """

    kind: str
    same: bool
    find: str
    put: Put
    unless: str | None = None

    def __call__(self, text: str, draw: np.random.Generator) -> str | None:
        """The question that the rule makes of this one; None where it makes none."""
        match = self._find.search(text)
        if match is None or (self._unless and self._unless.search(text)):
            return None
        new = match.expand(self.put) if isinstance(self.put, str) else self.put(match, draw)
        return None if new is None else text[: match.start()] + new + text[match.end() :]

    @cached_property
    def _find(self) -> re.Pattern[str]:
        return re.compile(self.find)

    @cached_property
    def _unless(self) -> re.Pattern[str] | None:
        return re.compile(self.unless) if self.unless else None


def rules(kind: str, same: bool, *ways: tuple[str, Put] | tuple[str, Put, str]) -> list[Rule]:
    """Several rules of one kind and sort, each given as its find, put and, if any, unless."""
    return [Rule(kind, same, *way) for way in ways]
