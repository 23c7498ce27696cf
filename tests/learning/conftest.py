from __future__ import annotations

import numpy as np
import pytest

from textsiamese.inputs.pairs import Pairs

TOPICS = [
    ("bread", "dough"),
    ("python", "script"),
    ("shoes", "boots"),
    ("train", "ticket"),
    ("guitar", "chords"),
    ("garden", "tulips"),
    ("money", "loan"),
    ("painting", "canvas"),
    ("horse", "saddle"),
    ("camera", "lens"),
    ("river", "canoe"),
    ("soup", "broth"),
    ("chess", "rook"),
    ("planet", "orbit"),
    ("virus", "fever"),
    ("engine", "piston"),
    ("novel", "chapter"),
    ("coat", "scarf"),
    ("lamp", "bulb"),
    ("phone", "charger"),
]
FRAMES = ["how do i learn about {}", "what is there to know on {}?", "{} for beginners", "why {}"]


def topical_pairs(n: int, seed: int, name: str) -> Pairs:
    """Pairs that are the same where both texts speak of one topic; half of them do."""
    random = np.random.default_rng(seed)
    labels = (np.arange(n) % 2).astype(np.int8)
    sides: list[list[str]] = [[], []]
    for same in labels:
        topic = int(random.integers(len(TOPICS)))
        other = topic if same else (topic + int(random.integers(1, len(TOPICS)))) % len(TOPICS)
        for side, chosen in zip(sides, (topic, other), strict=True):
            frame = FRAMES[int(random.integers(len(FRAMES)))]
            side.append(frame.format(TOPICS[chosen][int(random.integers(2))]))
    return Pairs(sides[0], sides[1], labels, name)


@pytest.fixture(scope="session")
def train() -> Pairs:
    return topical_pairs(200, 0, "train.csv")


@pytest.fixture(scope="session")
def dev() -> Pairs:
    return topical_pairs(100, 1, "dev.csv")


@pytest.fixture(scope="session")
def held() -> Pairs:
    """Pairs for the decision: 80, of which a quarter are the same."""
    pairs = topical_pairs(120, 2, "held.csv")
    kept = np.concatenate([np.flatnonzero(pairs.labels == 0), np.flatnonzero(pairs.labels)[:20]])
    return pairs.subset(kept)
