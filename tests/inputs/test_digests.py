from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs.digests import DigestIndex, picture_digests, wide_digests
from textsiamese.inputs.stored import StoredTexts, TextFile

a_text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(
    lambda text: text.strip()
)
halves = st.sampled_from([0, 1, 2**63, 2**64 - 1])
digests_in_a_row = st.lists(st.tuples(halves, halves), max_size=30)


def array(digests: list[tuple[int, int]]) -> Any:
    return np.array(digests, np.uint64).reshape(-1, 2)


@given(st.lists(a_text, max_size=20))
def test_equal_where_the_texts_are(texts: list[str]) -> None:
    found = wide_digests(texts)
    assert found.shape == (len(texts), 2)
    expected = [blake2b(text.encode(), digest_size=16).digest() for text in texts]
    assert [row.tobytes() for row in found.astype("<u8")] == expected
    assert len({tuple(row) for row in found.tolist()}) == len(set(texts))
    file = TextFile()
    assert np.array_equal(wide_digests(StoredTexts(file, file.append(texts))), found)


@pytest.mark.parametrize(
    ("text", "fault"),
    [("", "is empty"), (" ", "is blank"), (None, "is missing"), (3, "is no text")],
)
def test_what_is_no_text_is_named(text: Any, fault: str) -> None:
    with pytest.raises(InputError, match=rf"texts\[1\] {fault}.*; a non-empty str is expected"):
        wide_digests(["a", text])


@given(digests_in_a_row, digests_in_a_row)
def test_found_as_by_a_slow_search(
    known: list[tuple[int, int]], sought: list[tuple[int, int]]
) -> None:
    index = DigestIndex(array(known))
    expected = [known.index(each) if each in known else -1 for each in sought]
    assert index.find(array(sought)).tolist() == expected
    assert index.firsts().tolist() == sorted({known.index(each) for each in known})


@given(st.lists(a_text, max_size=20), st.lists(a_text, max_size=5), st.randoms())
def test_texts_are_found_again(texts: list[str], others: list[str], random: Any) -> None:
    sought = [*texts, *others]
    random.shuffle(sought)
    found = DigestIndex(wide_digests(texts)).find(wide_digests(sought))
    assert [texts[i] if i >= 0 else None for i in found] == [
        text if text in texts else None for text in sought
    ]


def test_a_picture_is_known_by_the_bytes_of_its_file(tmp_path: Path) -> None:
    for name, content in (("a.png", b"x"), ("b.png", b"x"), ("c.png", b"y"), ("d.png", b"z")):
        (tmp_path / name).write_bytes(content)
    paths: list[Any] = [tmp_path / "a.png", str(tmp_path / "b.png"), tmp_path / "c.png"]
    digests, faults = picture_digests([*paths, tmp_path / "d.png", tmp_path / "gone.png", tmp_path])
    assert (digests[0] == digests[1]).all()
    assert len({tuple(row) for row in digests.tolist()}) == 4
    assert not digests[4:].any()
    assert list(faults) == [4, 5]
    assert faults[4] == f"there is no file {tmp_path / 'gone.png'}"
    assert faults[5] == f"{tmp_path} is a folder: name a picture in it"
    assert len(picture_digests([])[0]) == 0


def test_a_picture_in_memory_is_known_by_its_pixels() -> None:
    from PIL import Image

    one, same, other = (Image.new("RGB", (3, 2), colour) for colour in ("red", "red", "blue"))
    turned = Image.new("RGB", (2, 3), "red")
    digests, faults = picture_digests([one, same, other, turned, one.convert("RGBA")])
    assert not faults
    assert (digests[0] == digests[1]).all()
    assert len({tuple(row) for row in digests.tolist()}) == 4


def test_pictures_of_the_same_numbers_differ_by_palette_and_orientation() -> None:
    from PIL import Image

    def painted(colour: str, orientation: int = 1) -> Image.Image:
        picture = Image.new("P", (3, 2))
        picture.putpalette(Image.new("RGB", (1, 1), colour).tobytes())
        picture.getexif()[0x0112] = orientation
        return picture

    red, again, blue, turned = painted("red"), painted("red"), painted("blue"), painted("red", 6)
    digests, faults = picture_digests([red, again, blue, turned])
    assert not faults
    assert (digests[0] == digests[1]).all()
    assert len({tuple(row) for row in digests.tolist()}) == 3


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    _, faults = picture_digests([tmp_path / "pipe.png"])
    assert faults == {0: f"{tmp_path / 'pipe.png'} is no ordinary file"}
