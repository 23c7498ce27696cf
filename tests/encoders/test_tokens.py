from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.encoders.tokens import EMPTY, PAD, Vocabulary
from textsiamese.errors import InputError

LETTERS = 258  # ids below are the reserved ones


def spelt(vocabulary: Vocabulary, text: str) -> str:
    """What the pieces of a text say: bytes decoded, words joined by blanks."""
    data = b""
    for piece in vocabulary.pieces(text):
        if piece == "<empty>":
            continue
        byte = piece.startswith("<0x") and len(piece) == 6
        data += bytes([int(piece[3:5], 16)]) if byte else piece.encode()
    return data.decode().replace("▁", " ").strip()


def solid(text: str) -> str:
    """A text without blanks (and without the mark of a word, which pieces cannot tell apart)."""
    return "".join(each for each in text if not each.isspace() and each != "▁")


def test_learns_from_the_given_texts_only() -> None:
    vocabulary = Vocabulary.learn(["red apples and red pears"] * 3, 600)
    assert vocabulary.pieces("red apples") == ["▁red", "▁apples"]
    words = set(json.loads(vocabulary.to_json())["model"]["vocab"])
    assert {"▁pears", "▁and"} <= words
    for other in ("banana", "green", "▁the"):
        assert other not in words
    assert len(vocabulary.pieces("banana")) >= 3


def test_same_texts_same_vocabulary_also_with_rare_characters() -> None:
    texts = ["how do I do this"] * 2 + [chr(0x4E00 + i) for i in range(400)]
    assert len({Vocabulary.learn(texts, 800).to_json() for _ in range(4)}) == 1


def test_a_word_that_occurs_once_is_no_piece() -> None:
    texts = ["my password is hunter", "my password is swordfish", "my password is swordfish"]
    assert Vocabulary.learn(texts, 2000).pieces("swordfish") == ["▁swordfish"]
    assert len(Vocabulary.learn(texts, 2000).pieces("hunter")) > 1


def test_size_is_kept_and_too_small_a_size_refused(sample_texts: list[str]) -> None:
    assert len(Vocabulary.learn(sample_texts, 700)) == 700
    with pytest.raises(InputError, match="322 at least"):
        Vocabulary.learn(sample_texts, 300)


def test_a_vocabulary_of_no_texts_spells_everything() -> None:
    vocabulary = Vocabulary.learn([])
    assert len(vocabulary) == LETTERS + 1
    assert spelt(vocabulary, "Any Text") == "any text"


@pytest.mark.parametrize(
    "word", ["not", "no", "never", "can't", "don't", "isn't", "why", "how", "what", "who", "when"]
)
def test_negations_and_question_words_are_kept(word: str) -> None:
    texts = [f"{word} do I {word} reset it {word}", "do I reset it"] * 5
    vocabulary = Vocabulary.learn(texts, 2000)
    assert vocabulary.pieces(f"{word} do I reset it")[0] == f"▁{word}"
    assert vocabulary.pieces(f"{word} do I reset it") != vocabulary.pieces("do I reset it")


def test_numbers_are_words_of_their_own(sample_vocabulary: Vocabulary) -> None:
    assert spelt(sample_vocabulary, "windows10 or win-11") == "windows 10 or win - 11"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I learn Python?", "how do i LEARN python"),
        ("How do I learn Python??!", "How do I learn Python . "),
        ("  How do\n\tI learn  Python", "How do I learn Python"),
        ("Why can’t I log in", "Why can't I log in"),
        ("ﬁne １２", "fine 12"),
        ("e\u0301cole", "\u00e9cole"),
    ],
)
def test_what_makes_no_difference(sample_vocabulary: Vocabulary, one: str, other: str) -> None:
    assert sample_vocabulary.pieces(one) == sample_vocabulary.pieces(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is it on? It is.", "Is it on It is."),
        ("Is it on?\nIt is.", "Is it on\nIt is."),
        ("???", "!!!"),
        ("C++", "C"),
        ("3.5", "35"),
        ("a-b", "a b"),
    ],
)
def test_what_makes_a_difference(sample_vocabulary: Vocabulary, one: str, other: str) -> None:
    assert sample_vocabulary.pieces(one) != sample_vocabulary.pieces(other)


