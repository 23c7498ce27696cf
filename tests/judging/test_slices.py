"""Slices: each property by hand on examples, each group a partition, metrics against plain ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.judging import metrics
from textsiamese.judging.slices import FEW, TextSlice, judge_slices, text_slices

texts = st.text(st.sampled_from("ab 'n’t1,.?\nو٣"), max_size=30)


def names_of(left: str, right: str) -> dict[str, str]:
    """Group -> the slice that one pair falls into."""
    return {each.group: each.name for each in text_slices([left], [right]) if each.mask[0]}


@given(st.lists(st.tuples(texts, texts), max_size=10))
def test_every_pair_is_in_one_slice_of_each_group(pairs: list[tuple[str, str]]) -> None:
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    found = text_slices(left, right)
    groups = list(dict.fromkeys(each.group for each in found))
    assert groups == ["length", "word overlap", "negation", "numbers"]
    for group in groups:
        masks = [each.mask for each in found if each.group == group]
        assert len(masks) == 3
        assert np.array_equal(np.sum(masks, axis=0), np.ones(len(pairs)))
    turned = text_slices(right, left)
    for one, other in zip(found, turned, strict=True):
        assert one.mask.dtype == np.bool_
        assert np.array_equal(one.mask, other.mask)


@pytest.mark.parametrize(
    ("words", "name"), [(1, "short"), (8, "short"), (9, "medium"), (14, "medium"), (15, "long")]
)
def test_length_is_that_of_the_longer_text(words: int, name: str) -> None:
    assert names_of("a ?", "word " * words)["length"] == name
    assert names_of("word, " * words, "a")["length"] == name


@pytest.mark.parametrize(
    ("left", "right", "name"),
    [
        ("a b c d", "e f g h", "low"),
        ("a b c", "a d e", "low"),  # 1 of 5
        ("a b", "a c d", "middle"),  # 1 of 4
        ("a b c", "A! «b» d", "high"),  # 2 of 4, without case and punctuation
        ("a b c", "a b", "high"),  # 2 of 3
        ("How?", "how", "high"),
        ("?", "!", "high"),  # no words at all
    ],
)
def test_word_overlap(left: str, right: str, name: str) -> None:
    assert names_of(left, right)["word overlap"] == name


@pytest.mark.parametrize(
    "text",
    [
        "Why is it not here?",
        "I have NO idea",
        "It doesn't work",
        "It doesn’t work.",
        "cannot log in",
        "I cant log in",
        "Wont start",
        '"never"',
        "Neither of them",
        "without a box",
        "it isnt there",
    ],
)
def test_negations_are_seen(text: str) -> None:
    assert names_of(text, "It works")["negation"] == "one side only"
    assert names_of("It works", text)["negation"] == "one side only"
    assert names_of(text, text)["negation"] == "both sides"


@pytest.mark.parametrize("text", ["I know a knot", "want", "another note", "nothin", "won", "ant"])
def test_words_that_only_look_like_negations_are_none(text: str) -> None:
    assert names_of(text, text)["negation"] == "none"


@pytest.mark.parametrize(
    ("left", "right", "name"),
    [
        ("2 apples", "3 apples", "differing"),
        ("2 apples", "apples", "differing"),
        ("2 and 3", "3 or 2", "same"),
        ("1,000 euros", "1000 euros.", "same"),
        ("2.5 l", "25 l", "differing"),
        ("iPhone 6s", "iPhone6", "same"),
        ("in 2016.", "2016?", "same"),
        ("two apples", "three apples", "none"),
    ],
)
def test_numbers(left: str, right: str, name: str) -> None:
    assert names_of(left, right)["numbers"] == name


def test_metrics_are_those_of_the_slice() -> None:
    random = np.random.default_rng(0)
    similarity = np.round(random.normal(size=400), 1)
    same = random.random(400) < 1 / (1 + np.exp(-similarity))
    predicted = similarity >= 0.2
    mask = random.random(400) < 0.4
    one, rest = judge_slices(
        [TextSlice("g", "in", mask), TextSlice("g", "out", ~mask)], similarity, predicted, same
    )
    assert (one.group, one.name, rest.name) == ("g", "in", "out")
    assert one.n + rest.n == 400
    for found, rows in ((one, mask), (rest, ~mask)):
        assert (found.n, found.same) == (rows.sum(), same[rows].sum())
        for name in ("accuracy", "f1", "precision", "recall"):
            expected = getattr(metrics, name)(predicted[rows], same[rows])
            assert getattr(found, name) == expected
        expected = metrics.average_precision(similarity[rows], same[rows])
        assert found.average_precision == expected


@pytest.mark.parametrize("n", [0, 1, FEW - 1, FEW])
def test_few_pairs_are_marked_and_undefined_metrics_are_nan(n: int) -> None:
    every = TextSlice("g", "all", np.ones(n, dtype=bool))
    no = np.zeros(n, dtype=bool)
    (found,) = judge_slices([every], np.zeros(n), no, no)
    assert found.few == (n < FEW)
    assert math.isnan(found.average_precision)
    assert math.isnan(found.precision)
    assert math.isnan(found.accuracy) == (n == 0)
    assert judge_slices([every], np.zeros(n), no, no) == (found,)  # NaN and all
