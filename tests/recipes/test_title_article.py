"""The towers that the recipe begins with, and one short run of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import textsiamese as ts
from tests.recipes.test_news import folder as folder
from textsiamese.recipes.title_article import begin, make


def test_towers_begin_as_lstm_quora_does() -> None:
    texts = ["How do I learn Python?", "What is the capital of Norway?"] * 5
    twin = begin({"train": ts.Pairs(texts, texts, np.ones(len(texts), np.int8))})
    known = ts.load("lstm-quora")
    for side in ("left", "right"):
        np.testing.assert_allclose(
            twin.encode(texts, side=side), known.encode(texts), atol=1e-5, rtol=0
        )
    left, right = twin.encoder.left, twin.encoder.right
    assert (len(left.vocabulary), len(right.vocabulary)) == (6_500, 9_500)
    assert (left.config.windows, right.config.windows) == (1, 16)


def test_it_makes_a_twin(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "articles").symlink_to(folder)
    make(data, tmp_path / "twin", epochs=1)
    told = json.loads(capsys.readouterr().out)
    twin = ts.load(tmp_path / "twin")
    assert isinstance(twin, ts.PseudoSiamese)
    assert twin.info.scores["fnc-1/new pairs"] == told["fnc-1/new pairs"] == 72
    assert twin.info.training["train"]["name"] == "fnc-1/train"
