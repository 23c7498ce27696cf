"""Streamed, resumable scoring of pair tables."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from textsiamese import __version__
from textsiamese.errors import InputError
from textsiamese.inputs.batches import CHUNK_ROWS
from textsiamese.inputs.reader import PairReader, open_pairs
from textsiamese.serving.files import file_output
from textsiamese.serving.outputs import FrameOutput, Output, StreamOutput, finished_or_left
from textsiamese.serving.pipeline import ahead
from textsiamese.serving.scoring import (
    check_keys,
    new_names,
    new_schema,
    output_schema,
    score_chunk,
)
from textsiamese.serving.tally import Progress, Summary, Tally

if TYPE_CHECKING:
    from textsiamese.twins.scorer import PairScorer

_TOLD_PROBLEMS = 5


def score_table(
    twin: PairScorer,
    source: Any,
    out: str | os.PathLike[str] | BinaryIO | None = None,
    *,
    left: str | None = None,
    right: str | None = None,
    label: str | None = None,
    similar_is_zero: bool = False,
    encoding: str | None = None,
    threshold: float | None = None,
    prior: float | None = None,
    prefix: str = "",
    pictures: str | os.PathLike[str] | None = None,
    chunk_rows: int = CHUNK_ROWS,
    resume: bool = False,
    overwrite: bool = False,
    strict: bool = False,
    tell: Callable[[str], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Any:
    """Score every row of a pair table, chunk by chunk; memory does not grow with the rows.

    Every input row comes back, in order, with its own columns and four more: `similarity`,
    `probability`, `predicted` (0/1) and `problem` ("" or why the row could not be scored; the
    other three are then empty). CSV, TSV and JSON Lines get the two numbers with 6 significant
    digits, Parquet and DataFrames in full.

    Args:
        twin: what scores; it must have a decision.
        source: a path, "-", a DataFrame...; see `open_pairs`.
        out: a file to write, whose suffix says the kind (.csv, .tsv, .jsonl, these also with .gz
            or .zst, or .parquet); or a binary stream, which gets CSV; or None for a DataFrame.
        left, right, label: column names; found by convention where they are None.
        similar_is_zero: the label column writes 0 for the same and 1 for different.
        encoding: of a text file; None: by its byte order mark, else UTF-8.
        threshold: probability from which on a pair is predicted to be the same; None: the twin's.
        prior: share of same pairs to assume in this table; None: what the twin assumes.
        prefix: goes before the names of the new columns.
        pictures: where the twin reads pictures, the folder that their relative paths start from;
            None: that of the table.
        chunk_rows: rows read, scored and written at once.
        resume: go on from the chunks that an interrupted run left in ``OUT.partial/``; a fresh
            start where there are none; nothing to do where the output is there already.
        overwrite: replace the output, or begin anew where an interrupted run left chunks; with
            `resume`, go on from the chunks, and replace the output where there are none.
        strict: stop at the first row that cannot be scored, and leave nothing behind.
        tell: is called with what is worth knowing at once: the first five problems, and notes.
        progress: is called after every chunk.

    Returns:
        a DataFrame if `out` is None (a DataFrame in comes back with its own index and types), else
        a `Summary`.

    Raises:
        InputError: the input or an option cannot be used, or the chunks are those of another job.
        OutputExistsError: the output, or a part of it, is there, and nothing was said about that.
        OutputError: the output cannot be written.
        KeyboardInterrupt: with a message that says what is left and how to go on.
    """
    began = time.perf_counter()
    tell = tell or _silent
    file = file_output(out, source, resume=resume, overwrite=overwrite)
    if file and file.whole:
        tell(f"{file.path} is whole already: nothing is left to do")
        return Summary(Tally(), out=file.path, finished_before=True)
    if threshold is not None or prior is not None:
        twin = twin.with_decision(threshold=threshold, prior=prior)
    reader = open_pairs(
        source,
        left=left,
        right=right,
        label=label,
        similar_is_zero=similar_is_zero,
        encoding=encoding,
        chunk_rows=chunk_rows,
        picture_sides=twin.picture_sides,
        pictures=pictures,
    )
    names = new_names(reader.columns, prefix)
    schema = output_schema(reader.schema, new_schema(names))
    run = _Run(twin, reader, names, strict, tell, progress or _silent)
    if out is None:
        frame = FrameOutput(source, schema, len(names))
        run.into(frame)
        return frame.frame()
    if file is None:
        output: Output = StreamOutput(out, schema, "standard output")  # type: ignore[arg-type]
    else:
        options = {
            "similar_is_zero": similar_is_zero,
            "encoding": encoding,
            "pictures": None if pictures is None else os.fspath(pictures),
            "prefix": prefix,
            "strict": strict,
            "rows a chunk": chunk_rows,
            "kind of output": file.kind.name,
        }
        file.start(schema, {**_job(twin, reader), **options})
        output = file
    resumed = sum(tally.rows for tally in output.done)
    tally = run.into(output)
    seconds = time.perf_counter() - began
    return Summary(tally, resumed, seconds, file.path if file else None)


@dataclass(frozen=True)
class _Run:
    """A run over a table: who scores, what is read, and who is told about it."""

    twin: PairScorer
    reader: PairReader
    names: list[str]
    strict: bool
    tell: Callable[[str], None]
    progress: Callable[[Progress], None]

    def into(self, output: Output) -> Tally:
        """Score all rows that the output does not have yet; returns the counts over all rows."""
        with finished_or_left(output):
            return self._score(output)

    def _score(self, output: Output) -> Tally:
        """Read one chunk ahead of the chunk that is being scored."""
        tally = sum(output.done, Tally())
        if output.done:
            self.tell(f"going on after the {tally.rows:,} rows of an earlier run")
        self.progress(Progress(tally.rows, 0, self.reader.size))
        told: list[str] = []
        with closing(ahead(self.reader.chunks(skip=len(output.done)))) as chunks:
            for chunk in chunks:
                check_keys(chunk, self.names, self.reader.name)
                scored = score_chunk(self.twin, chunk, self.names)
                self._tell_problems(scored.problems, tally.problems)
                told += self._tell_notes(told)
                output.write(scored)
                tally += scored.tally
                self.progress(Progress(tally.rows, chunk.position, self.reader.size))
        self._tell_notes(told)
        return tally

    def _tell_notes(self, told: list[str]) -> list[str]:
        """Tell what is new since the notes that were told."""
        notes = filter(None, [*self.reader.notes, self.reader.label_note])
        new = [note for note in notes if note not in told]
        for note in new:
            self.tell(note)
        return new

    def _tell_problems(self, problems: list[str], before: int) -> None:
        for problem in filter(None, problems):
            if self.strict:
                raise InputError(f"{self.reader.name}, {problem}")
            before += 1
            if before > _TOLD_PROBLEMS:
                return
            self.tell(f"{self.reader.name}, {problem}")


def _job(twin: PairScorer, reader: PairReader) -> dict[str, Any]:
    """What is scored with what: two runs with equal values give equal chunks."""
    decision = twin.decision
    if decision is None:
        raise InputError(
            f"{twin.info.name} has no decision yet, so it gives no probability: fit one on your "
            "labelled pairs with textsiamese calibrate TWIN PAIRS -o DIR (ts.calibrate)"
        )
    calibrator = json.dumps(decision.to_json()["calibrator"], sort_keys=True)
    return {
        "textsiamese": __version__,
        "input": reader.fingerprint(),
        "twin": twin.fingerprint,
        "calibrator": hashlib.sha256(calibrator.encode()).hexdigest(),
        "threshold": decision.threshold,
        "prior": decision.prior,
        "left column": reader.roles.left,
        "right column": reader.roles.right,
        "label column": reader.roles.label,
    }


def _silent(event: object) -> None:
    """Tell nobody."""
