"""Names in the middle of questions, and the rules that change and exchange those of one sort."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np

from textsiamese.inputs.phrases import BOTH_WAYS
from textsiamese.inputs.rewriting import Rule

_WORD = r"(?!I\b)[A-Z][\w+#-]*"
_PLACE = rf"\b([a-z]+) ({_WORD})(?= ([a-z]+)|\?)"
_AT = "in|from|to|for|by|on|against|at|about|under|into|of"
_TWO = rf"\b({_AT}) ({_WORD})((?: [a-z]+)*) (?!\1\b)({_AT}) (?!\2\b)({_WORD})(?=\?| [a-z])"

_SEEN, _SHARED = 10, 4
_FEW = 20  # places: a name with fewer is near to none by chance
_NEAREST, _NEAR = 6, 12

_ONE_THING = [
    set(names.split())
    for names in (
        "USA US America American States Americans",
        "UK Britain British England English",
        "Hillary Clinton",
        "Donald Trump",
        "Narendra Modi",
        "Bengaluru Bangalore",
        "Mumbai Bombay",
        "Chennai Madras",
        "Kolkata Calcutta",
        "Masters MS MSc MTech",
        "BTech BE Engineering",
        "IAS UPSC CSE",
        "IIT JEE IIT-JEE",
        "God Jesus Allah Lord",
        "Muslim Muslims Islamic Islam",
        "Russia USSR Soviet Russians",
    )
]


class Names:
    """Which names of some texts stand in the same places, so that one can be put for another.

    A place is the word before a name and the word after it: "learn ... in".

    Args:
        texts: questions. Names that they hold fewer than ten times are not known.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        from scipy.sparse import csr_array

        found = Counter(
            (name, (before, after))
            for text in texts
            for before, name, after in re.findall(_PLACE, text)
        )
        times: Counter[str] = Counter()
        for (name, _), count in found.items():
            times[name] += count
        self._names = sorted(name for name, count in times.items() if count >= _SEEN)
        self._number = {name: number for number, name in enumerate(self._names)}
        places = {p: number for number, p in enumerate(dict.fromkeys(place for _, place in found))}
        stands = [(self._number[n], places[p]) for n, p in found if n in self._number]
        rows, columns = np.array(stands, dtype=np.int64).reshape(-1, 2).T
        shape = (len(self._names), len(places))
        self._stands = csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
        self._nearest: dict[str, list[str]] = {}

    @property
    def rules(self) -> list[Rule]:
        """What makes another question of one with names: another name, or two of them exchanged."""
        return [
            Rule("name", False, _PLACE, self._another),
            Rule("order", False, _TWO, self._exchanged, BOTH_WAYS),
        ]

    def near(self, name: str) -> list[str]:
        """The names that share most places with this one, at most 12, the nearest first.

        Those spelt much alike are left out: they may be the same name.
        """
        if name not in self._number:
            return []
        if name not in self._nearest:
            self._nearest[name] = self._find(self._number[name])
        return self._nearest[name]

    def _find(self, number: int) -> list[str]:
        shared = self._stands @ self._stands[[number]].toarray()[0]
        likeness = shared / np.sqrt(self._stands.sum(axis=1) + _FEW)
        order = np.argsort(-likeness, kind="stable")
        name = self._names[number]
        fit = (self._names[other] for other in order if shared[other] >= _SHARED)
        return [other for other in fit if not _alike(name, other)][:_NEAR]

    def _another(self, match: re.Match[str], draw: np.random.Generator) -> str | None:
        others = self.near(match[2])[:_NEAREST]
        return f"{match[1]} {others[int(draw.integers(len(others)))]}" if others else None

    def _exchanged(self, match: re.Match[str], _: np.random.Generator) -> str | None:
        at, one, between, where, other = match.groups()
        if other not in self.near(one) or one not in self.near(other):
            return None
        return f"{at} {other}{between} {where} {one}"


def _alike(one: str, other: str) -> bool:
    """Whether one may be the other, its plural, abbreviation or another spelling of it."""
    if any(one in same and other in same for same in _ONE_THING):
        return True
    one, other = one.casefold(), other.casefold()
    return one[:3] == other[:3] or one in other or other in one
