"""What ended a training, in a sentence that says how to go on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from torch.distributed import DistError

from textsiamese.errors import TrainingError, tells_of_memory
from textsiamese.learning.checkpoints import last_whole_checkpoint
from textsiamese.learning.config import FitConfig
from textsiamese.learning.processes import how_many

_LOST = "another process of this training ended early"
_SHOWS_IT = ("Connection closed by peer", "Connection reset by peer", "Broken pipe")


@contextmanager
def memory_explained(config: FitConfig) -> Iterator[None]:
    """Say what to do where the memory does not suffice.

    Raises:
        TrainingError: in place of what torch or Python raise then.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not tells_of_memory(error):
            raise
        raise TrainingError(
            f"the memory does not suffice for batches of {config.batch_size} rows: in a fresh run, "
            f"try {_with_less(config)}"
        ) from None


@contextmanager
def lost_process_explained(folder: Path) -> Iterator[None]:
    """Say how to go on where another process of the training has ended.

    It shows in a message that cannot be sent or received, or in the launcher's wish (SIGTERM) that
    this process ends too; that wish is then not heard again, so that the sentence can be told.

    Args:
        folder: of the checkpoints.

    Raises:
        TrainingError: in place of what torch raises then.
    """

    if how_many() == 1:
        yield
        return
    with _asked_to_end(folder):
        try:
            yield
        except RuntimeError as error:
            if not tells_of_lost_process(error):
                raise
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            raise TrainingError(f"{_LOST}, so it was stopped; {_how_to_go_on(folder)}") from None


def tells_of_lost_process(error: Exception) -> bool:
    """Whether an error shows that another process of the training has ended, in torch's words."""
    if how_many() == 1 or not isinstance(error, RuntimeError):
        return False
    return isinstance(error, DistError) or any(each in str(error) for each in _SHOWS_IT)


@contextmanager
def _asked_to_end(folder: Path) -> Iterator[None]:
    """Hear SIGTERM, unless the program around has plans of its own for it."""
    ours = signal.getsignal(signal.SIGTERM) == signal.SIG_DFL

    def hear(*_: object) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise TrainingError(
            f"told to stop (SIGTERM), as launchers do where {_LOST}; {_how_to_go_on(folder)}"
        )

    if ours:
        signal.signal(signal.SIGTERM, hear)
    yield
    if ours:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _with_less(config: FitConfig) -> str:
    """What needs less memory."""
    rows, batches = max(2, config.batch_size // 2), 2 * config.accumulation
    again = "with a transformer gradient_checkpointing=True (--gradient-checkpointing), or "
    return (
        f"batch_size={rows}, accumulation={batches} (--batch-size {rows} --accumulation {batches}) "
        "for steps of as many rows, or "
        f"{'' if config.gradient_checkpointing else again}a smaller encoder"
    )


def _how_to_go_on(folder: Path) -> str:
    last = last_whole_checkpoint(folder)
    where = f"the last checkpoint is {last}" if last else "there is no checkpoint yet"
    return f"{where}: go on with resume=True (--resume)"
