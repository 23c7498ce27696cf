"""A folder is read as a table of its pictures, and says what it leaves out."""

from __future__ import annotations

from pathlib import Path

import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.picture_folder import PictureFolder

ROLES = Columns("picture", "picture")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.PNG", "a.jpg", "notes.txt", "sub/deep/c.webp", "sub/d.bmp", "sub/.hidden"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def test_pictures_come_in_the_order_of_their_paths(folder: Path) -> None:
    source = PictureFolder(folder)
    assert source.size == 4
    assert source.columns == source.schema.names == ["picture"]
    batches = list(source.batches(ROLES, 3, 0))
    assert [batch.left for batch in batches] == [
        ["a.jpg", "b.PNG", "sub/d.bmp"],
        ["sub/deep/c.webp"],
    ]
    assert batches[0].table.column("picture").to_pylist() == batches[0].left
    assert [list(batch.lines) for batch in batches] == [[1, 2, 3], [4]]
    assert [batch.left for batch in source.batches(ROLES, 3, 1)] == [["sub/deep/c.webp"]]


def test_what_is_no_picture_is_counted(folder: Path) -> None:
    (note,) = PictureFolder(folder).notes
    assert note.endswith(
        "2 files left out, as the suffix is none of a picture (notes.txt the first)"
    )
    (folder / "notes.txt").unlink()
    (folder / "sub" / ".hidden").unlink()
    assert PictureFolder(folder).notes == []


def test_the_fingerprint_tells_changed_added_and_renamed_pictures(folder: Path) -> None:
    seen = {PictureFolder(folder).fingerprint()}
    assert seen == {PictureFolder(folder).fingerprint()}
    (folder / "a.jpg").write_bytes(b"longer than before")
    seen.add(PictureFolder(folder).fingerprint())
    (folder / "a.jpg").rename(folder / "z.jpg")
    seen.add(PictureFolder(folder).fingerprint())
    (folder / "y.jpg").write_bytes(b"")
    seen.add(PictureFolder(folder).fingerprint())
    assert len(seen) == 4


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"x")
    with pytest.raises(InputError, match=r"holds no picture: no file ends in \.png, \.jpg"):
        PictureFolder(tmp_path)
    with pytest.raises(InputError, match="gone cannot be read: No such file"):
        PictureFolder(tmp_path / "gone")


def test_a_link_to_nothing_is_a_row_as_any_other(folder: Path) -> None:
    before = PictureFolder(folder)
    (folder / "link.png").symlink_to(folder / "gone.png")
    after = PictureFolder(folder)
    assert before.size is not None
    assert after.size == before.size + 1
    assert after.fingerprint() != before.fingerprint()
