from __future__ import annotations

import os
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from textsiamese.errors import InputError
from textsiamese.inputs.pictures import PictureForm, picture_key, read_pictures

FORM = PictureForm(size=8)
RED, BLUE = (200, 20, 30), (20, 30, 200)


def halves(mode: str = "RGB", size: tuple[int, int] = (32, 32)) -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    return picture.convert(mode)


def read_one(picture: object, form: PictureForm = FORM) -> np.ndarray:
    pixels, faults = read_pictures([picture], form)  # type: ignore[list-item]
    assert faults == {}
    return pixels[0]


def fault_of(picture: object) -> str:
    pixels, faults = read_pictures([picture], FORM)  # type: ignore[list-item]
    assert not pixels.any()
    return faults[0]


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp", "gif", "tif"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_files_of_any_kind_and_mode(tmp_path: Path, suffix: str, mode: str) -> None:
    file = tmp_path / f"halves.{suffix}"
    picture = halves(mode)
    if suffix == "webp" or (suffix == "jpg" and mode == "P"):
        picture = picture.convert("RGB")
    picture.save(file)
    found = read_one(file).astype(int)
    expected = np.asarray(halves(mode).convert("RGB").resize((8, 8), Image.Resampling.BOX))
    assert np.abs(found[:, [0, 1, 6, 7]] - expected[:, [0, 1, 6, 7]]).mean() < 14


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (0, 0, 16, 8))
    for mode in ("RGBA", "LA", "PA"):
        found = read_one(picture.convert(mode))
        assert (found[-2:] == 255).all(), mode
        assert found[:2].mean() < 130
    picture.quantize().save(tmp_path / "palette.png")
    assert (read_one(tmp_path / "palette.png")[-2:] > 250).all()


def test_cmyk_is_turned_into_colours(tmp_path: Path) -> None:
    halves("CMYK").save(tmp_path / "cmyk.jpg", quality=95)
    found = read_one(tmp_path / "cmyk.jpg").astype(int)
    assert np.abs(found[:, :3] - RED).max() < 12
    assert np.abs(found[:, 5:] - BLUE).max() < 12


def test_16_bits_of_grey_are_scaled_and_not_clipped(tmp_path: Path) -> None:
    values = np.linspace(0, 65_535, 64 * 64).reshape(64, 64)
    Image.fromarray(values.astype(np.uint16)).save(tmp_path / "deep.png")
    found = read_one(tmp_path / "deep.png").astype(int)
    expected = values.reshape(8, 8, 8, 8).mean((1, 3)) / 257
    assert np.abs(found[..., 0] - expected).max() <= 2
    assert (found[..., 0] == found[..., 2]).all()


