from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.encoders.tokens import Vocabulary
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import (
    number_pairs,
    number_questions,
    question_key,
    question_texts,
    shorten,
    show_pairs,
)
from textsiamese.inputs.stored import StoredTexts, TextFile


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How old are you?", "how old are you"),
        ("How old are you ?!..", "How  old\tare\nyou"),
        ("Ｈｏｗ　ｏｌｄ", "how old"),
        ("Straße", "STRASSE"),
        ("Don’t I?", "don't i"),
        ("Is it ( really ) 5kg?", "Is it (really) 5 kg"),
        ("Rs.500", "Rs. 500"),
        ("why…", "why"),
    ],
)
def test_the_same_question(one: str, other: str) -> None:
    assert question_key(one) == question_key(other)


def test_other_questions() -> None:
    texts = [
        "C",
        "C++",
        "C#",
        "?",
        "...",
        "no where",
        "nowhere",
        "e",
        "é",
        "a-b",
        "a b",
        "1 2",
        "12",
    ]
    assert len({question_key(text) for text in texts}) == len(texts)


def test_nothing_is_left_without_a_key() -> None:
    assert question_key("?!.") == "? ! ."


def test_texts_that_an_encoder_cannot_tell_apart_have_one_key(
    sample_vocabulary: Vocabulary,
) -> None:
    draws = random.Random(0)
    marks = [
        "a",
        "B",
        "é",
        "É",
        "ß",
        "ﬁ",
        "7",
        "７",
        "'",
        "’",
        "?",
        ".",
        "!",
        "_",
        "-",
        "(",
        "क",
        "ि",
    ]
    texts = ["".join(draws.choices([*marks, " ", " ", "\t", " "], k=4)) for _ in range(20_000)]
    alike: dict[tuple[str, ...], set[str]] = {}
    for text in texts:
        alike.setdefault(tuple(sample_vocabulary.pieces(text)), set()).add(text)
    several = [each for each in alike.values() if len(each) > 1]
    assert len(several) > 1000
    for each in several:
        assert len({question_key(text) for text in each}) == 1, each


TEXTS = ["a", "A?", "b", "B .", "c", "c d", "C  d", "e"]
a_text = st.sampled_from(TEXTS)


rows_of_texts = st.lists(st.tuples(a_text, a_text), max_size=12)


@given(rows_of_texts, rows_of_texts, st.sampled_from([(), (0,), (0, 1)]))
def test_numbers_are_equal_where_the_keys_are(
    rows: list[tuple[str, str]], more: list[tuple[str, str]], stored: tuple[int, ...]
) -> None:
    tables = [Pairs([a for a, _ in t], [b for _, b in t], np.zeros(len(t))) for t in (rows, more)]
    slow: list[str] = []
    for text in itertools.chain.from_iterable([*rows, *more]):
        if question_key(text) not in slow:
            slow.append(question_key(text))
    for found, table in zip(
        number_questions(*(in_file(t) if i in stored else t for i, t in enumerate(tables))),
        (rows, more),
        strict=True,
    ):
        assert found.shape == (len(table), 2)
        assert found.dtype == np.int64
        assert found.tolist() == [sorted(slow.index(question_key(t)) for t in r) for r in table]
        codes = number_pairs(found, len(slow))
        for i, j in itertools.product(range(len(table)), repeat=2):
            same = {*map(question_key, table[i])} == {*map(question_key, table[j])}
            assert (codes[i] == codes[j]) == same


def in_file(pairs: Pairs) -> Pairs:
    file = TextFile()
    left, right = (StoredTexts(file, file.append(side)) for side in (pairs.left, pairs.right))
    return Pairs(left, right, pairs.labels)


def test_pairs_in_words() -> None:
    pairs = Pairs(["a", "b", "c", "d"], ["x" * 80, "y", "z", "w"], [0, 0, 0, 0])
    assert show_pairs(pairs, [1]) == 'row 2, "b" / "y"'
    assert show_pairs(pairs, np.arange(4)) == (
        f'row 1, "a" / "{"x" * 59}…"; row 2, "b" / "y"; row 3, "c" / "z"; and 1 more'
    )
    rows = Pairs(["a", "b"], ["c", "d"], [0, 0], rows=np.array([6, 6]))
    assert show_pairs(rows, [1]) == 'row 7, "b" / "d"'


def test_a_text_of_the_greatest_length_is_shown_whole() -> None:
    assert shorten("x" * 60) == f'"{"x" * 60}"'


@given(st.lists(st.tuples(*[st.sampled_from("aAbBcC?")] * 2)))
def test_a_text_for_each_number(rows: list[tuple[str, str]]) -> None:
    left, right = [a for a, _ in rows], [f"{b}?" for _, b in rows]
    pairs = Pairs(left, right, np.zeros(len(rows)))
    (ends,) = number_questions(pairs)
    texts = question_texts(pairs)
    assert len(texts) == ends.max(initial=-1) + 1
    for a, b, pair in zip(left, right, ends, strict=True):
        assert {question_key(texts[i]) for i in pair} == {question_key(a), question_key(b)}
    flat = [text for pair in zip(left, right, strict=True) for text in pair]
    assert texts == [t for i, t in enumerate(flat) if all(map(differs(t), flat[:i]))]


def differs(text: str) -> Callable[[str], bool]:
    return lambda other: question_key(other) != question_key(text)
