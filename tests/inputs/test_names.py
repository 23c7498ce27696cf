from __future__ import annotations

import numpy as np
import pytest

from textsiamese.inputs.names import Names

TOWNS = ["Oslo", "Lima", "Rome", "Kyoto", "Perth"]
TONGUES = ["Greek", "Latin", "Dutch", "Finnish"]
QUESTIONS = [
    *(
        f"How do I {do} in {town} {when}?"
        for do in ("live", "work", "dine", "hide")
        for town in TOWNS
        for when in ("now", "then", "soon")
    ),
    *(f"How do I get to {town} by {by}?" for town in TOWNS for by in ("train", "bus", "air")),
    *(
        f"How do I learn {tongue} {how}?"
        for tongue in TONGUES
        for how in (
            "fast",
            "alone",
            "well",
            "here",
            "there",
            "early",
            "late",
            "at home",
            "in town",
            "by ear",
            "for fun",
        )
    ),
]


@pytest.fixture(scope="module")
def names() -> Names:
    return Names(QUESTIONS)


def shared_places(one: str, other: str) -> int:
    """The slow way: the words before and after each name, in sets."""
    around: dict[str, set[tuple[str, str]]] = {one: set(), other: set()}
    for question in QUESTIONS:
        words = question.rstrip("?").split()
        for at, word in enumerate(words):
            if word in around:
                around[word].add((words[at - 1], words[at + 1] if at + 1 < len(words) else ""))
    return len(around[one] & around[other])


@pytest.mark.parametrize("sort", [TOWNS, TONGUES])
def test_names_of_one_sort_are_near_each_other(names: Names, sort: list[str]) -> None:
    for name in sort:
        assert sorted(names.near(name)) == sorted(set(sort) - {name})
        assert all(shared_places(name, other) >= 4 for other in names.near(name))
    assert shared_places("Oslo", "Greek") == 0


def test_a_name_seen_seldom_is_not_known() -> None:
    seldom = [f"How do I live in Turin {when}?" for when in ("now", "then", "soon")]
    names = Names([*QUESTIONS, *seldom])
    assert names.near("Turin") == []
    assert "Turin" not in names.near("Oslo")


def test_spellings_of_one_name_are_not_put_for_each_other() -> None:
    like = [question.replace("Rome", "Romeo") for question in QUESTIONS]
    aliases = [
        question.replace("Oslo", "Bombay").replace("Lima", "Mumbai") for question in QUESTIONS
    ]
    names = Names([*QUESTIONS, *like, *aliases])
    assert "Romeo" not in names.near("Rome")
    assert "Mumbai" not in names.near("Bombay")
    assert "Kyoto" in names.near("Bombay")


def test_another_name_is_put(names: Names) -> None:
    change, _ = names.rules
    drawn = {change("Where is Oslo now?", np.random.default_rng(seed)) for seed in range(40)}
    assert drawn == {f"Where is {town} now?" for town in TOWNS[1:]}
    assert change("Where is Paris now?", np.random.default_rng(0)) is None
    assert (change.kind, change.same) == ("name", False)


@pytest.mark.parametrize(
    ("question", "made"),
    [
        ("How do I move to Oslo soon from Lima?", "How do I move to Lima soon from Oslo?"),
        ("How do I move to Oslo soon from Greek?", None),
        ("How far to Oslo is it from Lima?", None),
        ("How do I get to Oslo or to Lima?", None),
    ],
)
def test_two_names_of_one_sort_change_places(names: Names, question: str, made: str | None) -> None:
    _, exchange = names.rules
    assert exchange(question, np.random.default_rng(0)) == made
    assert (exchange.kind, exchange.same) == ("order", False)


def test_texts_without_names() -> None:
    names = Names(["nothing here", ""])
    assert names.near("Oslo") == []
