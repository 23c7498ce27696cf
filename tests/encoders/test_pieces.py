from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from textsiamese.encoders.pieces import Pieces

TEXTS = ["How do I learn Python?", "why", "Zzyzx 漢字 ☃ learn", " ", "a " * 50]


@pytest.fixture(params=["bert_folder", "roberta_folder"])
def tokenizer(request: pytest.FixtureRequest) -> AutoTokenizer:
    return AutoTokenizer.from_pretrained(request.getfixturevalue(request.param))


@pytest.mark.parametrize("length", [5, 40])
def test_the_same_pieces_as_transformers(tokenizer: AutoTokenizer, length: int) -> None:
    pieces = Pieces(tokenizer.backend_tokenizer, unknown=tokenizer.unk_token)
    tokens = pieces.encode(TEXTS, length)
    expected = tokenizer(TEXTS, truncation=True, max_length=length)["input_ids"]
    found = np.split(tokens.flat, tokens.starts[1:])
    assert [ids.tolist() for ids in found] == expected
    whole = tokenizer(TEXTS)["input_ids"]
    assert tokens.cut.tolist() == [len(ids) > length for ids in whole]
    assert len(pieces) == len(tokenizer)


def test_cut_at_the_end_that_the_tokenizer_cuts_at(tokenizer: AutoTokenizer) -> None:
    tokenizer.truncation_side = "left"
    pieces = Pieces(tokenizer.backend_tokenizer, cut=tokenizer.truncation_side)
    expected = tokenizer(TEXTS[0], truncation=True, max_length=5)["input_ids"]
    assert pieces.encode(TEXTS[:1], 5).flat.tolist() == expected
    assert expected != tokenizer(TEXTS[0])["input_ids"][:4] + expected[-1:]


def test_texts_are_lowered_and_prompted_as_asked(bert_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(bert_folder)
    pieces = Pieces(tokenizer.backend_tokenizer, lower=True, prompt="query: ")
    expected = tokenizer("query: how do i")["input_ids"]
    assert pieces.encode(["How DO I"], 40).flat.tolist() == expected


def test_what_the_vocabulary_cannot_spell_counts_as_unknown(bert_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(bert_folder)
    pieces = Pieces(tokenizer.backend_tokenizer, unknown=tokenizer.unk_token)
    known, foreign = pieces.encode(["how do i", "漢字 ☃ 漢"], 40).unknown
    assert known < 0.3
    assert foreign > 0.5


def test_known_words_are_known_whatever_closes_the_text(tokenizer: AutoTokenizer) -> None:
    pieces = Pieces(tokenizer.backend_tokenizer, unknown=tokenizer.unk_token)
    texts = ["what is", "what is?", "what, is ?"]
    assert pieces.encode(texts, 40).unknown.tolist() == [0, 0, 0]
    tokens = pieces.encode(["what is qxzqxz?"], 40)
    spelt = len(tokens.flat) - len(pieces.encode(["what is?"], 40).flat)
    assert spelt >= 3
    assert tokens.unknown[0] == pytest.approx(spelt / len(tokens.flat))


def test_the_tokenizer_given_stays_as_it_was(bert_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(bert_folder).backend_tokenizer
    tokenizer.enable_truncation(7)
    before = tokenizer.to_str()
    pieces = Pieces(tokenizer)
    assert pieces.encode(["a b c d e f g h i j k"], 40).lengths[0] > 7
    assert tokenizer.to_str() == before


def test_no_texts(bert_folder: Path) -> None:
    pieces = Pieces(AutoTokenizer.from_pretrained(bert_folder).backend_tokenizer, unknown="[UNK]")
    tokens = pieces.encode([], 40)
    assert len(tokens) == len(tokens.cut) == len(tokens.unknown) == 0
