"""Drawn shapes with captions: pictures that a tiny network can learn to tell apart in seconds.

A scene is two things, and how they lie: "a red circle left of a blue square" is "a blue square
right of a red circle" as well. So every scene has two captions, and no two scenes share one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations, product
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from textsiamese.inputs.pairs import Pairs

COLOURS = {"red": "#d22", "green": "#2a3", "blue": "#24d", "yellow": "#ec2", "black": "#222"}
SHAPES = ("circle", "square", "triangle", "cross")
_SIDE = 64  # pixels


@dataclass(frozen=True)
class Scene:
    """Two things: the first one is left of the second, or above it if they are stacked."""

    first: tuple[str, str]
    second: tuple[str, str]
    stacked: bool

    @property
    def captions(self) -> tuple[str, str]:
        first, second = (f"a {' '.join(thing)}" for thing in (self.first, self.second))
        if self.stacked:
            return f"{first} above {second}", f"{second} below {first}"
        return f"{first} left of {second}", f"{second} right of {first}"

    def draw(self, random: np.random.Generator) -> Image.Image:
        """A picture of it; places, sizes and the background are drawn at random."""
        shade = tuple(random.integers(225, 256, 3).tolist())
        picture = Image.new("RGB", (_SIDE, _SIDE), shade)
        across = random.uniform(0.24, 0.3), random.uniform(0.7, 0.76)
        for thing, place in zip((self.first, self.second), across, strict=True):
            beside = random.uniform(0.4, 0.6)
            centre = (beside, place) if self.stacked else (place, beside)
            _draw_thing(ImageDraw.Draw(picture), thing, centre, random.uniform(0.17, 0.22))
        return picture


def all_scenes() -> list[Scene]:
    """Every two different things in both ways to lie, each once: 760."""
    pairs = permutations(product(COLOURS, SHAPES), 2)
    return [Scene(*things, stacked) for things in pairs for stacked in (False, True)]


def dealt_scenes(test: int, seed: int = 0) -> tuple[list[Scene], list[Scene]]:
    """Scenes to learn from, and `test` others."""
    scenes = all_scenes()
    order = np.random.default_rng(seed).permutation(len(scenes))
    return [scenes[i] for i in order[test:]], [scenes[i] for i in order[:test]]


def drawn_pairs(scenes: Sequence[Scene], folder: Path, pictures: int = 1, seed: int = 0) -> Pairs:
    """Captions beside the PNG files of their pictures, all of them the same (1).

    Args:
        scenes: what to draw.
        folder: where the files are written; it is made.
        pictures: of each scene; every one of them has both captions.
        seed: of places and sizes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    captions, paths = [], []
    for number, scene in enumerate(scenes):
        for copy in range(pictures):
            path = folder / f"{number}-{copy}.png"
            scene.draw(random).save(path, compress_level=1)
            captions += scene.captions
            paths += [str(path)] * len(scene.captions)
    return Pairs(captions, paths, np.ones(len(captions), np.int8), folder.name)


def _draw_thing(
    canvas: ImageDraw.ImageDraw, thing: tuple[str, str], centre: tuple[float, float], radius: float
) -> None:
    """Centre and radius as shares of the picture's side."""
    colour, shape = COLOURS[thing[0]], thing[1]
    x, y, r = (_SIDE * value for value in (*centre, radius))
    if shape == "circle":
        canvas.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    elif shape == "square":
        r *= 0.9  # about as much colour as the circle
        canvas.rectangle((x - r, y - r, x + r, y + r), fill=colour)
    elif shape == "cross":
        for wide, high in ((r, r / 3), (r / 3, r)):
            canvas.rectangle((x - wide, y - high, x + wide, y + high), fill=colour)
    else:
        canvas.polygon([(x, y - r), (x + r, y + r), (x - r, y + r)], fill=colour)
