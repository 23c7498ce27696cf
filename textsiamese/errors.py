"""Every error a user can meet."""

from __future__ import annotations

_SHORT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


class TextsiameseError(Exception):
    """Base of all errors raised on purpose; the message is one clear sentence for a person."""

    exit_code = 1


class InputError(TextsiameseError, ValueError):
    """What the user gave cannot be used: a file, a row, a column, a label, an option."""

    exit_code = 2


class OutputError(TextsiameseError, OSError):
    """The result cannot be written: it exists already, no permission, no space."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class OutputExistsError(OutputError):
    """An output is in the way, and overwriting it was not asked for."""

    exit_code = 2


class BundleError(TextsiameseError):
    """A folder is not a twin that this version can open."""

    exit_code = 2


class TrainingError(TextsiameseError):
    """A training cannot go on: its loss is no number any more, or the memory does not suffice."""


class MissingPackageError(TextsiameseError, ImportError):
    """An optional package is not installed; the message holds the command that installs it."""


def tells_of_memory(error: Exception) -> bool:
    """Whether an error says that the memory does not suffice, in Python's words or in torch's."""
    said = isinstance(error, RuntimeError) and any(each in str(error) for each in _SHORT_OF_MEMORY)
    return said or isinstance(error, MemoryError)
