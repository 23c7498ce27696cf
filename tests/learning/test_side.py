from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.errors import InputError
from textsiamese.inputs.pictures import read_pictures
from textsiamese.learning.side import PictureSide, TextSide, side_of

TEXTS = ["how do i learn python", "why", "what is the age of bread", "how"]


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    random = np.random.default_rng(0)
    paths = [str(tmp_path / f"{number}.png") for number in range(40)]
    for path in paths:
        Image.fromarray(random.integers(256, size=(16, 16, 3), dtype=np.uint8)).save(path)
    return paths


def test_texts_stand_shortest_first_in_groups(encoder: LstmEncoder) -> None:
    side = side_of(TEXTS * 30, encoder)
    assert isinstance(side, TextSide)
    batch = side.batch(np.array([2, 0, 1, *range(4, 120)]))
    groups = batch.groups(batch.order)
    lengths = np.concatenate([lengths.numpy() for _, lengths in groups])
    assert (np.diff(lengths) >= 0).all()
    assert [len(n) for _, n in groups] == [48, 48, 23]


def test_pictures_are_decoded_once_and_handed_out_in_groups(pictures: list[str]) -> None:
    encoder = CnnEncoder(CnnConfig(size=8, widths=(8,), dim=4))
    side = side_of(pictures, encoder)
    assert isinstance(side, PictureSide)
    for path in pictures:
        Path(path).unlink()
    batch = side.batch(np.arange(5, 40))
    groups = batch.groups(batch.order)
    assert [len(group) for group in groups] == [32, 3]
    assert groups[0].dtype.is_signed is False
    assert side.cut() == (0, 40)


def test_their_pixels_are_those_of_the_files(pictures: list[str]) -> None:
    encoder = CnnEncoder(CnnConfig(size=8, widths=(8,), dim=4))
    batch = side_of(pictures, encoder).batch(np.array([7, 3]))
    (group,) = batch.groups(np.array([1, 0]))
    expected, _ = read_pictures([pictures[3], pictures[7]], encoder.form)
    np.testing.assert_array_equal(group.numpy(), expected)


def test_a_picture_that_cannot_be_read_stops_the_training(pictures: list[str]) -> None:
    encoder = CnnEncoder(CnnConfig(size=8, widths=(8,), dim=4))
    Path(pictures[4]).write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"4\.png"):
        side_of(pictures, encoder)
