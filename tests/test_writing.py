"""Files whole or not at all; refusals before the work; errors of the machine as sentences."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from textsiamese.errors import InputError, OutputError, OutputExistsError
from textsiamese.writing import check_free, told, write_whole


def test_it_is_written_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for content in (b"old", b"new"):
        write_whole(path, lambda file, content=content: file.write(content))  # type: ignore[misc]
        assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", content)]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "kept" / "a")
    write_whole(tmp_path / "link", lambda file: file.write(b"new"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "kept" / "a").read_bytes() == b"new"


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail(file: Any) -> None:
        file.write(b"new")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_whole(path, fail)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]


def test_what_is_free_and_what_is_not(tmp_path: Path) -> None:
    check_free(tmp_path / "a", overwrite=False)
    assert os.listdir(tmp_path) == []
    (tmp_path / "a").touch()
    check_free(tmp_path / "a", overwrite=True)
    with pytest.raises(OutputExistsError, match="a is there already; replace it with --overwrite"):
        check_free(tmp_path / "a", overwrite=False)
    with pytest.raises(InputError, match="is a folder"):
        check_free(tmp_path, overwrite=True)
    with pytest.raises(InputError, match=r"there is no folder .*no to write b into"):
        check_free(tmp_path / "no" / "b", overwrite=True)
    with pytest.raises(InputError, match="no regular file"):
        check_free(Path(os.devnull), overwrite=True)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSPC, "no space left on its disk"),
        (errno.EACCES, "no permission to write there"),
        (errno.EROFS, "its disk is read-only"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_errors_of_the_machine_are_sentences(code: int, reason: str) -> None:
    def fail() -> None:
        raise OSError(code, "Input/output error")

    with (
        pytest.raises(OutputError, match=f"out.csv cannot be written: .*{reason}"),
        told("out.csv"),
    ):
        fail()


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), InputError("mine")])
def test_others_stay_what_they_are(error: Any) -> None:
    with pytest.raises(type(error)) as caught, told("out.csv"):
        raise error
    assert caught.value is error
