from __future__ import annotations

import runpy
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import textsiamese as ts
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.judging.calibration import Platt
from textsiamese.twins.decision import Decision

ROOT = Path(__file__).parent.parent.parent


def test_the_same_weights_give_the_same_probabilities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bert: TransformerEncoder
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from tasks import probabilities_apart

    decision = Decision(Platt(30.0, -28.0), 0.5, "accuracy", 0.4, 0.4, 100)
    twin = ts.Siamese(bert, ts.Cosine(), decision)
    twin.save(tmp_path / "twin")
    pairs = pd.read_csv(ROOT / "data/questions/sample_pairs.csv", keep_default_na=False)[:60]
    pairs.to_csv(tmp_path / "pairs.csv", index=False)
    scored = tmp_path / "scored.csv"
    ts.score_table(twin, tmp_path / "pairs.csv", scored)
    script, vectors = str(ROOT / "benchmarks/peer_minilm.py"), tmp_path / "vectors.npy"
    files = [str(tmp_path / "pairs.csv"), str(tmp_path / "peer.csv")]
    options = ["--model", str(tmp_path / "twin"), "--vectors", str(vectors)]
    monkeypatch.setattr(sys, "argv", [script, *files, *options])
    runpy.run_path(script, run_name="__main__")

    peer = pd.read_csv(tmp_path / "peer.csv")
    left, right = np.load(vectors)
    assert left.shape == (60, bert.config.dim)
    cosine = (left * right).sum(1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)
    np.testing.assert_allclose(peer["similarity"], cosine, atol=1e-5)
    assert list(peer.columns) == [*pairs.columns, "similarity"]
    same = probabilities_apart(str(tmp_path / "twin"), vectors, scored)
    np.save(vectors, np.stack([left, left[::-1]]))
    other = probabilities_apart(str(tmp_path / "twin"), vectors, scored)
    assert same.max() < 0.02 < 0.1 < other.max()
