"""A page to look through: left inputs beside their matches, in one HTML file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from textsiamese import __version__
from textsiamese.inputs.sides import SideChunk
from textsiamese.judging.sections import facts_list
from textsiamese.serving.ranking import Ranked
from textsiamese.serving.thumbnails import thumbnails
from textsiamese.writing import check_free, told, write_whole

if TYPE_CHECKING:
    from textsiamese.twins.twin import Twin

MOST = 100
_SHOWN = 400  # characters of a text

_FILTERS = (("all", "All"), ("same", "With a match called same"), ("none", "Without one"))


@dataclass(frozen=True)
class _Match:
    row: int
    input: Any
    similarity: float
    probability: float | None
    same: bool


@dataclass(frozen=True)
class _Entry:
    row: int
    input: Any
    problem: str
    matches: Sequence[_Match]


class MatchPage:
    """The first left rows beside their matches; what a picture's path names is shown small.

    It loads nothing from anywhere, opens in light and in dark, and is there whole or not at all.

    Args:
        path: the file.
        twin: what matches.
        overwrite: replace a file that is there.

    Raises:
        InputError: the name cannot be that of a file.
        OutputExistsError: the file is there, and `overwrite` is not asked for.
    """

    def __init__(self, path: str | os.PathLike[str], twin: Twin, *, overwrite: bool) -> None:
        self.path = Path(path)
        check_free(self.path, overwrite=overwrite)
        self._twin = twin
        self._entries: list[_Entry] = []

    @property
    def room(self) -> int:
        """How many left rows may still come."""
        return MOST - len(self._entries)

    def add(self, chunk: SideChunk, found: Ranked, right: Sequence[Any]) -> None:
        """Take the rows of a chunk and their matches, as long as there is room."""
        decision = self._twin.decision
        for number in range(min(self.room, len(chunk.inputs))):
            matches = []
            for at in (found.query == number).nonzero()[0].tolist():
                row, likely = int(found.row[at]), None
                if found.probability is not None:
                    likely = float(found.probability[at])
                same = decision is not None and likely is not None and bool(decision.decide(likely))
                matches.append(_Match(row, right[row], float(found.similarity[at]), likely, same))
            row = chunk.start + number
            problem = chunk.problems[number]
            self._entries.append(_Entry(row, chunk.inputs[number], problem, matches))

    def write(self, left: str, right: str, rows: int, facts: Sequence[tuple[str, str]]) -> None:
        """Write the file.

        Args:
            left, right: what the tables are called.
            rows: how many left rows there are in all.
            facts: what the page says at its top, as names and values.

        Raises:
            OutputError: it cannot be written.
        """
        content = self._page(left, right, rows, facts).encode("utf-8", "replace")
        with told(self.path):
            write_whole(self.path, lambda file: file.write(content))

    def _page(self, left: str, right: str, rows: int, facts: Sequence[tuple[str, str]]) -> str:
        shown = len(self._entries)
        first = "All of them are" if shown == rows else f"The first {shown:,} of {rows:,} are"
        lead = f'<p class="lead">Rows of {escape(left)}, each beside what fits best. {first} here.'
        body = "\n".join(
            [
                facts_list(facts),
                f"{lead} Rows are counted from 0.</p>",
                self._buttons(),
                self._list(),
            ]
        )
        return Template(_asset("textsiamese.judging", "report.html")).substitute(
            title=f"{escape(left)} against {escape(right)}",
            style=_asset("textsiamese.judging", "report.css")
            + _asset("textsiamese.serving", "match.css"),
            script=_asset("textsiamese.serving", "match.js"),
            body=body,
            data="{}",
            footer=f"Written by textsiamese {__version__}. Everything is in this file.",
        )

    def _buttons(self) -> str:
        if self._twin.decision is None:
            return ""
        buttons = "".join(
            f'<button type="button" data-show="{name}" aria-pressed="{str(name == "all").lower()}">'
            f'{words} (<span data-count="{name}">{self._count(name)}</span>)</button>'
            for name, words in _FILTERS
        )
        return f'<div class="presets" hidden>{buttons}</div>'

    def _count(self, name: str) -> int:
        same = sum(any(match.same for match in entry.matches) for entry in self._entries)
        counts = {"all": len(self._entries), "same": same}
        return counts.get(name, len(self._entries) - same)

    def _list(self) -> str:
        pictured = [self._twin.reads(side) == "pictures" for side in ("left", "right")]
        paths = [e.input for e in self._entries if pictured[0] and e.input is not None]
        paths += [m.input for e in self._entries for m in e.matches if pictured[1]]
        small = thumbnails(paths)
        return "".join(_article(entry, pictured, small) for entry in self._entries)


def _article(entry: _Entry, pictured: Sequence[bool], small: dict[Any, str]) -> str:
    same = any(match.same for match in entry.matches)
    asked = f'<p class="none">{escape(entry.problem)}</p>'
    if not entry.problem:
        asked = _input(entry.input, pictured[0], small)
    items = "".join(_item(match, pictured[1], small) for match in entry.matches)
    found = f'<ol class="found {"pictures" if pictured[1] else "texts"}">{items}</ol>'
    if not entry.matches:
        found = "" if entry.problem else '<p class="none">No match.</p>'
    return (
        f'<article class="panel entry" data-same="{int(same)}"><div class="asked">'
        f"<small>row {entry.row:,}</small>{asked}</div>{found}</article>"
    )


def _item(match: _Match, pictured: bool, small: dict[Any, str]) -> str:
    value, bar = f"{match.similarity:.3g}", ""
    if match.probability is not None:
        value = _percent(match.probability)
        bar = f'<i class="likely" style="--at:{match.probability:.4f}" aria-hidden="true"></i>'
    said = "same" if match.same else "different"
    title = f"similarity {match.similarity:.4g}, row {match.row:,}"
    return (
        f'<li class="{said}" title="{title}"><div class="says">{bar}<b>{value}</b></div>'
        f"{_input(match.input, pictured, small)}</li>"
    )


def _percent(share: float) -> str:
    """In percent; what is not quite nothing or all does not look so."""
    if 0 < share < 0.0005:
        return "&lt;0.1%"
    return "&gt;99.9%" if 0.9995 <= share < 1 else f"{share:.1%}"


def _input(given: Any, pictured: bool, small: dict[Any, str]) -> str:
    """A text, or a picture and its name."""
    if not pictured:
        return f"<q dir=auto>{_shortened(given)}</q>"
    name = escape(Path(given).name)
    shown = f'<small class="name" title="{name}">{name}</small>'
    if given not in small:
        return shown
    return f'<img src="{small[given]}" alt="{name}" loading="lazy">{shown}'


def _shortened(text: str) -> str:
    if len(text) <= _SHOWN:
        return escape(text)
    return f"{escape(text[:_SHOWN])}… <small>({len(text):,} characters)</small>"


def _asset(package: str, name: str) -> str:
    return files(package).joinpath("page", name).read_text(encoding="utf-8")
