"""OUT.checkpoints/: where a training run can be gone on from, and which run that is.

``run.json`` says what is trained on what, and how; a run that differs from it is refused, with the
difference named. Each ``checkpoint-N`` is what transformers' trainer writes; it writes in place,
so a checkpoint counts only if every file that a run goes on from is whole.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

from safetensors import SafetensorError, safe_open

from textsiamese.errors import InputError, OutputError, OutputExistsError

_RUN = "run.json"


class Checkpoints:
    """The folder beside ``out`` in which the checkpoints of its training lie.

    Attributes:
        folder: ``OUT.checkpoints``.
        vectors: a folder in it, for a teacher's vectors of the texts.
    """

    def __init__(self, out: str | os.PathLike[str]) -> None:
        self.folder = Path(f"{os.fspath(out).rstrip('/')}.checkpoints")
        self.vectors = self.folder / "teacher"

    def begin(self, run: dict[str, Any], *, resume: bool) -> str | None:
        """Begin a run here, or go on with the one that was begun.

        Args:
            run: what is trained, by name; values are plain, or tables of plain values.
            resume: go on from what is there, if anything is.

        Returns:
            the checkpoint to go on from; None for a fresh start.

        Raises:
            OutputExistsError: if an earlier run has checkpoints here and is not to be resumed.
            InputError: if the one to be resumed was another run, naming what differs.
            OutputError: if the folder cannot be written.
        """
        begun, whole = self.begun(), last_whole_checkpoint(self.folder)
        if resume and begun is not None:
            refuse_other_run(str(self.folder), begun, run)
            return whole
        if whole:
            raise OutputExistsError(
                f"{self.folder} holds checkpoints of an earlier run: resume=True (--resume) goes "
                "on from them; remove the folder to start afresh"
            )
        self.remove()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / _RUN).write_text(json.dumps(run, indent=2), encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be written: {error.strerror}") from None
        return None

    def remove(self) -> None:
        """Remove all checkpoints, whole or not, and the folder if nothing else is in it."""
        for checkpoint in self.folder.glob("checkpoint-*"):
            shutil.rmtree(checkpoint, ignore_errors=True)
        shutil.rmtree(self.vectors, ignore_errors=True)
        with suppress(OSError):
            (self.folder / _RUN).unlink(missing_ok=True)
            self.folder.rmdir()

    def begun(self) -> dict[str, Any] | None:
        """What the run that was begun here is; None if none was, or it was cut off writing that."""
        try:
            run = json.loads((self.folder / _RUN).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return run if isinstance(run, dict) else None


def last_whole_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint in ``folder`` that was written to its end; None if there is none."""
    found = [each for each in folder.glob("checkpoint-*") if each.name[11:].isdecimal()]
    found.sort(key=lambda each: int(each.name[11:]), reverse=True)
    return next((str(checkpoint) for checkpoint in found if _is_whole(checkpoint)), None)


def _is_whole(checkpoint: Path) -> bool:
    """Whether every file that a run goes on from is there, and was written to its end.

    Each process writes a state of its own of what is random; trainer_state.json comes after all.
    """
    try:
        json.loads((checkpoint / "trainer_state.json").read_text())
        with safe_open(checkpoint / "model.safetensors", "pt"):
            pass
    except (OSError, ValueError, SafetensorError):
        return False
    random = list(checkpoint.glob("rng_state*.pth"))
    states = [checkpoint / "optimizer.pt", checkpoint / "scheduler.pt", *random]
    return bool(random) and all(map(is_zipfile, states))


def refuse_other_run(place: str, begun: dict[str, Any], run: dict[str, Any]) -> None:
    """Refuse to go on with a run that was another one.

    Args:
        place: where it was begun, for the message.
        begun: what it was, and perhaps more.
        run: what it is to be.

    Raises:
        InputError: naming all that differs.
    """
    changes = differences(begun, run)
    if changes:
        raise InputError(
            f"the run in {place} was another one: {changes}. Give the same again to "
            "resume it; or choose another folder, or remove this one, to start afresh"
        )


def differences(begun: dict[str, Any], run: dict[str, Any]) -> str:
    """All in which a run is not the one that was begun, for a person; empty if it is the same."""
    changed = [name for name in run if begun.get(name) != run[name]]
    return "; ".join(_change(name, begun.get(name), run[name]) for name in changed)


def _change(name: str, was: Any, now: Any) -> str:
    if not (isinstance(was, dict) and isinstance(now, dict)):
        return f"{name} was {_shown(was)} and is {_shown(now)}"
    if "sha256" in now:
        alike = all(was.get(key) == now[key] for key in ("name", "pairs"))
        return (
            f"the {name} table was {was.get('name')} with {was.get('pairs')} pairs and is "
            f"{now['name']} with {now['pairs']} {'other ' if alike else ''}pairs"
        )
    inner = [key for key in dict.fromkeys([*now, *was]) if was.get(key) != now.get(key)]
    return "; ".join(_change(key, was.get(key), now.get(key)) for key in inner)


def _shown(value: Any) -> str:
    return "not set" if value is None else str(value)
