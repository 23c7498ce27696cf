from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import textsiamese as ts
from textsiamese.recipes import lessons

TEXTS = [f"how do i get to stop {i}?" for i in range(12)]


@pytest.fixture
def train() -> ts.Pairs:
    return ts.Pairs(TEXTS[:5], TEXTS[5:10], [1, 0, 1, 0, 0], "train")


@pytest.fixture
def store(tmp_path: Path) -> ts.VectorStore:
    store = ts.VectorStore(tmp_path / "vectors", ts.load())
    store.add(TEXTS)
    return store


def test_questions_that_are_held_out_are_not_among_the_unlabelled(
    tmp_path: Path, train: ts.Pairs
) -> None:
    (tmp_path / "questions").mkdir()
    asked = ["What is new?", TEXTS[0].upper(), "what is new", "Who is that?"]
    pd.DataFrame({"question": asked}).to_parquet(tmp_path / "questions" / "unlabelled.parquet")
    assert lessons.unlabelled(tmp_path, [train]) == ["What is new?", "Who is that?"]


def test_labels_and_the_teachers_word_are_one_target(
    train: ts.Pairs, store: ts.VectorStore
) -> None:
    word = ts.load().score(train.left, train.right)
    taught = lessons.with_teachers_word(train, store, 0.25).taught
    np.testing.assert_allclose(taught, 0.25 * train.labels + 0.75 * word, atol=1e-6)
    assert lessons.with_teachers_word(train, store, 1.0).taught.tolist() == train.labels.tolist()


def test_of_mined_pairs_only_the_teachers_word_is_known(
    train: ts.Pairs, store: ts.VectorStore
) -> None:
    mined = pd.DataFrame({"question1": TEXTS[:4], "question2": TEXTS[8:]})
    whole = lessons.with_mined(lessons.with_teachers_word(train, store, 0.5), mined, store)
    word = ts.load().score(TEXTS[:4], TEXTS[8:])
    assert list(whole.left[5:]) == TEXTS[:4]
    np.testing.assert_allclose(whole.taught[5:], word, atol=1e-6)
    assert whole.labels[5:].tolist() == (word >= 0.5).astype(int).tolist()


def test_no_hard_cases(train: ts.Pairs, tmp_path: Path) -> None:
    assert lessons.with_hard_cases(train, tmp_path, 0, seed=0) is train
