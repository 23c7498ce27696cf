from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import textsiamese as ts
from tests.learning.conftest import TOPICS as ALL_TOPICS
from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.config import FitConfig
from textsiamese.learning.fit import fit
from textsiamese.twins.pseudo_siamese import PseudoSiamese

TOPICS = ALL_TOPICS[:6]
SIZES = LstmConfig(embedding=12, hidden=10, dim=12, max_length=16, dropout=0.1)
FILLING = "and then they said that it had been so for long " * 4


def titled(n: int, seed: int) -> Pairs:
    """Titles beside articles of 42 words, the last of which alone tells what they are about."""
    random = np.random.default_rng(seed)
    labels = (np.arange(n) % 2).astype(np.int8)
    left, right = [], []
    for same in labels:
        topic = int(random.integers(len(TOPICS)))
        other = topic if same else (topic + int(random.integers(1, len(TOPICS)))) % len(TOPICS)
        left.append(f"what is {TOPICS[topic][0]}")
        right.append(f"{FILLING}{random.integers(9)} {TOPICS[other][1]}")
    return Pairs(left, right, labels, f"titles-{seed}.csv")


def reading(train: Pairs, windows: int) -> PseudoSiamese:
    """A twin whose right tower reads so many windows; weights and pieces are always the same."""
    torch.manual_seed(0)
    towers = [LstmEncoder.for_texts(side, SIZES, 500) for side in (train.left, train.right)]
    towers[1].config = replace(SIZES, windows=windows)
    return PseudoSiamese(*towers)


@pytest.mark.parametrize(("windows", "learns"), [(1, False), (8, True)])
def test_a_clue_in_the_last_window_is_learnt(tmp_path: Path, windows: int, learns: bool) -> None:
    train, dev = titled(400, 0), titled(100, 1)
    twin = reading(train, windows)
    assert twin.encoder.right.tokens(train.right).cut.all() != learns
    config, loss = FitConfig(epochs=20, batch_size=20, learning_rate=0.02), "multiple-negatives"
    twin = fit(twin, train, dev, loss=loss, out=tmp_path / "twin", config=config)
    found = ts.evaluate(ts.load(tmp_path / "twin"), dev).roc_auc
    assert found > 0.9 if learns else found < 0.7
    assert ts.evaluate(twin, dev).roc_auc == pytest.approx(found, abs=1e-3)


def test_one_siamese_encoder_reads_long_and_short_texts(tmp_path: Path) -> None:
    train, dev = titled(120, 0), titled(60, 1)
    encoder = LstmEncoder.for_texts(train.texts, replace(SIZES, windows=8, overlap=2), 500)
    before = copy.deepcopy(encoder.state_dict())
    config = FitConfig(epochs=1, batch_size=20, half_weights=False)
    twin = fit(ts.Siamese(encoder), train, dev, out=tmp_path / "twin", config=config)
    after = twin.encoder.state_dict()
    assert all(torch.isfinite(each).all() for each in after.values())
    assert not torch.equal(after["projection.weight"], before["projection.weight"])
    again = ts.load(tmp_path / "twin")
    assert again.encoder.config == encoder.config
    np.testing.assert_allclose(again.encode(dev.right), twin.encode(dev.right), atol=1e-5)
