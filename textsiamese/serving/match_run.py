"""A run over the left rows of a match: what is read, who is told, and where the matches go."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textsiamese import __version__
from textsiamese.errors import InputError
from textsiamese.inputs.sides import SideChunk, SideReader, joined_table
from textsiamese.serving.known import Known, know
from textsiamese.serving.matched import Columns, Matcher
from textsiamese.serving.pipeline import ahead
from textsiamese.serving.tally import Progress, Tally

if TYPE_CHECKING:
    from textsiamese.serving.match_page import MatchPage
    from textsiamese.serving.outputs import Output
    from textsiamese.serving.ranking import Ranked
    from textsiamese.twins.twin import Twin

_TOLD_PROBLEMS = 5
_TELL_AGAIN = 10.0  # seconds

Tell = Callable[[str], None]


@dataclass(frozen=True)
class MatchRun:
    """What is matched with what, how, and who is told about it; see `match_table`."""

    twin: Twin
    left: SideReader
    right: SideReader
    columns: Columns
    k: int
    least: float | None
    strict: bool
    tell: Tell
    progress: Callable[[Progress], None]

    def into(
        self, output: Output, index: str | os.PathLike[str] | None, page: MatchPage | None
    ) -> Tally:
        """Match all left rows that the output does not have yet; the counts over all rows."""
        chunks = list(self.right.chunks())
        inputs = [each for chunk in chunks for each in chunk.inputs]
        pictured = self.twin.reads("right") == "pictures"
        places = [place for chunk in chunks if pictured for place in chunk.places]
        table = joined_table(chunks, self.right.schema)
        self._tell_problems(self.right, chunks)
        del chunks
        known = self._know(inputs, places, index)
        schema = self.right.schema
        matcher = Matcher(self.twin, table, schema, known, self.columns, self.k, self.least)
        if page and output.done:
            self._show_again(matcher, inputs, page, len(output.done))
        tally = self._match(matcher, inputs, output, page)
        if page:
            page.write(self.left.name, self.right.name, tally.rows, self._facts(known))
            self.tell(f"to look through: {page.path}")
        return tally

    def _match(
        self, matcher: Matcher, inputs: Sequence[Any], output: Output, page: MatchPage | None
    ) -> Tally:
        """Read one chunk ahead of the chunk that is being matched."""
        tally = sum(output.done, Tally())
        if output.done:
            self.tell(f"going on after the {tally.rows:,} rows of an earlier run")
        self.progress(Progress(tally.rows, 0, self.left.size))
        told = 0
        with closing(ahead(self.left.chunks(skip=len(output.done)))) as chunks:
            for chunk in chunks:
                self.columns.check(chunk)
                chunk, found, noticed = self._matched(matcher, chunk)
                told = self._tell_problems(self.left, [chunk], told)
                rows = matcher.rows(chunk, found, noticed)
                output.write(rows)
                tally += rows.tally
                self.progress(Progress(tally.rows, chunk.position, self.left.size))
                if page and page.room:
                    page.add(chunk, found, inputs)
        if not tally.rows:
            raise InputError(f"{self.left.name} has no rows to match")
        self._tell_notes(self.left)
        return tally

    def _show_again(
        self, matcher: Matcher, inputs: Sequence[Any], page: MatchPage, finished: int
    ) -> None:
        """Match rows of an earlier run anew, as far as the page shows them."""
        with closing(ahead(self.left.chunks())) as chunks:
            for chunk in chunks:
                if not page.room or chunk.index >= finished:
                    return
                shown, found, _ = self._matched(matcher, chunk.first(page.room))
                page.add(shown, found, inputs)

    @staticmethod
    def _matched(matcher: Matcher, chunk: SideChunk) -> tuple[SideChunk, Ranked, Tally]:
        """The chunk, with what is wrong with its pictures, its matches, and what was noticed."""
        found, faults, noticed = matcher.match(chunk.inputs)
        return chunk.with_faults(faults), found, noticed

    def _know(
        self,
        inputs: Sequence[Any],
        places: Sequence[str],
        index: str | os.PathLike[str] | None,
    ) -> Known:
        self._tell_notes(self.right)
        reads, began = self.twin.reads("right"), time.perf_counter()
        known = know(self.twin, inputs, index=index, progress=_Steps(self.tell, reads))
        faults = sorted(known.faults.items())
        self._tell_each(self.right, [f"{places[row]}: {fault}" for row, fault in faults], 0)
        if not len(known):
            what = "a text" if reads == "texts" else "a picture that can be read"
            raise InputError(
                f'{self.right.name} has no row with {what} in its column "{self.right.column}"'
            )
        kept = f", {len(known.vectors) - known.encoded:,} taken from {index}" if index else ""
        seconds = time.perf_counter() - began
        self.tell(
            f"{self.right.name}: {len(known):,} rows, {len(known.vectors):,} different {reads}: "
            f"{known.encoded:,} encoded{kept} ({seconds:.1f} s)"
        )
        if self.k > len(known):
            self.tell(f"of {self.right.name} all {len(known):,} rows are ranked, as k is {self.k}")
        return known

    def _facts(self, known: Known) -> list[tuple[str, str]]:
        """What the page says at its top."""
        rows, different = len(known), len(known.vectors)
        facts = [
            ("Twin", self.twin.info.name),
            ("Matches a row, at most", f"{self.k}"),
            (
                f"Rows of {self.right.name}",
                f"{rows:,}" if rows == different else f"{rows:,}, {different:,} different",
            ),
        ]
        if self.twin.decision is None:
            return [*facts, ("Numbers", "similarities: the twin has no decision yet")]
        facts.append(("Called same", f"from a probability of {self.twin.threshold:.1%} on"))
        if self.least is not None:
            facts.append(("Left out", f"what is below a probability of {self.least:.1%}"))
        return facts

    def _tell_notes(self, reader: SideReader) -> None:
        for note in reader.notes:
            self.tell(note)

    def _tell_problems(
        self, reader: SideReader, chunks: Iterable[SideChunk], before: int = 0
    ) -> int:
        """Tell the first problems; returns how many there are with those before."""
        problems = [problem for chunk in chunks for problem in chunk.problems if problem]
        return self._tell_each(reader, problems, before)

    def _tell_each(self, reader: SideReader, problems: Sequence[str], before: int) -> int:
        if problems and self.strict:
            raise InputError(f"{reader.name}, {problems[0]}")
        for problem in problems[: max(0, _TOLD_PROBLEMS - before)]:
            self.tell(f"{reader.name}, {problem}")
        if problems and reader is self.right:
            rows = "1 row is" if len(problems) == 1 else f"{len(problems):,} rows are"
            self.tell(f"{reader.name}: {rows} matched with nothing")
        return before + len(problems)


class _Steps:
    """Tells now and then how many inputs are encoded."""

    def __init__(self, tell: Tell, what: str) -> None:
        self._tell, self._what, self._last = tell, what, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._last >= _TELL_AGAIN:
            self._last = now
            self._tell(f"{done:,} of {total:,} {self._what} encoded")


def match_job(twin: Twin, left: SideReader, right: SideReader) -> dict[str, Any]:
    """What is matched with what: two runs with equal values give equal chunks."""
    known, decision = right.fingerprint(), twin.decision
    decided = json.dumps(decision and decision.to_json()["calibrator"], sort_keys=True)
    return {
        "textsiamese": __version__,
        "input": left.fingerprint() if known else "",
        "right table": known,
        "twin": twin.fingerprint,
        "calibrator": hashlib.sha256(decided.encode()).hexdigest(),
        "threshold": decision and decision.threshold,
        "prior": decision and decision.prior,
        "left column": left.column,
        "right column": right.column,
    }
