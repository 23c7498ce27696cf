from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from textsiamese.errors import InputError
from textsiamese.inputs.decoded import DecodedPictures
from textsiamese.inputs.pictures import PictureForm, read_pictures

FORM = PictureForm(size=4)


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    random = np.random.default_rng(0)
    paths = [str(tmp_path / f"{number}.png") for number in range(300)]
    for path in paths:
        Image.fromarray(random.integers(256, size=(5, 5, 3), dtype=np.uint8)).save(path)
    return paths


def test_pixels_are_those_of_the_files_after_these_are_gone(pictures: list[str]) -> None:
    decoded = DecodedPictures(pictures, FORM)
    some = np.array([299, 0, 256, 255, 0])
    expected, _ = read_pictures([pictures[number] for number in some], FORM)
    for path in pictures:
        Path(path).unlink()
    np.testing.assert_array_equal(decoded[some], expected)
    assert len(decoded) == 300


def test_what_is_handed_out_can_be_changed(pictures: list[str]) -> None:
    decoded = DecodedPictures(pictures[:3], FORM)
    before = decoded[np.array([1])].copy()
    decoded[np.array([1])][:] = 0
    np.testing.assert_array_equal(decoded[np.array([1])], before)


def test_the_first_that_cannot_be_read_is_named(pictures: list[str], tmp_path: Path) -> None:
    given = [*pictures[:5], str(tmp_path / "gone.png"), str(tmp_path / "lost.png")]
    with pytest.raises(InputError, match=r"no file .*gone\.png; 1 more cannot be read"):
        DecodedPictures(given, FORM)


def test_none_at_all() -> None:
    assert len(DecodedPictures([], FORM)) == 0