def test_markers_in_a_text_are_text(sample_vocabulary: Vocabulary) -> None:
    for text in ("<pad>", "<empty>", "<0xE4>", "<0x41><pad>"):
        ids = sample_vocabulary.encode([text], 50).flat
        assert not {PAD, EMPTY} & set(ids.tolist())
        assert spelt(sample_vocabulary, text).replace(" ", "") == text.lower()
    assert sample_vocabulary.pieces("<0xE4>") != sample_vocabulary.pieces("ä")


@given(text=st.text(max_size=60))
def test_every_text_has_pieces_and_loses_nothing(sample_vocabulary: Vocabulary, text: str) -> None:
    pieces = sample_vocabulary.pieces(text)
    assert pieces
    tokens = sample_vocabulary.encode([text], 10_000)
    assert tokens.lengths.tolist() == [len(pieces)]
    assert ((tokens.flat > PAD) & (tokens.flat < len(sample_vocabulary))).all()
    normal = sample_vocabulary._tokenizer.normalizer.normalize_str(text)
    assert solid(spelt(sample_vocabulary, text)) == solid(normal)


@given(text=st.text(max_size=60))
def test_json_round_trip_gives_the_same_pieces(sample_vocabulary: Vocabulary, text: str) -> None:
    again = Vocabulary.from_json(sample_vocabulary.to_json())
    assert again.pieces(text) == sample_vocabulary.pieces(text)


def test_a_cut_is_counted(sample_vocabulary: Vocabulary) -> None:
    texts = ["how do i", "how do i " * 50, "how do i " * 2]
    whole = sample_vocabulary.encode(texts, 1000)
    cut = sample_vocabulary.encode(texts, 6)
    assert cut.cut.tolist() == [False, True, False]
    assert cut.lengths.tolist() == [3, 6, 6]
    assert not whole.cut.any()
    assert whole.lengths.tolist() == [3, 150, 6]
    assert cut.flat[3:9].tolist() == whole.flat[3:9].tolist()


def test_no_texts(sample_vocabulary: Vocabulary) -> None:
    tokens = sample_vocabulary.encode([], 10)
    assert len(tokens) == len(tokens.flat) == len(tokens.unknown) == 0
    assert tokens.padded(np.zeros(0, dtype=np.int64)).shape == (0, 0)


@given(texts=st.lists(st.text(max_size=12), min_size=1, max_size=6), limit=st.integers(1, 8))
def test_padded_rows_against_a_slow_loop(
    sample_vocabulary: Vocabulary, texts: list[str], limit: int
) -> None:
    tokens = sample_vocabulary.encode(texts, limit)
    rows = np.arange(len(texts))[::-1]
    singly = [sample_vocabulary.encode([texts[row]], limit).flat.tolist() for row in rows]
    width = max(map(len, singly))
    assert tokens.padded(rows).tolist() == [ids + [PAD] * (width - len(ids)) for ids in singly]
    assert tokens.starts.tolist() == [sum(tokens.lengths[:i]) for i in range(len(texts))]


@given(texts=st.lists(st.text("abc xyz ä你", max_size=20), min_size=1, max_size=5))
def testunknown_share_against_a_slow_loop(sample_vocabulary: Vocabulary, texts: list[str]) -> None:
    for text, share in zip(texts, sample_vocabulary.encode(texts, 100).unknown, strict=True):
        words: list[int] = []
        for piece in sample_vocabulary.pieces(text):
            if piece.startswith("▁") or not words:
                words.append(0)
            words[-1] += 1
        expected = sum(size for size in words if size >= 3) / sum(words)
        assert share == pytest.approx(expected)


def test_another_language_is_mostly_unknown(
    sample_vocabulary: Vocabulary, sample_texts: list[str]
) -> None:
    english = sample_vocabulary.encode(sample_texts, 128).unknown
    foreign = sample_vocabulary.encode(
        [
            "Wie kann ich meinen Fernseher auf Werkseinstellungen zurücksetzen?",
            "Pourquoi mon pain ne lève-t-il pas pendant la cuisson?",
            "Как быстро выучить программирование?",
            "我怎么才能快速学会编程?",
        ],
        128,
    ).unknown
    assert english.mean() < 0.2
    assert foreign.min() > 0.3
    assert foreign[2:].min() > 0.9
