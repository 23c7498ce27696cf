from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import textsiamese as ts
from textsiamese.errors import InputError
from textsiamese.inputs.picture_paths import PicturePaths, seem_pictures
from textsiamese.inputs.reader import open_pairs

TABLE = "caption,image\na dog,dog.png\na cat,more/cat.png\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "more").mkdir()
    for name in ("dog.png", "more/cat.png"):
        Image.new("RGB", (9, 9), "red").save(tmp_path / name)
    file = tmp_path / "captions.csv"
    file.write_text(TABLE)
    return file


def test_pictures_lie_beside_the_table(table: Path) -> None:
    pairs = ts.read_pairs(str(table), positives_only=True, picture_sides=["right"])
    assert pairs.left == ["a dog", "a cat"]
    assert pairs.right == [str(table.parent / "dog.png"), str(table.parent / "more" / "cat.png")]


def test_or_in_a_folder_that_is_named(table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    reader = open_pairs(table, picture_sides=["right"], pictures=folder)
    (chunk,) = reader.chunks()
    assert chunk.right == [str(folder / "dog.png"), str(folder / "more" / "cat.png")]
    assert chunk.table.column("image").to_pylist() == ["dog.png", "more/cat.png"]


def test_of_a_frame_they_lie_in_the_working_folder(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(table.parent)
    pairs = ts.read_pairs(pd.read_csv(table), positives_only=True, picture_sides=["right"])
    assert pairs.right == ["dog.png", str(Path("more/cat.png"))]


def test_absolute_paths_and_addresses_stay(tmp_path: Path) -> None:
    paths = PicturePaths(right=tmp_path)
    assert paths.located("right", "/else/dog.png") == "/else/dog.png"
    assert paths.located("right", "https://example.org/dog.png") == "https://example.org/dog.png"
    assert paths.located("left", "a dog") == "a dog"


def test_what_makes_no_sense_is_refused(table: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no folder .*nowhere"):
        PicturePaths.of(table, ["right"], tmp_path / "nowhere")
    with pytest.raises(InputError, match="texts are read on both sides"):
        PicturePaths.of(table, [], tmp_path)
    with pytest.raises(InputError, match=r"picture_sides is \['top'\]"):
        PicturePaths.of(table, ["top"])
    with pytest.raises(InputError, match="picture_sides is 'right'; it lists"):
        PicturePaths.of(table, "right")


def test_names_of_pictures_are_no_texts(table: Path) -> None:
    with pytest.raises(InputError, match=r"right column holds names of picture files.*dog\.png"):
        ts.read_pairs(table, positives_only=True)
    assert not seem_pictures([])
    assert not seem_pictures(["dog.png", "a dog"])


def test_a_reader_of_texts_tells_that_they_name_pictures(table: Path) -> None:
    for sides, notes in (((), 1), (("right",), 0)):
        reader = open_pairs(table, picture_sides=sides)
        list(reader.chunks())
        told = [note for note in reader.notes if "names of picture files" in note]
        assert len(told) == notes
        assert all('column "image"' in note for note in told)
