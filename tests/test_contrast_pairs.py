"""The promises of data/README.md about the contrast pairs."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from textsiamese.inputs.questions import question_key
from textsiamese.inputs.whole import read_pairs

DATA = Path(__file__).resolve().parents[1] / "data"
FILE = DATA / "contrast" / "contrast_pairs.csv"
COLUMNS = ["question1", "question2", "is_duplicate", "phenomenon"]
PHENOMENA = ["order", "negation", "number", "name"]
PAIRS = 84
NEGATIONS = re.compile(r"\b(not|no|never|without|cannot|\w+n't|reject|nobody|un\w+|dis\w+)\b")
NUMBER = re.compile(r"\d|^(one|two|five|six|ten)$|^[iv]+$")

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def words(text: str) -> list[str]:
    return re.findall(r"[\w'.,]*\w", text)


def of_kind(rows: list[Row], phenomenon: str, label: str) -> list[tuple[list[str], list[str]]]:
    """Words of both questions of every pair of one kind; never an empty list."""
    chosen = [r for r in rows if r["phenomenon"] == phenomenon and r["is_duplicate"] == label]
    assert len(chosen) == PAIRS // 2
    return [(words(r["question1"]), words(r["question2"])) for r in chosen]


def lower(side: list[str]) -> list[str]:
    return [word.lower() for word in side]


def shared(left: list[str], right: list[str]) -> float:
    """Share of the two questions' distinct words that both have (Jaccard)."""
    one, other = set(lower(left)), set(lower(right))
    return len(one & other) / len(one | other)


def test_read_pairs_reads_the_file(rows: list[Row]) -> None:
    pairs = read_pairs(FILE)
    assert [list(row) for row in rows] == [COLUMNS] * len(pairs)
    assert [(r["question1"], r["question2"]) for r in rows] == list(
        zip(pairs.left, pairs.right, strict=True)
    )


def test_every_phenomenon_has_as_many_same_as_different_pairs(rows: list[Row]) -> None:
    counts = Counter((row["phenomenon"], row["is_duplicate"]) for row in rows)
    assert counts == {(each, label): PAIRS // 2 for each in PHENOMENA for label in "01"}


def test_readme_states_these_counts_and_columns() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    stated = re.findall(r"^\| `(\w+)` \| (\d+) \| [a-z]", readme, flags=re.MULTILINE)
    assert dict(stated) == {each: str(PAIRS) for each in PHENOMENA}
    assert f"{PAIRS * len(PHENOMENA)} pairs for judging" in readme


def test_a_question_stands_beside_one_same_and_one_different_question(rows: list[Row]) -> None:
    for same, different in zip(rows[::2], rows[1::2], strict=True):
        assert same["question1"] == different["question1"]
        assert (same["is_duplicate"], different["is_duplicate"]) == ("1", "0")
        assert same["phenomenon"] == different["phenomenon"]


def test_no_question_stands_anywhere_else(rows: list[Row]) -> None:
    first = [question_key(row["question1"]) for row in rows[::2]]
    second = [question_key(row["question2"]) for row in rows]
    assert len({*first, *second}) == len(first) + len(second)


def test_questions_are_clean_text(rows: list[Row]) -> None:
    for row in rows:
        for question in (row["question1"], row["question2"]):
            assert question == " ".join(question.split())
            assert question.isprintable()
            assert question[0].isupper()
            assert question.endswith("?")
            assert 3 <= len(question.split()) <= 20


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_different_pairs_share_as_many_words_as_same_ones(rows: list[Row], phenomenon: str) -> None:
    same, different = (
        [shared(*pair) for pair in of_kind(rows, phenomenon, label)] for label in "10"
    )
    assert min(different) >= 0.4
    assert sum(different) >= sum(same)


def test_order_alone_tells_different_pairs_apart(rows: list[Row]) -> None:
    """The same words, but for the form that a word takes in its new place."""
    for left, right in of_kind(rows, "order", "0"):
        assert left != right
        changed = Counter(lower(left)) - Counter(lower(right))
        assert sum(changed.values()) <= 2, (left, right)
        assert sum((Counter(lower(left)) & Counter(lower(right))).values()) >= 3


def test_a_negation_more_or_less_tells_different_pairs_apart(rows: list[Row]) -> None:
    for left, right in of_kind(rows, "negation", "0"):
        one, other = (len(NEGATIONS.findall(" ".join(lower(side)))) for side in (left, right))
        assert one != other, (left, right)


def test_negations_do_not_tell_that_a_pair_is_different(rows: list[Row]) -> None:
    """Many same pairs have their negation in one of their questions only, too."""
    pairs = of_kind(rows, "negation", "1")
    plain = re.compile(r"\b(not|no|never|cannot|\w+n't)\b")
    one_sided = [
        bool(plain.search(" ".join(left))) != bool(plain.search(" ".join(right)))
        for left, right in pairs
    ]
    assert sum(one_sided) >= 10


def test_numbers_alone_tell_different_pairs_apart(rows: list[Row]) -> None:
    for left, right in of_kind(rows, "number", "0"):
        assert len(left) == len(right)
        changed = [(a, b) for a, b in zip(lower(left), lower(right), strict=True) if a != b]
        assert changed
        assert all(NUMBER.search(word) for pair in changed for word in pair), changed


def test_names_alone_tell_different_pairs_apart(rows: list[Row]) -> None:
    for left, right in of_kind(rows, "name", "0"):
        changed = set(left) ^ set(right)
        assert 2 <= len(changed) <= 5
        named = {word for word in changed if not word.islower()}
        assert named or changed == {"aspirin", "paracetamol"}
        assert changed - named <= {"a", "an", "the", "aspirin", "paracetamol"}
