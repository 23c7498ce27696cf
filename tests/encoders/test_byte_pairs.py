from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.encoders.trimming import trim_vocabulary
from textsiamese.errors import InputError
from textsiamese.twins.siamese import Siamese

WORDS = [
    "learning",
    "python",
    "quickly",
    "baking",
    "bread",
    "slowly",
    "returning",
    "shoes",
    "tomorrow",
    "guitar",
    "chords",
]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    random = np.random.default_rng(0)
    return [" ".join(random.choice(WORDS, size=6)) for _ in range(200)]


@pytest.fixture(scope="module")
def encoder(texts: list[str]) -> LstmEncoder:
    torch.manual_seed(0)
    return LstmEncoder.for_texts(texts, LstmConfig(embedding=8, hidden=6, dim=10), 420)


def test_texts_whose_pieces_stay_keep_their_vectors(encoder: LstmEncoder, texts: list[str]) -> None:
    some = [text for text in texts if "guitar" not in text][:50]
    trimmed = trim_vocabulary(encoder, some, 325)
    assert len(trimmed.vocabulary) <= 325 < len(encoder.vocabulary)
    assert trimmed.embedding.weight.shape == (len(trimmed.vocabulary), 8)
    before, after = (Siamese(each).encode(some[:20]) for each in (encoder, trimmed))
    same = [trimmed.vocabulary.pieces(t) == encoder.vocabulary.pieces(t) for t in some[:20]]
    assert any(same)
    np.testing.assert_array_equal(after[same], before[same])


def test_a_word_that_lost_its_piece_is_spelt_by_smaller_ones(
    encoder: LstmEncoder, texts: list[str]
) -> None:
    trimmed = trim_vocabulary(encoder, ["bread"] * 5, 300)
    assert trimmed.vocabulary.pieces("bread") == encoder.vocabulary.pieces("bread")
    for text in texts:
        pieces = trimmed.vocabulary.pieces(text)
        assert "".join(pieces) == "".join(encoder.vocabulary.pieces(text))
    assert len(trimmed.vocabulary.pieces("guitar")) > len(encoder.vocabulary.pieces("guitar"))


def test_with_a_piece_stays_what_it_was_made_of(encoder: LstmEncoder, texts: list[str]) -> None:
    spec = json.loads(trim_vocabulary(encoder, texts, 310).vocabulary.to_json())["model"]
    made = {"".join(pair) for pair in spec["merges"]}
    for left, right in spec["merges"]:
        assert {left, right, left + right} <= set(spec["vocab"])
    assert {piece for piece in spec["vocab"] if len(piece) > 1 and piece[0] != "<"} <= made


def test_room_for_all_changes_nothing(encoder: LstmEncoder, texts: list[str]) -> None:
    whole = trim_vocabulary(encoder, texts, 10_000)
    assert whole.vocabulary.to_json() == encoder.vocabulary.to_json()


def test_no_room_for_single_characters_is_refused(encoder: LstmEncoder, texts: list[str]) -> None:
    with pytest.raises(InputError, match="100 pieces leave no room"):
        trim_vocabulary(encoder, texts, 100)
