from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import question_key
from textsiamese.inputs.splits import SIDES, Split, split_pairs
from textsiamese.inputs.whole import read_pairs

SAMPLE = Path(__file__).parents[2] / "data" / "questions" / "sample_pairs.csv"


def apart(pairs: int, same: int) -> Pairs:
    """Pairs that share no question."""
    left, right = [f"a{i}" for i in range(pairs)], [f"b{i}" for i in range(pairs)]
    return Pairs(left, right, np.arange(pairs) < same, "a.csv", rows=np.arange(pairs))


def linked(links: list[tuple[int, int]], labels: list[int]) -> Pairs:
    """Pairs of questions with these numbers, each written in several ways."""
    ways = random.Random(0)
    left, right = (
        [ways.choice([f"What is {x}?", f"what is  {x}", f"WHAT is {x} !"]) for x in side]
        for side in zip(*links, strict=True)
    )
    return Pairs(left, right, np.array(labels), "a.csv", rows=np.arange(len(links)))


def keys(pairs: Pairs) -> set[str]:
    return {question_key(text) for text in pairs.texts}


def slow_components(pairs: Pairs) -> list[set[int]]:
    """The pairs of each component, by a plain union-find."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for a, b in zip(pairs.left, pairs.right, strict=True):
        parent[root(question_key(a))] = root(question_key(b))
    found: dict[str, set[int]] = {}
    for i, text in enumerate(pairs.left):
        found.setdefault(root(question_key(text)), set()).add(i)
    return list(found.values())


def check(split: Split, pairs: Pairs) -> None:
    """What every split keeps to."""
    train, dev, test = split
    assert (train, dev, test) == (split.train, split.dev, split.test)
    assert not keys(train) & keys(dev)
    assert not keys(train) & keys(test)
    assert not keys(dev) & keys(test)
    components = slow_components(pairs)
    told = split.summary
    assert told.questions == len(keys(pairs))
    assert told.components == len(components)
    assert told.largest_pairs == max(map(len, components))
    assert told.pairs == tuple(map(len, split))
    assert told.same == tuple(int(side.labels.sum()) for side in split)
    rows = [set(side.rows.tolist()) for side in split if side.rows is not None]
    assert sum(map(len, rows)) == sum(told.pairs) == len(pairs) - told.dropped
    torn = [each for each in components if not any(each <= side for side in rows)]
    assert told.broken == len(torn)
    assert set().union(*components) - set().union(*rows) <= set().union(*torn)
    (first, *others) = sorted(components, key=len, reverse=True)
    if not others or len(others[0]) < len(first):
        assert (told.largest_side is None) == (first in torn)
        assert told.largest_side is None or first <= rows[SIDES.index(told.largest_side)]
    for side, those in zip(split, rows, strict=True):
        assert side.rows is not None
        assert side.rows.tolist() == sorted(those)
        assert side.left == [pairs.left[i] for i in side.rows]
        assert side.labels.tolist() == pairs.labels[side.rows].tolist()


@given(st.data())
def test_no_question_is_on_two_sides(data) -> None:
    size = data.draw(st.sampled_from([10, 40, 120]))
    draws = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    questions = int(size * data.draw(st.sampled_from([0.3, 0.8, 1.3, 3.0])))
    links = draws.integers(questions, size=(size, 2))
    labels = draws.random(size) < data.draw(st.sampled_from([0.2, 0.5, 1.0]))
    pairs = linked(links.tolist(), labels.tolist())
    try:
        split = split_pairs(pairs, seed=data.draw(st.integers(0, 3)))
    except InputError:
        assert size < 120 or questions < size
        return
    check(split, pairs)
    for label in set(labels):
        assert all(label in side.labels for side in split)


@pytest.mark.parametrize(
    ("pairs", "same", "sides"),
    [
        (10, 5, [(6, 3), (2, 1), (2, 1)]),
        (60, 20, [(48, 16), (6, 2), (6, 2)]),
        (200, 70, [(160, 56), (20, 7), (20, 7)]),
        (12, 12, [(10, 10), (1, 1), (1, 1)]),
    ],
)
def test_small_tables(pairs, same, sides) -> None:
    split = split_pairs(apart(pairs, same))
    check(split, apart(pairs, same))
    assert [(len(side), side.labels.sum()) for side in split] == sides


def test_the_sample_pairs() -> None:
    pairs = read_pairs(SAMPLE)
    train, dev, test = split_pairs(pairs)
    assert len(train) + len(dev) + len(test) == len(pairs)
    assert not keys(train) & keys(dev) | keys(train) & keys(test) | keys(dev) & keys(test)
    for side, share in ((train, 0.8), (dev, 0.1), (test, 0.1)):
        assert len(side) == pytest.approx(share * len(pairs), abs=2)
        assert side.labels.sum() == pytest.approx(share * pairs.labels.sum(), abs=2)


def test_a_seed_makes_the_split() -> None:
    pairs = apart(300, 100)
    drawn = [[side.left for side in split_pairs(pairs, seed=seed)] for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_which_question_of_a_pair_comes_first_does_not_matter() -> None:
    links = np.random.default_rng(0).integers(300, size=(200, 2))
    pairs = linked(links.tolist(), (np.arange(200) % 3 == 0).tolist())
    turned = Pairs(
        [b if i % 2 else a for i, (a, b) in enumerate(zip(pairs.left, pairs.right, strict=True))],
        [a if i % 2 else b for i, (a, b) in enumerate(zip(pairs.left, pairs.right, strict=True))],
        pairs.labels,
        rows=pairs.rows,
    )
    one, other = split_pairs(pairs), split_pairs(turned)
    assert one.summary.broken == 0
    for side, same_side in zip(one, other, strict=True):
        assert side.rows is not None
        assert same_side.rows is not None
        assert side.rows.tolist() == same_side.rows.tolist()


def test_the_order_of_hashes_does_not_matter() -> None:
    code = (
        "import sys, textsiamese as ts\n"
        f"sides = ts.split_pairs(ts.read_pairs({str(SAMPLE)!r}), seed=3)\n"
        "sys.stdout.write(repr([side.left for side in sides]))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert len(told.pop()) > 1000


def test_a_large_component_goes_to_train_whole() -> None:
    links = [(0, i) for i in range(1, 31)] + [(2 * i, 2 * i + 1) for i in range(50, 1020)]
    pairs = linked(links, [1, 0] * 500)
    for seed in range(3):
        split = split_pairs(pairs, seed=seed)
        check(split, pairs)
        assert split.summary.largest_side == "train"
    assert str(split.summary) == (
        "a.csv: 1,000 pairs of 1,971 questions in 971 components; no question is on two sides\n"
        "largest component: 30 pairs of 31 questions (3.0% of the pairs), whole, in train\n"
        "             pairs   share    same\n"
        "train          800   80.0%   50.0%\n"
        "dev            100   10.0%   50.0%\n"
        "test           100   10.0%   50.0%"
    )


def test_a_component_too_large_for_train_is_broken() -> None:
    links = [(i, i + 1) for i in range(900)] + [(2 * i, 2 * i + 1) for i in range(500, 600)]
    pairs = linked(links, [0] * 1000)
    split = split_pairs(pairs)
    check(split, pairs)
    assert split.summary.dropped == 2
    lines = str(split.summary).splitlines()
    assert lines[1].endswith("(90.0% of the pairs), too large for train: broken")
    assert lines[-1].startswith("dropped          2    0.2%")


def test_one_with_nearly_all_pairs_of_a_label_is_broken_too() -> None:
    links = [(i, i + 1) for i in range(200)] + [(2 * i, 2 * i + 1) for i in range(500, 1300)]
    pairs = linked(links, [0, 1] * 100 + [0] * 800)
    split = split_pairs(pairs)
    check(split, pairs)
    assert split.summary.broken == 1
    assert min(split.summary.same) >= 10


def test_two_sides() -> None:
    train, dev, test = split_pairs(apart(100, 50), (0.8, 0.2, 0))
    assert (len(train), len(dev), len(test)) == (80, 20, 0)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (apart(0, 0), "0 same and 0 different pairs cannot be split into 0.8 / 0.1 / 0.1"),
        (apart(10, 2), "2 same and 8 different pairs cannot be split"),
        (
            linked([(0, i) for i in range(1, 41)], [0, 1] * 20),
            "would have no different pairs, as 40 of 40 pairs hang together",
        ),
    ],
)
def test_tables_that_cannot_be_split(pairs, message) -> None:
    with pytest.raises(InputError) as caught:
        split_pairs(pairs)
    assert str(caught.value).startswith("a.csv")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "shares",
    [
        (0.8, 0.2),
        (0.8, 0.1, 0.2),
        (1.1, -0.1, 0),
        ("a", 0.1, 0.1),
        (0, 0.5, 0.5),
        (1, 0, 0),
        0.8,
        (float("nan"), 0.5, 0.5),
    ],
)
def test_shares_that_are_none(shares) -> None:
    with pytest.raises(InputError, match=r"^shares are "):
        split_pairs(apart(100, 50), shares)


@pytest.mark.parametrize("seed", [-1, 0.5, "a", None, True])
def test_seeds_that_are_none(seed) -> None:
    with pytest.raises(InputError, match=r"^seed is "):
        split_pairs(apart(100, 50), seed=seed)


def test_what_nobody_labelled_only_ever_trains() -> None:
    labelled = apart(100, 40)
    left = [f"a{i}" for i in range(100)] + [f"new {i}" for i in range(30)]
    right = [f"c{i}" for i in range(100)] + [f"newer {i}" for i in range(30)]
    whole = labelled.followed_by(left, right, [0] * 130, "a.csv")
    whole = replace(whole, unlabelled=np.arange(230) >= 100)
    split, known = split_pairs(whole, (0.6, 0.2, 0.2)), split_pairs(labelled, (0.6, 0.2, 0.2))
    assert (split.dev.left, split.test.left) == (known.dev.left, known.test.left)
    held = keys(split.dev) | keys(split.test)
    assert not held & keys(split.train)
    free = [not keys(whole.subset([row])) & held for row in range(len(whole))]
    assert split.train.rows is not None
    assert split.train.rows.tolist() == np.flatnonzero(free).tolist()
    assert (split.summary.unlabelled, split.summary.unlabelled_dropped) == (90, 40)
    assert split.summary.pairs == known.summary.pairs
    assert str(split.summary).endswith(
        "of pairs that nobody labelled 90 are in train too, and 40 dropped, as they have a "
        "question of dev or test"
    )
    alone = replace(labelled, unlabelled=np.ones(100, np.bool_))
    assert split_pairs(alone, (0.6, 0.2, 0.2)).dev.left == known.dev.left
