from __future__ import annotations

import inspect

import pytest

from textsiamese import errors
from textsiamese.errors import (
    BundleError,
    InputError,
    MissingPackageError,
    OutputError,
    OutputExistsError,
    TextsiameseError,
    TrainingError,
    tells_of_memory,
)

EXIT_CODES = {
    TextsiameseError: 1,
    InputError: 2,
    OutputError: 1,
    OutputExistsError: 2,
    BundleError: 2,
    TrainingError: 1,
    MissingPackageError: 1,
}


def test_the_table_is_whole() -> None:
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    assert set(EXIT_CODES) == {each for each in classes if each.__module__ == errors.__name__}


@pytest.mark.parametrize("kind", EXIT_CODES, ids=lambda kind: kind.__name__)
def test_every_error_is_ours_says_its_message_and_has_an_exit_code(
    kind: type[TextsiameseError],
) -> None:
    error = kind("pairs.csv, line 3: the label is 7; it must be 0 or 1")
    assert isinstance(error, TextsiameseError)
    assert str(error) == "pairs.csv, line 3: the label is 7; it must be 0 or 1"
    assert error.exit_code == EXIT_CODES[kind]
    assert kind.__doc__


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [(InputError, ValueError), (OutputError, OSError), (MissingPackageError, ImportError)],
)
def test_callers_may_catch_the_builtin_kind(
    kind: type[TextsiameseError], builtin: type[Exception]
) -> None:
    with pytest.raises(builtin, match="said"):
        raise kind("said")


def test_want_of_memory_is_told_in_many_words() -> None:
    assert tells_of_memory(MemoryError())
    assert tells_of_memory(RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"))
    assert not tells_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not tells_of_memory(ValueError("out of memory"))
