from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sentence_transformers import CrossEncoder
from transformers import AutoTokenizer

import textsiamese as ts
from textsiamese.recipes import minilm_cross_encoder, quora
from textsiamese.recipes.minilm_cross_encoder import PairTexts
from textsiamese.twins import runtime

SAMPLE = Path(__file__).parent.parent.parent / "data" / "questions" / "sample_pairs.csv"
PAIRS = ts.Pairs(["How do I learn?", "why"], ["why", "What is the best way?"], np.array([0, 1]))


def test_it_leaves_a_calibrated_model_and_what_it_says_of_train(
    tmp_path: Path, bert_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quora, "HELD_OUT", 80)
    for module in (minilm_cross_encoder, runtime):
        monkeypatch.setattr(module, "has_bf16", lambda device: False)
    table = pd.read_csv(SAMPLE, keep_default_na=False)
    (tmp_path / "quora").mkdir()
    table[:160].to_parquet(tmp_path / "quora" / "train.parquet")
    table[160:200].to_parquet(tmp_path / "quora" / "dev.parquet")
    minilm_cross_encoder.make(tmp_path, tmp_path / "out", base=str(bert_folder), batch_size=32)

    teacher = ts.CrossEncoder.load(tmp_path / "out")
    assert teacher.decision is not None
    assert teacher.decision.n == 80
    assert 0 <= teacher.info.scores["quora/dev accuracy, cross-fitted threshold"] <= 1
    assert "non-commercial" in teacher.info.terms
    pairs = ts.read_pairs(tmp_path / "out.labelled.parquet", taught="probability")
    assert pairs.labels.tolist() == table["is_duplicate"][:160].astype(int).tolist()
    np.testing.assert_allclose(pairs.taught, teacher.score(pairs.left, pairs.right), atol=1e-6)
    peer = CrossEncoder(str(tmp_path / "out"), activation_fn=torch.nn.Identity())
    both = list(zip(pairs.left, pairs.right, strict=True))
    turned = list(zip(pairs.right, pairs.left, strict=True))
    whole = [i for i, pair in enumerate(both) if sum(_pieces(peer, text) for text in pair) <= 40]
    assert len(whole) > 5
    expected = sum(peer.predict([side[i] for i in whole]) for side in (both, turned)) / 2
    similarity = teacher.similarity(pairs.left, pairs.right)
    np.testing.assert_allclose(similarity[whole], expected, atol=1e-4)


def _pieces(peer: CrossEncoder, text: str) -> int:
    return len(peer.tokenizer(text)["input_ids"])


def test_a_pair_is_cut_as_transformers_cuts_it(bert_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(bert_folder)
    texts = PairTexts(PAIRS, tokenizer)
    for turned in (False, True):
        sides = (PAIRS.right, PAIRS.left) if turned else (PAIRS.left, PAIRS.right)
        expected = tokenizer(*sides, padding=True, return_tensors="pt")
        batch = texts.batch([0, 1], np.array([turned, turned]))
        for name, value in batch.items():
            assert torch.equal(value, expected[name]), name
