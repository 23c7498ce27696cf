from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import question_key
from textsiamese.learning.tables import prepare_tables


def table(n: int, share: float = 0.4) -> Pairs:
    """Pairs that share no question, so many of them the same."""
    left = [f"what is the {i}th thing" for i in range(n)]
    right = [f"tell me about thing number {i}" for i in range(n)]
    return Pairs(left, right, (np.arange(n) % 10 < 10 * share).astype(np.int8), "table.csv")


def keys(pairs: Pairs) -> set[str]:
    return set(map(question_key, pairs.texts))


@pytest.mark.parametrize(("n", "held"), [(200, 60), (1_000, 100), (120_000, 10_000)])
def test_dev_and_test_are_taken_from_the_table(n: int, held: int) -> None:
    tables = prepare_tables(table(n))
    assert tables.test
    assert len(tables.dev) == pytest.approx(held, abs=1)
    assert len(tables.test) == pytest.approx(held, abs=1)
    assert len(tables.train) + len(tables.dev) + len(tables.test) == n
    assert not keys(tables.train) & (keys(tables.dev) | keys(tables.test))
    assert any("no question is on two sides" in note for note in tables.notes)


def test_given_tables_are_kept() -> None:
    pairs = table(400)
    dev, test = (
        replace(table(600).subset(range(400, 500)), name="d"),
        table(700).subset(range(600, 700)),
    )
    tables = prepare_tables(pairs, dev, test)
    assert (tables.train, tables.dev, tables.test) == (pairs, dev, test)
    assert prepare_tables(pairs, dev).test is None
    only_test = prepare_tables(pairs, test=test)
    assert only_test.test is test
    assert len(only_test.dev) == 60
    assert len(only_test.train) == 340


@pytest.mark.parametrize("n", [10, 199])
def test_a_small_table_is_refused_unless_dev_is_given(n: int) -> None:
    with pytest.raises(InputError, match=rf"table.csv has {n} pairs, and 200 at least .*--dev"):
        prepare_tables(table(n))
    dev = table(400).subset(range(300, 400))
    assert len(prepare_tables(table(n), dev).train) == n


@pytest.mark.parametrize("given", [False, True])
def test_what_is_only_a_teachers_word_is_judged_on_by_nobody(given: bool) -> None:
    pairs = replace(table(900), unlabelled=np.arange(900) >= 300)
    tables = prepare_tables(pairs, test=table(999).subset(range(900, 999)) if given else None)
    assert len(tables.dev) == 60
    assert tables.test
    for held in (tables.dev, tables.test):
        assert held.unlabelled is None or not held.unlabelled.any()
    assert tables.train.unlabelled.sum() == 600
    with pytest.raises(InputError, match=r"table.csv has 150 labelled pairs, and 200 at least"):
        prepare_tables(replace(pairs, unlabelled=np.arange(900) >= 150))


def test_shared_questions_are_told_and_shared_pairs_refused() -> None:
    pairs = table(300)
    near = replace(table(400).subset(range(300, 400)), name="dev.csv")
    near.left[0] = pairs.left[7]
    notes = prepare_tables(pairs, near).notes
    assert any("dev.csv: 1 of 100 pairs (1.0%) share a question with table.csv" in n for n in notes)
    near.right[0] = pairs.right[7]
    with pytest.raises(InputError, match="--allow-shared-pairs"):
        prepare_tables(pairs, near)
    assert prepare_tables(pairs, near, allow_shared_pairs=True).dev is near


