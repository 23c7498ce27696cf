from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sentence_transformers import CrossEncoder
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import textsiamese as ts
from textsiamese.recipes import minilm_cross_encoder, quora
from textsiamese.recipes.minilm_cross_encoder import PairTexts, log_odds

SAMPLE = Path(__file__).parent.parent.parent / "data" / "questions" / "sample_pairs.csv"
PAIRS = ts.Pairs(["How do I learn?", "why"], ["why", "What is the best way?"], np.array([0, 1]))


def test_it_leaves_a_model_its_scores_and_labels_for_train(
    tmp_path: Path, bert_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quora, "HELD_OUT", 80)
    monkeypatch.setattr(minilm_cross_encoder, "has_bf16", lambda device: False)
    table = pd.read_csv(SAMPLE, keep_default_na=False)
    (tmp_path / "quora").mkdir()
    table[:160].to_parquet(tmp_path / "quora" / "train.parquet")
    table[160:200].to_parquet(tmp_path / "quora" / "dev.parquet")
    minilm_cross_encoder.make(tmp_path, tmp_path / "out", base=str(bert_folder), batch_size=32)

    labels = np.load(tmp_path / "out" / "labels.npy")
    assert labels.shape == (160,)
    peer = CrossEncoder(str(tmp_path / "out"), activation_fn=torch.nn.Identity())
    both = list(zip(table["question1"][:160], table["question2"][:160], strict=True))
    whole = [i for i, pair in enumerate(both) if all(_pieces(peer, text) <= 20 for text in pair)]
    assert len(whole) > 5
    expected = peer.predict([both[i] for i in whole])
    np.testing.assert_allclose(labels[whole], expected, atol=1e-4)
    scores = json.loads((tmp_path / "out" / "dev.json").read_text())
    assert 0 <= scores["quora/dev accuracy, cross-fitted threshold"] <= 1


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


def test_log_odds_do_not_depend_on_the_order_of_the_texts(bert_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(bert_folder)
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(bert_folder, num_labels=1)
    turned = ts.Pairs(PAIRS.right, PAIRS.left, PAIRS.labels)
    one, other = (log_odds(model, PairTexts(each, tokenizer)) for each in (PAIRS, turned))
    np.testing.assert_allclose(one, other, atol=1e-6)
    single = log_odds(model, PairTexts(PAIRS, tokenizer), orders=[False])
    assert not np.allclose(single, log_odds(model, PairTexts(turned, tokenizer), orders=[False]))