def test_floats_are_scaled_by_their_range() -> None:
    values = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    found = read_one(Image.fromarray(values))
    np.testing.assert_array_equal(found[..., 0], (values.astype(float) * 255).round())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_a_picture_upright(tmp_path: Path, orientation: int) -> None:
    from PIL import ImageOps

    marked = halves()
    marked.paste((250, 250, 250), (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    marked.save(tmp_path / "turned.png", exif=exif)
    with Image.open(tmp_path / "turned.png") as opened:
        expected = np.asarray(
            ImageOps.exif_transpose(opened).resize((8, 8), Image.Resampling.BICUBIC)
        )
    assert np.abs(read_one(tmp_path / "turned.png").astype(int) - expected).max() < 40
    corner = np.unravel_index(read_one(tmp_path / "turned.png").sum(-1).argmax(), (8, 8))
    assert corner == np.unravel_index(expected.sum(-1).argmax(), (8, 8))


def test_squash_crop_and_pad() -> None:
    wide = halves(size=(64, 32))
    squashed = read_one(wide)
    np.testing.assert_array_equal(squashed[:, 0], squashed[[0] * 8, 0])
    assert np.abs(squashed[:, 1].astype(int) - RED).max() < 4
    cropped = read_one(wide, PictureForm(8, fit="crop"))
    middle = np.asarray(wide.crop((16, 0, 48, 32)).resize((8, 8), Image.Resampling.BICUBIC))
    assert np.abs(cropped.astype(int) - middle).max() <= 3
    padded = read_one(wide, PictureForm(8, fit="pad"))
    assert (padded[[0, 1, -2, -1]] == 255).all()
    assert (padded[2:6, 0] < 210).all()
    assert read_one(wide, PictureForm(8, channels=1)).shape == (8, 8, 1)


def test_of_an_animation_the_first_picture_counts(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, BLUE)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert np.abs(read_one(tmp_path / "moving.gif").astype(int) - RED).max() < 8


def bad_pictures(folder: Path) -> dict[str, tuple[object, str]]:
    """Pictures that cannot be read, and what is to be said of each."""
    noise = np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8)
    for name in ("whole.png", "whole.jpg", "whole.webp", "whole.bmp"):
        Image.fromarray(noise).save(folder / name)
        content = (folder / name).read_bytes()
        (folder / f"torn-{name}").write_bytes(content[: len(content) // 2])
    (folder / "text.png").write_text("caption,image\n")
    (folder / "paper.png").write_bytes(b"%PDF-1.7 ...")
    (folder / "page.jpg").write_bytes(b"<!doctype html><html>404</html>")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "head.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    Image.new("1", (10_000, 10_001)).save(folder / "bomb.png")
    Image.new("1", (20_000, 20_000)).save(folder / "huge.png")
    return {
        "missing": (str(folder / "gone.png"), "there is no file .*gone.png"),
        "folder": (folder, "is a folder: name a picture in it"),
        "text": (folder / "text.png", "text.png is no picture of the kinds that are read"),
        "pdf": (folder / "paper.png", "is a PDF, and none of the kinds that are read"),
        "page": (folder / "page.jpg", "is a web page, and none"),
        "empty": (folder / "empty.jpg", "empty.jpg is empty: it has 0 bytes"),
        "head": (folder / "head.png", "head.png is "),
        "bomb": (folder / "bomb.png", "10,000 x 10,001 pixels; 100 million are read at most"),
        "huge": (folder / "huge.png", "too many pixels; 100 million are read at most"),
        "address": ("https://example.org/a.png", "is a web address: download it first"),
        "number": (3, "the picture is no text but 3; the path of a file or a PIL image"),
        "array": (np.zeros((9, 9)), r"the picture is no text but array\("),
        "none": (None, "the picture is missing"),
        "blank": (" ", "the picture's path is blank"),
        "nul": ("a\0b.png", "holds a NUL character"),
        "long": ("x" * 5000 + ".png", "x"),
        **{
            f"torn {kind}": (folder / f"torn-whole.{kind}", f"torn-whole.{kind} is .*cut short")
            for kind in ("png", "jpg", "webp", "bmp")
        },
    }


def test_what_cannot_be_read_is_told_in_a_clause(tmp_path: Path) -> None:
    cases = bad_pictures(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = {name: fault_of(picture) for name, (picture, _) in cases.items()}
    for name, (_, expected) in cases.items():
        assert re.search(expected, found[name]), (name, found[name])
        assert "\n" not in found[name]
        assert len(found[name]) < 400 + len(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    halves().save(tmp_path / "secret.png")
    (tmp_path / "secret.png").chmod(0)
    assert "may not be read" in fault_of(tmp_path / "secret.png")


def test_bad_ones_leave_the_others_as_they_are(tmp_path: Path) -> None:
    halves().save(tmp_path / "good.png")
    torn = tmp_path / "torn.png"
    torn.write_bytes((tmp_path / "good.png").read_bytes()[:60])
    given = [str(torn), tmp_path / "good.png", str(torn), halves()]
    pixels, faults = read_pictures(given, FORM)
    assert list(faults) == [0, 2]
    np.testing.assert_array_equal(pixels[1], pixels[3])
    assert not pixels[[0, 2]].any()


def test_nothing_of_pillow_or_of_a_picture_changes(tmp_path: Path) -> None:
    before = (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS, list(warnings.filters))
    given = halves("RGBA")
    content = given.tobytes()
    bad_pictures(tmp_path)
    read_pictures([given, tmp_path / "bomb.png"], FORM)
    assert given.tobytes() == content
    assert before == (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS, warnings.filters)


def test_an_open_file_of_the_caller_stays_open(tmp_path: Path) -> None:
    halves().save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as opened:
        read_one(opened)
        assert opened.getpixel((0, 0)) == RED


def test_keys_tell_pictures_apart(tmp_path: Path) -> None:
    image = halves()
    assert picture_key(tmp_path / "a.png") == picture_key(str(tmp_path / "a.png"))
    assert picture_key(image) == picture_key(image) != picture_key(halves())


def test_no_pictures() -> None:
    assert read_pictures([], FORM)[0].shape == (0, 8, 8, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 0}, "size is 0"),
        ({"size": 8, "channels": 4}, "channels is 4"),
        ({"size": 8, "fit": "stretch"}, "fit is 'stretch'"),
        ({"size": 8, "part": 0}, "part is 0"),
    ],
)
def test_forms_that_make_no_sense(settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        PictureForm(**settings)
