from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from textsiamese.inputs.picture_modes import flat, orientation, turned


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 255]], np.int32), [0, 255]),
        (np.array([[0, 65_535]], np.int32), [0, 255]),
        (np.array([[-10, 90]], np.int32), [0, 255]),
        (np.array([[0.0, 0.5]], np.float32), [0, 128]),
        (np.array([[0.0, 200.0]], np.float32), [0, 200]),
        (np.array([[np.nan, 1.0]], np.float32), [0, 255]),
        (np.array([[7, 7]], np.int32), [7, 7]),
        (np.array([[256, 65_535]], np.uint16), [1, 255]),
    ],
)
def test_grey_is_scaled_by_the_range_that_holds_it(values: np.ndarray, expected: list) -> None:
    assert np.asarray(flat(Image.fromarray(values))).tolist() == [expected]


@pytest.mark.parametrize(
    "mode", ["RGB", "L", "P", "1", "CMYK", "YCbCr", "HSV", "LAB", "RGBA", "LA"]
)
def test_every_mode_becomes_grey_or_colours(mode: str) -> None:
    picture = Image.new("RGB", (4, 4), "white")
    picture = picture.convert("LA") if mode == "LA" else picture
    if mode == "LAB":
        picture = Image.new("LAB", (4, 4), (255, 128, 128))
    found = flat(picture.convert(mode) if mode not in ("LAB", "LA") else picture)
    assert found.mode in ("L", "RGB")


def test_turning_and_its_inverse() -> None:
    picture = Image.fromarray(np.arange(6, dtype=np.uint8).reshape(2, 3))
    back = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
    for way, inverse in back.items():
        again = turned(turned(picture, way), inverse)
        assert np.asarray(again).tolist() == np.asarray(picture).tolist()
    assert turned(picture, 1) is picture


def test_where_no_exif_is_a_picture_is_upright() -> None:
    assert orientation(Image.new("L", (2, 2))) == 1
