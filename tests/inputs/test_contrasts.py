from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs.contrasts import add_contrast_pairs
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import question_key
from textsiamese.inputs.stored import StoredTexts, TextFile

THINGS = ["bread", "soup", "rice", "tea", "jam", "corn", "fish", "beans", "cake", "milk"]


def table() -> Pairs:
    """Questions that each kind of rule makes something of."""
    left = [
        *(f"How do I cook {thing} in a big pot?" for thing in THINGS),
        *(f"Why do people eat {thing} at night?" for thing in THINGS),
        *(f"How long does {thing} keep for 14 days?" for thing in THINGS),
        *(f"Why don't people buy {thing} in town?" for thing in THINGS),
        *(f"Why is {thing} cheaper than old wine?" for thing in THINGS),
    ]
    right = [f"What would you say about number {n}?" for n in range(len(left))]
    return Pairs(left, right, (np.arange(len(left)) % 2).astype(np.int8), "food.csv")


def test_half_are_different_and_half_the_same() -> None:
    pairs = table()
    found = add_contrast_pairs(pairs, share=0.4)
    assert (len(found), found.name) == (70, "food.csv with 20 contrast pairs")
    assert found.labels[50:].tolist() == [0] * 10 + [1] * 10
    assert (found.left[:50], found.right[:50]) == (pairs.left, pairs.right)
    assert found.labels[:50].tolist() == pairs.labels.tolist()
    assert set(found.left[50:]) <= set(pairs.left) | set(pairs.right)


def test_each_kind_gets_as_many() -> None:
    found = add_contrast_pairs(table(), share=0.24)
    kinds = Counter(
        "order" if "cheaper" in text else "negation" if "people" in text else "number"
        for text in found.left[50:56]
    )
    assert kinds == {"order": 2, "negation": 2, "number": 2}


def test_nothing_of_what_is_made_stands_anywhere_else() -> None:
    pairs = table()
    found = add_contrast_pairs(pairs, share=1)
    made = [question_key(text) for text in found.right[50:]]
    assert len(made) == len(set(made)) > 20
    dev = Pairs(found.right[50:60], found.left[50:60], np.ones(10), "dev.csv")
    again = add_contrast_pairs(pairs, share=1, away_from=[dev])
    assert not {question_key(text) for text in again.right[50:]} & set(made[:10])
    assert not set(made) & {question_key(text) for text in pairs.texts}


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_the_seed_draws_them(seed: int) -> None:
    one, again = (add_contrast_pairs(table(), share=0.5, seed=seed) for _ in "ab")
    assert one.fingerprint() == again.fingerprint()
    assert one.labels[50:].sum() * 2 == len(one) - 50


def test_another_seed_draws_others() -> None:
    one, other = (add_contrast_pairs(table(), share=0.2, seed=seed) for seed in (0, 1))
    assert one.fingerprint() != other.fingerprint()


def test_made_pairs_are_rows_of_their_own() -> None:
    pairs = replace(table(), rows=np.arange(50) // 2)
    found = add_contrast_pairs(pairs, share=0.2)
    assert found.rows is not None
    assert found.rows[50:].tolist() == list(range(25, 35))


def test_a_share_of_nothing_changes_nothing() -> None:
    pairs = table()
    assert add_contrast_pairs(pairs, share=0) is pairs
    french = Pairs(["Comment ça va ?"] * 9, ["Et toi ?"] * 9, np.ones(9), "fr.csv")
    assert add_contrast_pairs(french, share=1) is french


@pytest.mark.parametrize(
    "text",
    ["how do i cook rice?", "How do I cook it. I am 14?", "How do I?", "How do I cook rice well"],
)
def test_only_whole_questions_of_one_sentence_are_changed(text: str) -> None:
    pairs = Pairs([text] * 4, ["nothing to see"] * 4, np.ones(4), "odd.csv")
    assert add_contrast_pairs(pairs, share=1) is pairs


def test_what_cannot_be_done() -> None:
    pairs = table()
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match=r"share of contrast pairs is .* between 0 and 1"):
            add_contrast_pairs(pairs, share=share)
    with pytest.raises(InputError, match=r"food.csv is graded"):
        add_contrast_pairs(replace(pairs, grades=np.full(50, 0.5)))
    file = TextFile()
    stored = StoredTexts(file, file.append(pairs.left))
    with pytest.raises(InputError, match=r"larger than memory \(50 pairs\)"):
        add_contrast_pairs(replace(pairs, left=stored))