def test_contrast_pairs_are_made_of_train_for_train() -> None:
    things = [f"thing{i}" for i in range(300)]
    pairs = Pairs(
        [f"How do I cook {thing} in a pot?" for thing in things],
        [f"Why do people eat {thing} at night?" for thing in things],
        np.arange(300) % 2,
        "food.csv",
    )
    plain, tables = prepare_tables(pairs), prepare_tables(pairs, contrasts=0.2)
    n = len(plain.train)
    assert (tables.dev.left, tables.train.left[:n]) == (plain.dev.left, plain.train.left)
    assert len(tables.train) - n == 2 * (round(0.2 * n) // 2)
    assert keys(tables.train.subset(range(n, len(tables.train)))) - keys(plain.train)
    assert tables.test
    assert not keys(tables.train) & (keys(tables.dev) | keys(tables.test))
    assert f"{len(tables.train) - n} contrast pairs made of food.csv" in tables.notes[-1]


def test_contrast_pairs_that_dev_holds_are_not_made() -> None:
    asked, other = "How do I cook soup in a pot?", "How can I cook soup in a pot?"
    pairs = Pairs([asked, "soup"], ["tell me of soup", "stew"], [1, 0], "food.csv")
    made = prepare_tables(pairs, Pairs(["a", "b"], ["c", "d"], [1, 0], "dev.csv"), contrasts=1.0)
    assert other in made.train.right
    dev = Pairs([other, "b"], ["c", "d"], [1, 0], "dev.csv")
    kept = prepare_tables(pairs, dev, contrasts=1.0)
    assert kept.train is pairs
    assert "no contrast pairs could be made of food.csv" in kept.notes[-1]


def test_conflicts_are_settled_by_policy() -> None:
    pairs = table(300)
    both = Pairs(
        [*pairs.left, pairs.left[0]],
        [*pairs.right, pairs.right[0]],
        np.append(pairs.labels, 1 - pairs.labels[0]),
        "table.csv",
    )
    dev = table(400).subset(range(300, 400))
    dropped = prepare_tables(both, dev)
    assert len(dropped.train) == 299
    assert "labelled both ways: 1" in dropped.notes[0]
    assert len(prepare_tables(both, dev, conflicts="keep").train) == 301
    with pytest.raises(InputError, match="labelled both ways"):
        prepare_tables(both, dev, conflicts="error")


def test_held_out_tables_of_same_pairs_get_random_different_ones() -> None:
    tables = prepare_tables(table(400, share=1))
    assert tables.test
    assert tables.train.labels.all()
    for held in (tables.dev, tables.test):
        assert held.labels.mean() == pytest.approx(0.5, abs=0.01)
    assert any("all pairs are the same" in note for note in tables.notes)


def test_another_share_of_same_pairs_in_dev_is_told() -> None:
    dev = table(400, share=0.8).subset(range(300, 400))
    notes = prepare_tables(table(300), dev).notes
    assert any("80% of the dev pairs are the same and 40%" in note for note in notes)
    assert prepare_tables(table(300), table(400).subset(range(300, 400))).notes == []


def test_the_seed_draws_the_split() -> None:
    one, again, other = (prepare_tables(table(300), seed=seed) for seed in (0, 0, 1))
    assert one.dev.left == again.dev.left
    assert one.dev.left != other.dev.left


def test_texts_alone_are_judged_on_a_dev_of_pairs(dev: Pairs) -> None:
    texts = Pairs.of_texts(["how do i learn about rivers", "why not"], "t.csv")
    tables = prepare_tables(texts, dev)
    assert (tables.train, tables.dev, tables.test) == (texts, dev, None)
    assert not any("all pairs are the same" in note for note in tables.notes)
    with pytest.raises(InputError, match=r"t\.csv holds texts alone, and labelled pairs .*--dev"):
        prepare_tables(texts)
    with pytest.raises(InputError, match="leave --contrasts out"):
        prepare_tables(texts, dev, contrasts=0.1)


def test_what_a_teacher_said_goes_with_its_pairs() -> None:
    plain = table(300)
    labels = np.concatenate([plain.labels, 1 - plain.labels[:20]])
    taught = np.linspace(0, 1, 320)
    both = [[*side, *side[:20]] for side in (plain.left, plain.right)]
    said = dict(zip(zip(*both, strict=True), taught, strict=True))
    tables = prepare_tables(Pairs(both[0], both[1], labels, "twice.csv", taught=taught))
    kept = 0
    for part in (tables.train, tables.dev, tables.test):
        assert part is not None
        assert part.taught is not None
        for left, right, probability in zip(part.left, part.right, part.taught, strict=True):
            assert said[left, right] == probability
            kept += 1
    assert kept == 280
