from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import textsiamese as ts
from textsiamese.errors import BundleError
from textsiamese.twins.cross_encoder import CrossEncoder

A = ["How do I learn Python?", "why", "Can I return my shoes?", "why"]
B = ["What is the best way to learn Python?", "how", "Can I return socks?", "how"]


@pytest.fixture
def reader(pair_model_folder: Path) -> CrossEncoder:
    return CrossEncoder.load(pair_model_folder)


def test_the_log_odds_of_sentence_transformers_in_both_orders(
    reader: CrossEncoder, pair_model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from sentence_transformers import CrossEncoder as Peer

    monkeypatch.setattr("textsiamese.twins.runtime.has_bf16", lambda device: False)
    peer = Peer(str(pair_model_folder))
    one, other = (
        peer.predict(list(zip(*sides, strict=True)), activation_fn=torch.nn.Identity())
        for sides in ((A, B), (B, A))
    )
    both = (one + other) / 2
    expected = both[:, 1] - both[:, 0] if both.ndim == 2 else both
    np.testing.assert_allclose(reader.similarity(A, B), expected, atol=1e-4)


def test_it_is_symmetric_and_the_same_in_any_company(reader: CrossEncoder) -> None:
    together = reader.similarity(A, B)
    np.testing.assert_array_equal(together, reader.similarity(B, A))
    alone = [reader.similarity(a, b) for a, b in zip(A, B, strict=True)]
    np.testing.assert_allclose(together, alone, atol=2e-2)  # bfloat16
    assert together[1] == together[3]


def test_a_calibrated_one_decides_and_is_opened_as_it_was_saved(
    reader: CrossEncoder, tmp_path: Path
) -> None:
    texts = [
        f"how do I {verb} it {n}" for n in range(15) for verb in ("do", "learn", "sell", "try")
    ]
    pairs = ts.Pairs(texts, texts[::-1], np.arange(60) % 2)
    with pytest.raises(ts.InputError, match="has no decision yet"):
        reader.score(A, B)
    decided = ts.calibrate(reader, pairs, calibrator="platt")
    decided.save(tmp_path / "reader")
    opened = CrossEncoder.load(tmp_path / "reader")
    np.testing.assert_array_equal(opened.score(A, B), decided.score(A, B))
    assert opened.threshold == decided.threshold
    assert opened.fingerprint
    scored = ts.score_table(opened, pd.DataFrame({"left": A, "right": B}))
    np.testing.assert_array_equal(scored["probability"], decided.score(A, B))
    assert ts.evaluate(opened, pairs).n == 60


def test_what_is_cut_is_counted(pair_model_folder: Path) -> None:
    whole = CrossEncoder.load(pair_model_folder)
    short = CrossEncoder(whole.model, whole.tokenizer, max_length=8)
    long = "What is the best way to learn Python without a teacher?"
    found = short.compare([long, "why", long], ["how", "why", "why"])
    assert (found.texts, found.cut) == (3, 1)
    assert short.compare([], []).similarity.shape == (0,)


def test_a_cross_encoder_is_no_twin_nor_the_other_way_round(
    pair_model_folder: Path, bert_folder: Path
) -> None:
    with pytest.raises(BundleError, match=r"open it with ts\.CrossEncoder\.load"):
        ts.load(pair_model_folder)
    with pytest.raises(BundleError, match="no cross-encoder: its model has no head over pairs"):
        CrossEncoder.load(bert_folder)
