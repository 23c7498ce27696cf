from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import textsiamese as ts
from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import question_key
from textsiamese.learning import mining
from textsiamese.learning.mining import mine_pairs
from textsiamese.twins.info import TwinInfo

N = 400


class NumberTwin:
    """A text that ends with a number has a random direction, that number's own."""

    info = TwinInfo(name="numbers")

    def __init__(self, dim: int = 6) -> None:
        self._vectors = np.random.default_rng(5).normal(size=(10 * N, dim)).astype(np.float32)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self._vectors[[int(text.rstrip("?").split()[-1]) for text in texts]]


TWIN = NumberTwin()
QUESTIONS = [f"What is {i}?" for i in range(N)]


def mine(questions: Sequence[str] = QUESTIONS, count: int = 300, **options) -> pd.DataFrame:
    return mine_pairs(TWIN, questions, count=count, **options)


def keys(mined: pd.DataFrame) -> list[frozenset[str]]:
    rows = zip(mined["question1"], mined["question2"], strict=True)
    return [frozenset(map(question_key, row)) for row in rows]


def ranks(mined: pd.DataFrame, kind: str, questions: Sequence[str] = QUESTIONS) -> np.ndarray:
    """What place each second question has among the neighbours of the first, from 1."""
    vectors = TWIN.encode(questions).astype(float)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    number = {text: i for i, text in enumerate(questions)}
    found = []
    for row in mined[mined["kind"] == kind].itertuples():
        cosines = vectors @ vectors[number[row.question1]]
        found.append(int((cosines >= cosines[number[row.question2]] - 1e-9).sum()) - 1)
    return np.array(found)


def test_as_many_of_each_kind_as_asked_for() -> None:
    mined = mine(count=301)
    assert list(mined.columns) == ["question1", "question2", "cosine", "kind"]
    assert mined["kind"].value_counts().to_dict() == {"near": 181, "middling": 90, "far": 30}
    assert len(set(keys(mined))) == 301
    assert all(len(key) == 2 for key in keys(mined))
    shares = mine(near=2, middling=0, far=1)["kind"].value_counts().to_dict()
    assert shares == {"near": 200, "far": 100}


def test_near_ones_are_the_nearest_and_middling_ones_come_after() -> None:
    mined = mine(count=900, near=1, middling=1, far=1)
    near, middling, far = (ranks(mined, kind) for kind in ("near", "middling", "far"))
    assert set(near) == {1, 2, 3}
    assert min(np.mean(near == rank) for rank in (1, 2, 3)) > 0.2
    assert np.mean((middling >= 7) & (middling <= 93)) > 0.8
    assert 20 < np.median(middling) < 50
    assert 0.4 * N < np.mean(far) < 0.6 * N


def test_the_cosine_is_that_of_the_vectors() -> None:
    mined = mine()
    left, right = (TWIN.encode(list(mined[side])) for side in ("question1", "question2"))
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    np.testing.assert_allclose(mined["cosine"], (left * right).sum(1) / lengths, atol=1e-5)


def test_the_same_seed_gives_the_same_table_in_random_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = mine(seed=3)
    monkeypatch.setattr(mining, "_ENCODED", 37)
    pd.testing.assert_frame_equal(one, mine(seed=3))
    assert set(keys(one)) != set(keys(mine(seed=4)))
    assert set(one["kind"][:40]) == {"near", "middling", "far"}


def test_all_there_are_if_more_are_asked_for() -> None:
    few = QUESTIONS[:9]
    everything = {frozenset(map(question_key, pair)) for pair in combinations(few, 2)}
    mined = mine(few, count=1000, near=0, middling=0, far=1)
    assert set(keys(mined)) == everything
    assert len(mined) == 36
    near = mine(few, count=1000, near=1, middling=0, far=0)
    assert 9 * 3 / 2 <= len(near) <= 27
    assert max(ranks(near, "near", few)) == 3
    assert len(mine(QUESTIONS[:2], count=5)) == 1


def test_questions_that_are_the_same_count_once() -> None:
    mined = mine([*QUESTIONS[:20], *(text.upper() for text in QUESTIONS[:20])], count=60)
    assert set(mined["question1"]) | set(mined["question2"]) <= set(QUESTIONS[:20])


def test_neither_known_pairs_nor_questions_that_are_held_out() -> None:
    first = mine(count=200)
    labelled = Pairs(list(first["question2"]), list(first["question1"]), np.zeros(200), "labelled")
    held = pd.DataFrame({"question1": QUESTIONS[:50], "question2": QUESTIONS[50:100]})
    told: list[str] = []
    more = mine(count=200, avoid=labelled, held_out=[held], tell=told.append)
    assert len(more) == 200
    assert not set(keys(more)) & set(keys(first))
    assert not {*more["question1"], *more["question2"]} & set(QUESTIONS[:100])
    assert told == [
        "mining among 300 questions (100 that a table holds out left out)",
        "300 of 300 encoded",
        "120 near pairs mined",
        "60 middling pairs mined",
        "20 far pairs mined",
    ]


def test_vectors_of_any_length_and_equal_ones() -> None:
    class Still(NumberTwin):
        def encode(self, texts: Sequence[str]) -> np.ndarray:
            return np.zeros((len(texts), 3), dtype=np.float32)

    mined = mine_pairs(Still(), QUESTIONS, count=90)
    assert len(mined) == len(set(keys(mined))) == 90
    assert not mined["cosine"].isna().any()


def test_a_real_twin(tiny_folder, sample_texts: list[str]) -> None:
    mined = ts.mine_pairs(ts.load(tiny_folder), sample_texts, count=50)
    by_kind = mined.groupby("kind")["cosine"].median()
    assert by_kind["near"] > by_kind["middling"] > by_kind["far"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "count is 0; it must be a whole number, 1 or more"),
        ({"count": 2.5}, "count is 2.5; it must be"),
        ({"seed": -1}, "seed is -1; it must be a whole number, 0 or more"),
        ({"far": -0.1}, "shares are near 0.6, middling 0.3, far -0.1; each must be"),
        ({"near": float("nan")}, "shares are near nan"),
        ({"near": 0, "middling": 0, "far": 0}, "shares are near 0, middling 0, far 0"),
        ({"questions": ["a 1", None]}, r"questions\[1\] is missing"),
        ({"questions": []}, "a pair needs two different questions, and of 0 given 0 are left"),
        (
            {"questions": ["a 1", "A 1", "a 1?"]},
            r"of 3 given 1 is left \(2 the same as one before left out\)",
        ),
        (
            {"questions": ["a 1", "a 2"], "avoid": Pairs(["A 2"], ["a 1?"], np.ones(1))},
            "no pair is left to be mined: all that these 2 questions give",
        ),
    ],
)
def test_what_cannot_be_mined(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        mine(**options)


def test_a_cross_encoder_has_no_neighbours() -> None:
    class Reader:
        info = TwinInfo(name="reader")

    with pytest.raises(InputError, match="reader is a cross-encoder and has no vectors"):
        mine_pairs(Reader(), QUESTIONS, count=5)  # type: ignore[arg-type]
