"""The output file: it appears when it is whole, and its finished chunks wait for that moment."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textsiamese.errors import InputError, OutputExistsError
from textsiamese.serving.kinds import output_kind
from textsiamese.serving.partial import Partial
from textsiamese.serving.scoring import ScoredChunk
from textsiamese.serving.tally import Tally
from textsiamese.writing import told

if TYPE_CHECKING:
    import pyarrow as pa


class FileOutput:
    """A file whose chunks wait in ``OUT.partial/`` until all are there.

    Attributes:
        path: its final name; where that is a symbolic link, what the link points to.
        kind: how its rows are written, after its suffix.
        whole: it was asked to resume, and nothing is left to do; a file that is there, with no part
            of it, is to be overwritten if both was asked for.
        done: the counts of the finished chunks; at the start, those of an earlier run.
    """

    def __init__(
        self, path: str | os.PathLike[str], source: object, *, resume: bool, overwrite: bool
    ) -> None:
        """Look at what is there; nothing is changed yet.

        Raises:
            InputError: the name cannot be that of an output.
            OutputExistsError: the output, or a part of it, is there and neither option given.
        """
        self.path = Path(os.path.realpath(path)) if os.path.islink(path) else Path(path)
        self.done: list[Tally] = []
        self._resume, self._overwrite, self._resumable = resume, overwrite, False
        _check_place(self.path, source)
        self.kind = output_kind(path)
        self._partial = Partial(self.path)
        self._writer = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None
        with told(self.path):
            self._begun = self._partial.begun()
            self._refuse_unasked()
            self.whole = resume and self._is_whole()

    def start(self, schema: pa.Schema, job: dict[str, Any]) -> None:
        """Begin, or go on where the run left off that is to be resumed.

        Args:
            schema: the columns of the output.
            job: what a later run must have in common with this one to go on from its chunks; its
                "input" and "twin" are "" where that cannot be told.

        Raises:
            InputError: the columns do not fit the kind, or the earlier run had another job.
            OutputExistsError: another process is writing this output.
            OutputError: the folder cannot be written to.
        """
        self.kind.check(schema)
        self._schema = schema
        self._resumable = bool(job["input"] and job["twin"])
        if self._resume and not self._resumable:
            what = "standard input" if not job["input"] else "a twin that was never saved"
            raise InputError(f"--resume cannot go on with {what}; save it to a file first")
        with told(self.path):
            if self._resume and self._begun:
                self._go_on(job)
            else:
                self._partial.begin({**job, "overwrite": self._overwrite})

    def write(self, chunk: ScoredChunk) -> None:
        """Keep the chunk as a part, in a thread of its own; the chunk before is kept by then."""
        self._wait()
        self._writing = self._writer.submit(self._keep, chunk)

    def finish(self) -> None:
        """Join the parts and give the file its name."""
        self._wait()
        self._writer.shutdown()
        self._refuse_existing()
        parts = [self._partial.part(index) for index in range(len(self.done))]
        with told(self.path):
            self._partial.place(lambda file: self.kind.join(self._schema, parts, file))

    def abandon(self, error: BaseException) -> str:
        """Keep the finished parts if a later run can go on from them."""
        self._writer.shutdown()
        if self._resumable and self.done and not isinstance(error, InputError):
            self._partial.unlock()
            rows = sum(tally.rows for tally in self.done)
            return (
                f"the {rows:,} rows finished so far are kept in {self._partial.folder}; "
                f"run the same command with --resume to go on"
            )
        with suppress(OSError):
            self._partial.remove()
        return "nothing was left behind"

    def _keep(self, chunk: ScoredChunk) -> None:
        with told(self.path):
            self._partial.add(
                chunk.index, lambda file: self.kind.write_part(chunk, file), chunk.tally
            )
        self.done.append(chunk.tally)

    def _wait(self) -> None:
        writing, self._writing = self._writing, None
        if writing:
            writing.result()

    def _go_on(self, job: dict[str, Any]) -> None:
        self._partial.lock()
        try:
            self._partial.compare(job)
            self._overwrite |= self._partial.may_replace()
            self._refuse_existing()
            self.done = self._partial.finished()
        except BaseException:
            self._partial.unlock()
            raise

    def _refuse_unasked(self) -> None:
        if self._resume or self._overwrite:
            return
        if self._begun:
            rows = sum(tally.rows for tally in self._partial.finished())
            raise OutputExistsError(
                f"{self._partial.folder} holds {rows:,} rows that an interrupted run finished; go "
                f"on from them with --resume, or begin anew with --overwrite"
            )
        if self.path.exists():
            raise OutputExistsError(
                f"{self.path} is there already; replace it with --overwrite, or choose another "
                f"output"
            )

    def _is_whole(self) -> bool:
        """Whether the output is there; what a run killed after that had yet to clear up goes."""
        there = self.path.exists() and not self._overwrite
        whole = self._partial.placed() if self._begun else there
        if whole and self._partial.folder.exists():
            self._partial.lock()
            self._partial.remove()
        return whole

    def _refuse_existing(self) -> None:
        if self.path.exists() and not self._overwrite:
            raise OutputExistsError(
                f"{self.path} has come into being since its rows were begun; move it away, or "
                f"replace it with --resume --overwrite"
            )


def _check_place(out: Path, source: object) -> None:
    if out.is_dir():
        raise InputError(f"{out} is a folder; name a file in it, such as {out / 'scored.csv'}")
    if not out.parent.is_dir():
        raise InputError(f"there is no folder {out.parent} to write {out.name} into; make it first")
    if not out.exists():
        return
    if not out.is_file():
        raise InputError(f"{out} is no regular file; leave -o out and redirect the output to it")
    is_path = isinstance(source, (str, os.PathLike)) and os.path.exists(source)
    if is_path and os.path.samefile(source, out):  # type: ignore[arg-type]
        raise InputError(f"{out} is the input itself; give the output another name")


def file_output(out: object, source: object, *, resume: bool, overwrite: bool) -> FileOutput | None:
    """The file that a table is written to; None for a stream, or where a DataFrame is asked for.

    Raises:
        InputError: as `FileOutput`; or a stream is to be resumed.
        OutputExistsError: as `FileOutput`.
    """
    if isinstance(out, (str, os.PathLike)):
        return FileOutput(out, source, resume=resume, overwrite=overwrite)
    if resume:
        raise InputError("--resume goes on with a file; name it with -o (out= in Python)")
    return None
