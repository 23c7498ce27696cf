from __future__ import annotations

import json
from pathlib import Path

import pytest

from textsiamese.errors import BundleError, OutputError
from textsiamese.twins.sealed import check_target, is_sealed, read_sealed, sealed, write_whole

FILES = {"a.bin": b"\0\1", "part/b.json": b"{}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_whole(tmp_path / "mine", sealed({"kind": "test", "n": 3}, FILES))
    return tmp_path / "mine"


def test_what_is_written_is_read(folder: Path) -> None:
    found = read_sealed(folder)
    assert is_sealed(folder)
    assert found.files == FILES
    assert found.about["kind"] == "test"
    assert found.about["n"] == 3


def test_the_fingerprint_changes_with_each_part(folder: Path, tmp_path: Path) -> None:
    prints = {read_sealed(folder).fingerprint}
    for number, (about, files) in enumerate(
        [({"kind": "test", "n": 4}, FILES), ({"kind": "test", "n": 3}, {**FILES, "a.bin": b"\0"})]
    ):
        write_whole(tmp_path / str(number), sealed(about, files))
        prints.add(read_sealed(tmp_path / str(number)).fingerprint)
    assert len(prints) == 3


@pytest.mark.parametrize("name", ["a.bin", "part/b.json", "twin.json"])
def test_a_byte_that_changed_is_noticed(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content.replace(b"test", b"best") if b"test" in content else b"7")
    with pytest.raises(BundleError, match=f"{name} has changed"):
        read_sealed(folder)


def test_a_missing_file_and_a_newer_format(folder: Path) -> None:
    about = json.loads((folder / "twin.json").read_text())
    (folder / "twin.json").write_text(json.dumps({**about, "format": 99}))
    with pytest.raises(BundleError, match="of format 99"):
        read_sealed(folder)
    (folder / "twin.json").unlink()
    with pytest.raises(BundleError, match=r"it has no twin\.json"):
        read_sealed(folder)


def test_what_only_the_bundle_before_had_is_gone_and_nothing_else(folder: Path) -> None:
    for name in ("report.html", "part/mine.txt", "../beside.txt"):
        (folder / name).write_text("x")
    (folder / "old").mkdir()
    outside = {"../beside.txt": b"x", "..": b"", "": b"", "never/there": b""}
    about = sealed({"kind": "test"}, {**FILES, **outside, "old/c.json": b"{}"})["twin.json"]
    (folder / "old/c.json").write_bytes(b"{}")
    (folder / "twin.json").write_bytes(about)
    write_whole(folder, sealed({"kind": "test"}, {"a.bin": b"\2"}))
    found = {str(file.relative_to(folder)) for file in folder.rglob("*")}
    assert found == {"a.bin", "twin.json", "report.html", "part", "part/mine.txt"}
    assert (folder / "../beside.txt").read_text() == "x"
    assert read_sealed(folder).files == {"a.bin": b"\2"}


def test_a_bundle_that_says_nothing_is_replaced(folder: Path) -> None:
    (folder / "twin.json").write_text("{")
    write_whole(folder, sealed({"kind": "test"}, {"a.bin": b"\2"}))
    assert read_sealed(folder).files == {"a.bin": b"\2"}
    assert (folder / "part/b.json").exists()


def test_what_is_there_is_replaced_only_if_it_is_a_bundle(folder: Path, tmp_path: Path) -> None:
    write_whole(folder, sealed({"kind": "test", "n": 5}, FILES))
    assert read_sealed(folder).about["n"] == 5
    (tmp_path / "other").mkdir()
    check_target(tmp_path / "other")
    (tmp_path / "other" / "thesis.txt").write_text("x")
    with pytest.raises(OutputError, match="exists and is no twin"):
        check_target(tmp_path / "other")
