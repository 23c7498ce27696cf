"""The right side: each distinct input encoded once, in memory or in a folder; all rows known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.serving import known as module
from textsiamese.serving.known import Known, know
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.twin import Twin

TEXTS = ["How?", "Why not?", "How?", "Where is it?", "Why not?", "How?"]


def rows_of_each(known: Known) -> list[list[int]]:
    parts = np.split(known.rows, known.starts[1:-1])
    return [part.tolist() for part in parts]


@pytest.mark.parametrize("part", [1, 2, 100])
@pytest.mark.parametrize("kept", [False, True])
def test_equal_inputs_are_encoded_once_and_all_rows_are_known(
    lstm_twin: Twin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bool, part: int
) -> None:
    monkeypatch.setattr(module, "_PART", part)
    told: list[tuple[int, int]] = []
    known = know(
        lstm_twin,
        TEXTS,
        index=tmp_path / "index" if kept else None,
        progress=lambda done, total: told.append((done, total)),
    )
    assert rows_of_each(known) == [[0, 2, 5], [1, 4], [3]]
    assert len(known) == 6
    assert known.encoded == 3
    assert (told[0], told[-1]) == ((0, 3), (3, 3))
    np.testing.assert_allclose(
        known.vectors, lstm_twin.encode(["How?", "Why not?", "Where is it?"]), atol=1e-6
    )


def test_what_is_none_is_left_out(lstm_twin: Twin) -> None:
    known = know(lstm_twin, [None, *TEXTS, None])
    assert rows_of_each(known) == [[1, 3, 6], [2, 5], [4]]
    nothing = know(lstm_twin, [None, None])
    assert (len(nothing), len(nothing.vectors)) == (0, 0)


def test_vectors_in_a_folder_are_taken_from_there(lstm_twin: Twin, tmp_path: Path) -> None:
    index = tmp_path / "index"
    assert know(lstm_twin, TEXTS, index=index).encoded == 3
    again = know(lstm_twin, TEXTS, index=index)
    assert again.encoded == 0
    assert isinstance(again.vectors, np.memmap)
    fewer = know(lstm_twin, ["Where is it?", "How?"], index=index)
    assert fewer.encoded == 0
    assert fewer.vectors.shape == (2, again.vectors.shape[1])
    np.testing.assert_array_equal(fewer.vectors[:], again.vectors[[2, 0]])
    np.testing.assert_array_equal(fewer.vectors[np.array([1])], again.vectors[[0]])
    more = know(lstm_twin, ["What?", "How?", "Who?"], index=index)
    assert more.encoded == 2
    np.testing.assert_allclose(
        more.vectors[:], lstm_twin.encode(["What?", "How?", "Who?"]), atol=1e-6
    )


def test_vectors_of_another_twin_or_side_are_refused(
    lstm_twin: Twin, colour_twin: PseudoSiamese, paint: Callable[..., Path], tmp_path: Path
) -> None:
    know(lstm_twin, TEXTS, index=tmp_path / "texts")
    picture = str(paint(a="red") / "a.png")
    with pytest.raises(InputError, match=r"holds vectors of tiny \(.*, not of colours \(c"):
        know(colour_twin, [picture], index=tmp_path / "texts")
    unsaved = lstm_twin.with_encoder(lstm_twin.encoder, lstm_twin.measure)
    with pytest.raises(InputError, match="was not opened from a folder"):
        know(unsaved, TEXTS, index=tmp_path / "new")
    assert len(know(unsaved, TEXTS)) == 6


@pytest.mark.parametrize("kept", [False, True])
def test_pictures_that_cannot_be_read_are_left_out_with_a_word(
    colour_twin: PseudoSiamese, paint: Callable[..., Path], tmp_path: Path, kept: bool
) -> None:
    folder = paint(a="red", b="blue", c="red")
    (folder / "bad.png").write_bytes(b"no picture")
    names = ["bad.png", "a.png", "gone.png", "b.png", "c.png", "bad.png"]
    pictures: list[Any] = [str(folder / name) for name in names]
    index = tmp_path / "index" if kept else None
    known = know(colour_twin, [*pictures, None], index=index)
    assert rows_of_each(known) == [[1, 4], [3]]
    assert known.encoded == 2
    assert know(colour_twin, [*pictures, None], index=index).encoded == (0 if kept else 2)
    assert sorted(known.faults) == [0, 2, 5]
    assert "gone.png" in known.faults[2]
    assert "bad.png" in known.faults[0]
    assert known.faults[0] == known.faults[5]
    np.testing.assert_allclose(known.vectors, [[1, 0, 0], [0, 0, 1]], atol=1e-6)


def test_a_renamed_picture_is_not_encoded_again_and_a_changed_one_is(
    colour_twin: PseudoSiamese, paint: Callable[..., Path], tmp_path: Path
) -> None:
    folder, index = paint(a="red", b="blue"), tmp_path / "index"
    seen: list[str] = colour_twin.tower("right").runtime.seen  # type: ignore[attr-defined]
    assert (
        know(colour_twin, [str(folder / "a.png"), str(folder / "b.png")], index=index).encoded == 2
    )
    (folder / "a.png").rename(folder / "z.png")
    seen.clear()
    known = know(colour_twin, [str(folder / "z.png"), str(folder / "b.png")], index=index)
    assert (known.encoded, seen) == (0, [])
    paint(b="green")
    known = know(colour_twin, [str(folder / "z.png"), str(folder / "b.png")], index=index)
    assert (known.encoded, seen) == (1, [str(folder / "b.png")])
    np.testing.assert_allclose(known.vectors[:], [[1, 0, 0], [0, 1, 0]], atol=1e-6)
