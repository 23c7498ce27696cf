from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import textsiamese as ts
from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.errors import InputError
from textsiamese.inputs.pictures import read_pictures
from textsiamese.twins.picture_runtime import PictureRuntime


@pytest.fixture(scope="module")
def encoder() -> CnnEncoder:
    torch.manual_seed(0)
    return CnnEncoder(CnnConfig(size=16, widths=(8, 16), depth=1, dim=6, dropout=0.5))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """150 small pictures of noise, more than one block of them."""
    folder, random = tmp_path_factory.mktemp("noise"), np.random.default_rng(0)
    paths = [folder / f"{number}.png" for number in range(150)]
    for path in paths:
        Image.fromarray(random.integers(256, size=(20, 20, 3), dtype=np.uint8)).save(path)
    return [str(path) for path in paths]


def test_vectors_are_those_of_each_picture_alone(encoder: CnnEncoder, pictures: list[str]) -> None:
    found = PictureRuntime(lambda: encoder).encode(pictures)
    assert found.problems == {}
    for number in (0, 63, 64, 149):
        pixels, _ = read_pictures([pictures[number]], encoder.form)
        with torch.no_grad():
            alone = encoder.eval()([torch.from_numpy(pixels)])[0].numpy()
        np.testing.assert_allclose(found.vectors[number], alone, atol=1e-6)


def test_the_encoder_trains_on_as_it_did(encoder: CnnEncoder, pictures: list[str]) -> None:
    encoder.train()
    one, other = (PictureRuntime(lambda: encoder).encode(pictures[:3]).vectors for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert encoder.training


def test_what_cannot_be_read_is_named_and_the_others_encoded(
    encoder: CnnEncoder, pictures: list[str], tmp_path: Path
) -> None:
    torn = tmp_path / "torn.png"
    torn.write_bytes(Path(pictures[0]).read_bytes()[:200])
    given = [*pictures[:70], str(torn), *pictures[70:], str(tmp_path / "nowhere.png")]
    found = PictureRuntime(lambda: encoder).encode(given)
    assert sorted(found.problems) == [70, 151]
    assert "torn.png" in found.problems[70]
    assert np.isnan(found.vectors[[70, 151]]).all()
    expected = PictureRuntime(lambda: encoder).encode(pictures).vectors
    np.testing.assert_allclose(np.delete(found.vectors, [70, 151], axis=0), expected, atol=1e-6)


def test_no_pictures_have_no_vectors(encoder: CnnEncoder) -> None:
    assert PictureRuntime(lambda: encoder).encode([]).vectors.shape == (0, 6)


def test_a_twin_of_pictures(encoder: CnnEncoder, pictures: list[str], tmp_path: Path) -> None:
    twin = ts.Siamese(encoder)
    image = Image.open(pictures[1])
    assert twin.picture_sides == ["left", "right"]
    assert twin.similarity(pictures[1], image) == pytest.approx(1, abs=1e-6)
    one, other = (
        twin.similarity(pictures[:5], pictures[5:10]),
        twin.similarity(pictures[5:10], pictures[:5]),
    )
    np.testing.assert_array_equal(one, other)
    missing = str(tmp_path / "nowhere.png")
    with pytest.raises(InputError, match=r"inputs\[2\]: .*nowhere.png"):
        twin.encode([pictures[0], Path(pictures[1]), missing])
    with pytest.raises(InputError, match=r"pair 1: .*nowhere\.png"):
        twin.similarity(pictures[:2], [pictures[0], missing])
    gaps = twin.similarity([*pictures[:2], None], [pictures[0], missing, image], on_problem="nan")
    assert np.isnan(gaps).tolist() == [False, True, True]
    vectors = twin.encode([missing, image, None, missing], on_problem="nan")
    assert np.isnan(vectors).all(1).tolist() == [True, False, True, True]
    with pytest.raises(
        InputError, match=r"inputs\[0\] is no picture but an object of type int; a path"
    ):
        twin.encode([3])
