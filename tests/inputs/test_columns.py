from __future__ import annotations

import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.columns import (
    Columns,
    TripletColumns,
    find_columns,
    find_text_column,
    find_triplet,
    known_column,
    listed,
)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (
            ["id", "question1", "question2", "is_duplicate"],
            ("question1", "question2", "is_duplicate"),
        ),
        (["text_a", "text_b", "label"], ("text_a", "text_b", "label")),
        (["sentence1", "sentence2", "label"], ("sentence1", "sentence2", "label")),
        (["label", "right", "left"], ("left", "right", "label")),
        (["text1", "text2"], ("text1", "text2", None)),
        (["q1", "q2", "gold"], ("q1", "q2", None)),
        (
            [" Question1 ", "QUESTION2", "Is_Duplicate"],
            (" Question1 ", "QUESTION2", "Is_Duplicate"),
        ),
        (["sentence1", "sentence2", "question1", "question2"], ("question1", "question2", None)),
    ],
)
def test_conventions_are_found_as_the_table_spells_them(names, found):
    assert find_columns(names) == Columns(*found)


def test_given_names_come_before_conventions():
    names = ["title", "body", "question1", "question2", "label", "gold"]
    assert find_columns(names, "title", "body") == Columns("title", "body", "label")
    assert find_columns(names, label=" GOLD ") == Columns("question1", "question2", "gold")
    assert find_columns(names, left="title") == Columns("title", "question2", "label")
    assert find_columns(names, right="body") == Columns("question1", "body", "label")


def test_exact_spelling_wins_over_another_case():
    names = ["question1", "Question1", "question2"]
    assert find_columns(names).left == "question1"
    assert find_columns(names, left="Question1").left == "Question1"


def test_unknown_names_are_listed_with_the_options():
    with pytest.raises(InputError, match=r'my\.csv.*"id", "prompt", "answer".*--left and --right'):
        find_columns(["id", "prompt", "answer"], table="my.csv")
    with pytest.raises(InputError, match=r'no column "promt".*"prompt"'):
        find_columns(["id", "prompt"], left="promt", right="id")
    with pytest.raises(InputError, match="no columns"):
        find_columns([])
    with pytest.raises(InputError, match=r"the right text column .* name it with --right"):
        find_columns(["id", "prompt"], left="prompt")
    with pytest.raises(InputError, match=r"the left text column .* name it with --left"):
        find_columns(["id", "prompt"], right="prompt")


def test_names_that_are_numbers():
    assert find_columns(["0", "1", "2"], 0, 1, 2) == Columns("0", "1", "2")  # type: ignore[arg-type]


def test_long_lists_and_names_are_cut():
    with pytest.raises(InputError) as caught:
        find_columns(["x" * 500, *[f"c{i}" for i in range(100)]])
    assert "and 81 more" in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_used_column_must_be_there_once():
    with pytest.raises(InputError, match='2 columns named "question1"'):
        find_columns(["question1", "question2", "question1"])
    with pytest.raises(InputError, match='2 columns named "label"'):
        find_columns(["left", "right", "label", "label"])
    assert find_columns(["note", "note", "left", "right"]) == Columns("left", "right")


def test_one_column_cannot_be_two_things():
    for asked in [("left", "left"), ("left", "right", "left")]:
        with pytest.raises(InputError, match="must be different columns"):
            find_columns(["left", "right"], *asked)
    assert find_columns(["label", "other"], "label", "other") == Columns("label", "other")


def test_triplets_are_told_from_pairs():
    names = ["Anchor", "positive", "negative"]
    assert find_triplet(names) == TripletColumns("Anchor", "positive", "negative")
    assert find_triplet(names[:2]) is None
    with pytest.raises(InputError, match="--left anchor --right positive"):
        find_columns(names)
    assert find_columns(names, "anchor", "positive") == Columns("Anchor", "positive")


@pytest.mark.parametrize(
    ("names", "wanted", "with_texts", "found"),
    [
        (["id", "text"], None, ["id", "text"], "text"),
        (["text", " Question "], None, ["text", " Question "], " Question "),
        (["id", "heading"], None, ["heading"], "heading"),
        (["heading"], None, ["heading"], "heading"),
        (["text", "Title"], "title", ["text", "Title"], "Title"),
    ],
)
def test_the_one_column_of_texts(names, wanted, with_texts, found):
    assert find_text_column(names, wanted, with_texts, "t.csv") == found


@pytest.mark.parametrize(
    ("names", "wanted", "message"),
    [
        (["a", "b"], None, r't.csv: .* its columns are "a", "b"; name it with --text'),
        (["Text", "TEXT "], None, r"t.csv has 2 columns named"),
        (["text"], "body", r't.csv has no column "body" \(--text\); its columns are "text"'),
    ],
)
def test_no_one_column_of_texts(names, wanted, message):
    with pytest.raises(InputError, match=message):
        find_text_column(names, wanted, names, "t.csv")


def test_the_first_of_the_usual_names_is_known() -> None:
    assert known_column(["id", " Text", "question"], ("question", "text"), "t") == "question"
    assert known_column(["id", " Text"], ("question", "text"), "t") == " Text"
    assert known_column(["id"], ("question", "text"), "t") is None
    with pytest.raises(InputError, match='t has 2 columns named "text"'):
        known_column(["Text", "TEXT"], ("text",), "t")


def test_many_columns_are_not_all_listed() -> None:
    assert listed([]) == "no columns"
    assert listed(["a", "b"]) == '"a", "b"'
    assert listed([f"c{i}" for i in range(25)]).endswith('"c19" and 5 more')
