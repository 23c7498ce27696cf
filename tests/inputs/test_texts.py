from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.inputs.texts import are_numbers, check_texts, text_array, text_fault


@pytest.mark.parametrize(
    "text", ["NA", "null", "None", "nan", "0", "?", "é", "😀", "a\nb", "x" * 10**5]
)
def test_texts(text):
    assert text_fault(text) == ""
    assert check_texts([text], "q") == ([text], {})


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("", "is empty"),
        (" \t\u3000\n", "is blank"),
        (None, "is missing"),
        (math.nan, "is missing"),
        (np.float32("nan"), "is missing"),
        (pd.NA, "is missing"),
        (pd.NaT, "is missing"),
        ("a\0b", "holds a NUL character"),
        ("a\ud83d", "holds half of a surrogate pair"),
        (3, "is no text but 3"),
        (2.5, "is no text but 2.5"),
        (True, "is no text but True"),
        (b"a", "is no text but b'a'"),
        (["a"], "is no text but ['a']"),
    ],
)
def test_faults(cell, fault):
    assert text_fault(cell) == fault
    assert check_texts(["a", cell, "b"], "q2") == (["a", None, "b"], {1: f"q2 {fault}"})


def test_a_long_object_is_cut():
    assert len(text_fault(list(range(10_000)))) < 100


def test_nothing_is_fine():
    assert check_texts([], "q") == ([], {})


@given(st.lists(st.text() | st.none() | st.integers() | st.text(st.characters()), max_size=8))
def test_fast_and_slow_way_agree(cells):
    texts, faults = check_texts(cells, "q")
    slow = [text_fault(cell) for cell in cells]
    assert texts == [None if fault else cell for cell, fault in zip(cells, slow, strict=True)]
    assert faults == {i: f"q {fault}" for i, fault in enumerate(slow) if fault}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=8))
def test_an_array_of_texts_is_that_of_arrow(texts):
    array = text_array(texts)
    array.validate(full=True)
    assert array.equals(pa.array(texts, pa.string()))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1", "2.5"], True),
        (["1"], False),
        ([], False),
        (["1", "two"], False),
        (["7 up", "2"], False),
    ],
)
def test_columns_of_numbers(texts, expected):
    assert are_numbers(texts) == expected
