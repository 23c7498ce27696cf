from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from PIL import Image

from textsiamese.inputs.picture_files import (
    PictureError,
    open_bytes,
    open_picture,
    pillow_at_work,
)


def test_a_picture_is_open_in_its_context_and_closed_after_it(tmp_path: Path) -> None:
    Image.new("RGB", (3, 2), "red").save(tmp_path / "a.png")
    with open_picture(tmp_path / "a.png") as opened:
        assert opened.size == (3, 2)
        opened.load()
    assert getattr(opened, "fp", None) is None


def test_what_is_done_to_it_there_is_explained_too(tmp_path: Path) -> None:
    Image.effect_noise((64, 64), 80).save(tmp_path / "a.png")
    torn = tmp_path / "torn.png"
    torn.write_bytes((tmp_path / "a.png").read_bytes()[:1000])
    with pytest.raises(PictureError, match=r"torn\.png is cut short"), open_picture(torn) as opened:
        opened.load()


def test_long_and_odd_names_are_shown_in_short() -> None:
    with pytest.raises(PictureError) as raised, open_picture("a\n" * 300):
        pass
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 400


def test_warnings_are_shown_again_afterwards() -> None:
    with pillow_at_work():
        pass
    with pytest.warns(UserWarning, match="still"):
        warnings.warn("still", stacklevel=1)


def test_an_image_that_was_closed_is_told_from_a_file_of_another_kind(tmp_path: Path) -> None:
    Image.new("RGB", (3, 2), "red").save(tmp_path / "a.png")
    closed = Image.open(tmp_path / "a.png")
    closed.close()
    with (
        pytest.raises(PictureError, match=r"the PIL image .*is closed"),
        open_picture(closed) as it,
    ):
        it.load()


def test_the_bytes_of_a_file_are_those_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"any")
    with open_bytes(tmp_path / "a.png") as file:
        assert file.read() == b"any"
    for other, fault in ((tmp_path, "is a folder"), ("gone.png", "there is no file gone")):
        with pytest.raises(PictureError, match=fault), open_bytes(other):
            pass
