"""OUT.partial/: the finished chunks of a table that is not whole yet.

=====================  =========================================================================
``manifest.json``      what is being scored, with what, how; another job is refused
``part-000003``        the rows of chunk 3, in the output's own kind, without a header
``part-000003.json``   the counts over them, and how many bytes they are; written last, so that it
                       marks the chunk as finished
``whole.tmp``          the output while it is joined; moves to its final name once it is whole
=====================  =========================================================================

Every file is written under a temporary name, synced to the disk and only then renamed, so that
a process killed at any moment leaves a folder that can be gone on from.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from textsiamese.errors import InputError, OutputExistsError
from textsiamese.locking import FolderLock
from textsiamese.serving.tally import Tally
from textsiamese.writing import Write, sync_folder, write_synced, write_whole

_MANIFEST = "manifest.json"
_WHOLE = "whole.tmp"


class Partial:
    """The folder beside an output in which its finished chunks wait.

    Attributes:
        folder: ``OUT.partial``.
    """

    def __init__(self, out: Path) -> None:
        self.folder = out.with_name(out.name + ".partial")
        self._out = out
        self._lock = FolderLock(self.folder)

    def begun(self) -> bool:
        """Whether a run has begun here; a folder that only a killed start left is none."""
        if not self.folder.exists():
            return False
        if (self.folder / _MANIFEST).is_file():
            return True
        if not self.folder.is_dir() or not all(_is_ours(path) for path in self.folder.iterdir()):
            raise InputError(
                f"{self.folder} is in the way: finished chunks go there, and it holds something "
                f"else; move it, or choose another output"
            )
        return False

    def begin(self, job: dict[str, Any]) -> None:
        """Make the folder for a job; what an earlier run left there is removed."""
        self.folder.mkdir(exist_ok=True)
        self.lock()
        try:
            self._remove_parts()
            self._set(job)
        except BaseException:
            self.remove()
            raise

    def placed(self) -> bool:
        """Whether an earlier run was killed after the output had got its final name."""
        moving = self._job().get("placing", False)
        return moving and self._out.exists() and not (self.folder / _WHOLE).exists()

    def may_replace(self) -> bool:
        """Whether the run that began here was told to overwrite the output."""
        return bool(self._job().get("overwrite", False))

    def compare(self, job: dict[str, Any]) -> None:
        """Refuse to go on with another job.

        Raises:
            InputError: naming what differs; or nothing tells what the job was.
        """
        known = self._job()
        if not known:
            raise InputError(
                f"{self.folder / _MANIFEST} is damaged, so nobody can tell what was begun here; "
                f"begin anew with --overwrite (overwrite=True in Python)"
            )
        differing = [
            _difference(key, known.get(key), value)
            for key, value in job.items()
            if key != "overwrite" and known.get(key) != value
        ]
        if differing:
            raise InputError(
                f"{self.folder} was begun with {'; '.join(differing)}; go on as it was begun, "
                f"or begin anew with --overwrite (overwrite=True in Python)"
            )

    def finished(self) -> list[Tally]:
        """The counts of the finished chunks, from the first, as far as none is missing or cut."""
        tallies: list[Tally] = []
        while (part := self.part(len(tallies))).is_file():
            try:
                counts = json.loads(self._counts(len(tallies)).read_bytes())
                if counts.pop("bytes") != part.stat().st_size:
                    break
                tallies.append(Tally(**counts))
            except (OSError, ValueError, TypeError, LookupError, AttributeError):
                break
        return tallies

    def part(self, index: int) -> Path:
        """Where the rows of a chunk lie."""
        return self.folder / f"part-{index:06d}"

    def add(self, index: int, write: Write, tally: Tally) -> None:
        """Keep a finished chunk: first its rows, then its counts."""
        part = self.part(index)
        write_whole(part, write)
        counts = {**tally.to_json(), "bytes": part.stat().st_size}
        write_whole(self._counts(index), lambda file: _dump(counts, file))

    def place(self, write: Write) -> None:
        """Write the whole output, give it its final name, and remove the folder."""
        whole = self.folder / _WHOLE
        write_synced(whole, write)
        self._set({**self._job(), "placing": True})
        os.replace(whole, self._out)
        sync_folder(self._out.parent)
        self.remove()

    def remove(self) -> None:
        """Remove the folder; what else somebody laid there stays."""
        self._remove_parts()
        (self.folder / _MANIFEST).unlink(missing_ok=True)
        self.unlock()
        try:
            self.folder.rmdir()
        except OSError:
            return

    def lock(self) -> None:
        """Keep other processes out until this one ends or lets go.

        Raises:
            OutputExistsError: another process is at work here.
        """
        if not self._lock.take():
            raise OutputExistsError(
                f"another process is writing {self._out} just now; wait for it, or choose "
                f"another output"
            )

    def unlock(self) -> None:
        """Let other processes in."""
        self._lock.release()

    def _counts(self, index: int) -> Path:
        return self.folder / f"part-{index:06d}.json"

    def _job(self) -> dict[str, Any]:
        try:
            job = json.loads((self.folder / _MANIFEST).read_bytes())
        except ValueError:
            job = None
        return job if isinstance(job, dict) else {}

    def _set(self, job: dict[str, Any]) -> None:
        write_whole(self.folder / _MANIFEST, lambda file: _dump(job, file))

    def _remove_parts(self) -> None:
        for path in sorted(self.folder.iterdir(), reverse=True):
            if _is_ours(path) and path.name != _MANIFEST:
                path.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    return path.name == _MANIFEST or path.name.startswith("part-") or path.name.endswith(".tmp")


def _dump(values: dict[str, Any], file: BinaryIO) -> None:
    file.write(json.dumps(values, indent=1).encode() + b"\n")


def _difference(name: str, then: object, now: object) -> str:
    if isinstance(then, str) and isinstance(now, str) and len(then) == len(now) == 64:
        return f"another {name}"
    return f"{name} {_shown(then)}, not {_shown(now)}"


def _shown(value: object) -> str:
    return "none" if value in (None, "") else str(value)
