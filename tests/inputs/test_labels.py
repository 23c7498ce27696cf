from __future__ import annotations

import math

import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.labels import read_labels, refusal

SAME = ["1", "1.0", "1.00", " 1 ", "true", "TRUE", "Yes", "y", "t", 1, 1.0, True]
DIFFERENT = ["0", "0.0", "false", "False", "NO", "n", "f", 0, 0.0, -0.0, False]
SAME_WORDS = ["duplicate", "Duplicate", "same", "match", "similar", "equivalent", "paraphrase"]
SAME_WORDS += ["positive", "POS"]
DIFFERENT_WORDS = ["not", "not duplicate", "not_duplicate", "Not-Duplicate", "non-duplicate"]
DIFFERENT_WORDS += ["different", "no match", "not_equivalent", "NONDUPLICATE", "unique", "negative"]


def test_every_spelling():
    assert read_labels(SAME + SAME_WORDS).values == [1] * len(SAME + SAME_WORDS)
    assert read_labels(DIFFERENT + DIFFERENT_WORDS).values == [0] * len(DIFFERENT + DIFFERENT_WORDS)


def test_similar_is_zero_turns_round():
    assert read_labels(SAME, similar_is_zero=True).values == [0] * len(SAME)
    assert read_labels(DIFFERENT, similar_is_zero=True).values == [1] * len(DIFFERENT)


@pytest.mark.parametrize("word", ["duplicate", "different"])
def test_words_are_not_turned_round(word):
    with pytest.raises(InputError, match="similar_is_zero"):
        read_labels([word], similar_is_zero=True)


def test_blanks_are_no_labels_and_not_unknown():
    read = read_labels(["1", "", "  ", None, math.nan, "0"])
    assert read.values == [1, None, None, None, None, 0]
    assert read.unknown == []


@pytest.mark.parametrize(
    "cell",
    [
        *["-1", -1, -1.0, "+1", "2", 0.5, "0.8", 5, "1.01", "-0.5", 10**400, math.inf],
        *["maybe", "NA", "entailment", [1], b"1", "01", "1..0", "0.0.0"],
    ],
)
def test_anything_else_is_unknown(cell):
    read = read_labels(["1", cell, "0"])
    assert read.values == [1, None, 0]
    assert read.unknown == [1]


def test_a_refusal_names_rows_values_and_the_fix():
    unknown = [(f"line {i + 2}", "-1") for i in range(7)]
    text = refusal("gold", unknown, 12)
    assert '"gold"' in text
    assert '"-1" (line 2)' in text
    assert "line 6" in text
    assert "line 7" not in text
    assert "and 7 more" in text
    assert "-1/+1" in text
    assert "graded" in refusal("gold", [("line 2", 3.5), ("line 3", -1)], 2)
    for cell in ("maybe", "nan", "01", "1e0"):
        text = refusal("gold", [("line 2", cell)], 1)
        assert "write 1 for the same" in text
        assert "graded" not in text
        assert "-1" not in text
    assert len(refusal("gold", [("line 2", "x" * 1000)], 1)) < 300
