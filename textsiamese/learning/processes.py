"""The processes of one training, as torchrun or accelerate start them: what the first does for all.

torch is imported where there are several, so that a command may ask which process it is at once.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from textsiamese.errors import InputError, TextsiameseError

if TYPE_CHECKING:
    from textsiamese.learning.sharing import Share

T = TypeVar("T")

_PATIENCE = timedelta(days=7)  # the others wait while the first encodes what a teacher is to say


def how_many() -> int:
    """Number of processes, by what the launcher says; 1 without one."""
    return _size() if "LOCAL_RANK" in os.environ else 1


def is_first() -> bool:
    """Whether this process is the one that writes and speaks; true where it is alone."""
    return how_many() == 1 or os.environ.get("RANK", "0") == "0"


def join() -> Share:
    """Meet the other processes, if there are any; returns what this one encodes of each batch.

    Raises:
        InputError: if there are to be several, but no launcher told which one this is.
    """
    from textsiamese.learning.sharing import Share

    if how_many() == 1:
        if _size() > 1:
            raise InputError(
                f"WORLD_SIZE is {_size()}, but LOCAL_RANK is not set: start several processes with "
                "torchrun or accelerate launch; for one, unset WORLD_SIZE"
            )
        return Share()
    import torch
    from accelerate import PartialState

    state = PartialState(cpu=not torch.cuda.is_available(), timeout=_PATIENCE)
    return Share(state.process_index, state.num_processes)


def _size() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def by_the_first(work: Callable[[], T]) -> T:
    """Let the first process do something that must be done once, while the others wait.

    Returns:
        what ``work`` returned, in every process; it is pickled on the way.

    Raises:
        TextsiameseError: the one that ``work`` raised, in every process.
    """
    if how_many() == 1:
        return work()
    from torch.distributed import broadcast_object_list

    answer: list[Any] = [None, None]
    if is_first():
        try:
            answer[0] = work()
        except TextsiameseError as error:
            answer[1] = error
    broadcast_object_list(answer)
    if answer[1] is not None:
        raise answer[1]
    return answer[0]


def first_to_tell() -> bool:
    """Whether an error is to be told here: by the process that asks first, and by no other."""
    if how_many() == 1:
        return True
    with suppress(Exception):  # they have not met yet, or the one that counts is gone
        from torch.distributed.distributed_c10d import _get_default_store

        start = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
        return _get_default_store().add(f"told at start {start}", 1) == 1
    return is_first()


def leave_word(message: str) -> None:
    """Leave an error where torchrun, if it started this, finds what it reports at the end."""
    file = os.environ.get("TORCHELASTIC_ERROR_FILE")
    if file:
        told = {"py_callstack": message, "timestamp": str(int(time.time()))}
        with suppress(OSError):
            word = {"message": {"message": message, "extraInfo": told}}
            Path(file).write_text(json.dumps(word), encoding="utf-8")
