from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textsiamese.inputs.pictures import PictureForm, read_pictures
from textsiamese.judging.calibration import Platt
from textsiamese.twins.bundle import load
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.runtime import Encoded
from textsiamese.twins.similarity import PairHead
from textsiamese.twins.tower import Tower
from textsiamese.twins.twin import Twin

COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "violet": (200, 0, 255),
    "grey": (90, 90, 90),
}


class ColourNames:
    """Encodes a text: the mean of the colours that it names."""

    def encode(self, texts: Sequence[str]) -> Encoded:
        vectors = [np.mean([COLOURS[word] for word in text.split()], axis=0) for text in texts]
        return encoded(np.array(vectors, dtype=np.float32).reshape(-1, 3), {})


class PictureColours:
    """Encodes a picture: its mean colour. `seen` holds every picture that it was given."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def encode(self, pictures: Sequence[Any]) -> Encoded:
        self.seen += pictures
        pixels, faults = read_pictures(pictures, PictureForm(size=4))
        vectors = pixels.mean(axis=(1, 2), dtype=np.float32)
        vectors[list(faults)] = np.nan
        return encoded(vectors, faults)


def encoded(vectors: Any, problems: dict[int, str]) -> Encoded:
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    none = np.zeros(len(vectors), dtype=np.bool_)
    return Encoded(vectors, none, none.astype(np.float32), problems)


def unopened() -> Any:
    raise AssertionError("torch is not needed")


@pytest.fixture
def colour_twin() -> PseudoSiamese:
    """Names of colours on the left, pictures on the right; no torch, nothing learnt."""
    return PseudoSiamese(
        Tower(ColourNames(), unopened),
        Tower(PictureColours(), unopened, "pictures"),
        decision=Decision(Platt(20.0, -18.0), 0.5, "accuracy", 0.4, 0.4, 100),
        info=TwinInfo(name="colours"),
        fingerprint="c" * 64,
    )


@pytest.fixture
def paint(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder with a small picture of one colour for each name that is given."""

    def painted(folder: str = "pictures", **names: str) -> Path:
        from PIL import Image

        (tmp_path / folder).mkdir(exist_ok=True)
        for name, colour in names.items():
            path = tmp_path / folder / f"{name}.png"
            Image.new("RGB", (6, 6), COLOURS[colour]).save(path)
        return tmp_path / folder

    return painted


@pytest.fixture(scope="session")
def lstm_twin(tiny_folder: Path) -> Twin:
    """The tiny twin of texts; it compares by cosine."""
    return load(tiny_folder, threads=1)


@pytest.fixture(scope="session")
def head_twin(lstm_twin: Twin) -> Twin:
    """The same with a pair head, which ranks otherwise than the cosine."""
    decision = lstm_twin.decided()
    return lstm_twin.with_parts(measure=PairHead.new(16, 8, seed=3), decision=decision)
