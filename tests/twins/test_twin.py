"""What both kinds of twin share: encoding a side, moving, and taking on other parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.conftest import TEXTS
from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.errors import InputError
from textsiamese.twins.pseudo_siamese import PseudoSiamese


@pytest.fixture(scope="module")
def twin() -> PseudoSiamese:
    texts = LstmEncoder.for_texts(TEXTS, LstmConfig(embedding=6, hidden=5, dim=8), 400)
    return PseudoSiamese(texts, CnnEncoder(CnnConfig(size=8, widths=(8,), dim=8)))


@pytest.fixture
def red(tmp_path: Path) -> Path:
    Image.new("RGB", (9, 7), "red").save(tmp_path / "red.png")
    return tmp_path / "red.png"


def test_a_picture_may_be_given_in_many_ways(twin: PseudoSiamese, red: Path) -> None:
    with Image.open(red) as opened:
        given: list[Any] = [str(red), red, opened]
        one = twin.encode(red, side="right")
        assert one.shape == (twin.dim,)
        for some in (given, pd.Series(given[:2]), np.array([str(red)])):
            found = twin.encode(some, side="right")
            np.testing.assert_allclose(found, np.tile(one, (len(some), 1)), atol=1e-5)


def test_what_cannot_be_read_is_named_by_its_index_or_has_no_numbers(
    twin: PseudoSiamese, red: Path
) -> None:
    given = [red, None, "gone.png"]
    with pytest.raises(InputError, match=r"inputs\[1\] is missing; a path or a PIL image"):
        twin.encode(given, side="right")
    with pytest.raises(InputError, match=r"inputs\[2\]: there is no file gone\.png"):
        twin.encode([red, red, "gone.png"], side="right")
    found = twin.encode(given, side="right", on_problem="nan")
    assert np.isnan(found).all(axis=1).tolist() == [False, True, True]


@pytest.mark.parametrize("given", [3.5, b"\x89PNG", object()])
def test_what_is_neither_text_nor_picture_is_refused(twin: PseudoSiamese, given: Any) -> None:
    with pytest.raises(InputError, match=r"inputs\[0\] is no text but"):
        twin.encode([given])
    with pytest.raises(InputError, match=r"inputs\[0\] is no picture but an object of type"):
        twin.encode([given], side="right")


def test_a_side_is_left_or_right(twin: PseudoSiamese) -> None:
    side: Any = "middle"
    with pytest.raises(InputError, match="side is 'middle'; it must be 'left' or 'right'"):
        twin.encode(TEXTS, side=side)


def test_on_a_device_it_is_another_twin_with_the_same_vectors(twin: PseudoSiamese) -> None:
    moved = twin.to("cpu")
    assert moved is not twin
    assert np.array_equal(moved.encode(TEXTS), twin.encode(TEXTS))


def test_pictures_are_not_counted_as_texts(twin: PseudoSiamese, red: Path) -> None:
    assert twin.compare(TEXTS[:2], [red, red]).texts == 2
