"""The promises of data/README.md about the sample pairs."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[1] / "data"
SAMPLE = DATA / "questions" / "sample_pairs.csv"
COLUMNS = ["question1", "question2", "is_duplicate", "kind"]
COUNTS = {
    "paraphrase": 160,
    "negation": 25,
    "number": 25,
    "name": 25,
    "direction": 25,
    "related": 60,
    "unrelated": 40,
}
NEGATIONS = {"not", "never", "without", "don't", "doesn't"}
NUMBER_WORDS = {"one", "two", "three", "four", "five"}

Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def words(text: str) -> list[str]:
    return re.findall(r"[\w'.,]*\w", text.lower())


def of_kind(rows: list[Row], kind: str) -> list[tuple[list[str], list[str]]]:
    """Words of both questions of every pair of one kind; never an empty list."""
    pairs = [(words(r["question1"]), words(r["question2"])) for r in rows if r["kind"] == kind]
    assert len(pairs) == COUNTS[kind]
    return pairs


def shared(left: list[str], right: list[str]) -> float:
    """Share of the two questions' distinct words that both have (Jaccard)."""
    return len(set(left) & set(right)) / len(set(left) | set(right))


def is_number(word: str) -> bool:
    return word in NUMBER_WORDS or any(letter.isdigit() for letter in word)


def is_negated(question: list[str], other: list[str]) -> bool:
    """Whether `question` holds a negation, or an "un-" before a word of `other`."""
    undone = {word[2:] for word in question if word.startswith("un")}
    return bool(NEGATIONS & set(question) or undone & set(other))


def test_file_is_plain_csv_quoted_only_where_needed(rows: list[Row]) -> None:
    raw = SAMPLE.read_bytes().decode("utf-8")
    again = io.StringIO(newline="")
    writer = csv.DictWriter(again, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    assert again.getvalue() == raw
    assert raw.count("\n") == 1 + len(rows)  # no newline inside a cell
    assert "\r" not in raw
    assert not raw.startswith("\ufeff")


def test_pandas_reads_the_same_table(rows: list[Row]) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.read_csv(SAMPLE)
    assert list(table.columns) == COLUMNS
    assert table["is_duplicate"].dtype.kind == "i"
    assert table.astype({"is_duplicate": str}).to_dict("records") == rows


def test_counts_of_kinds_and_labels(rows: list[Row]) -> None:
    assert Counter(row["kind"] for row in rows) == COUNTS
    assert Counter(row["is_duplicate"] for row in rows) == {"1": 160, "0": 200}
    assert all((row["is_duplicate"] == "1") == (row["kind"] == "paraphrase") for row in rows)


def test_readme_states_these_counts_and_columns() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    stated = re.findall(r"^\| `(\w+)` \| ([01]) \| (\d+) \|", readme, flags=re.MULTILINE)
    assert {kind: int(count) for kind, _, count in stated} == COUNTS
    assert {kind for kind, label, _ in stated if label == "1"} == {"paraphrase"}
    assert all(f"`{column}`" in readme for column in COLUMNS)


def test_no_pair_twice_and_no_question_in_more_than_two(rows: list[Row]) -> None:
    as_words = [(" ".join(words(r["question1"])), " ".join(words(r["question2"]))) for r in rows]
    assert all(left != right for left, right in as_words)
    assert len({frozenset(pair) for pair in as_words}) == len(rows)
    times = Counter(question for pair in as_words for question in pair)
    assert max(times.values()) == 2
    assert sum(count == 2 for count in times.values()) == 12
    as_typed = {row[column] for row in rows for column in COLUMNS[:2]}
    assert len(as_typed) == len(times)  # a repeated question is repeated to the letter


def test_labels_do_not_contradict_each_other(rows: list[Row]) -> None:
    """What duplicates join, no non-duplicate pair may part."""
    group = {row[column]: row[column] for row in rows for column in COLUMNS[:2]}
    for row in rows:
        if row["is_duplicate"] == "1":
            kept, gone = group[row["question1"]], group[row["question2"]]
            group = {text: kept if name == gone else name for text, name in group.items()}
    parted = [row for row in rows if row["is_duplicate"] == "0"]
    assert all(group[row["question1"]] != group[row["question2"]] for row in parted)


def test_questions_are_clean_text_of_many_shapes(rows: list[Row]) -> None:
    questions = [row[column] for row in rows for column in COLUMNS[:2]]
    for question in questions:
        assert question == " ".join(question.split())
        assert question.isprintable()
        assert unicodedata.is_normalized("NFC", question)
        assert 3 <= len(question.split()) <= 30
    assert sum(question[0].islower() for question in questions) >= 70
    assert sum("," in question for question in questions) >= 20
    assert sum('"' in question for question in questions) >= 20
    assert sum(not question.isascii() for question in questions) >= 20
    assert sum(len(question.split()) >= 18 for question in questions) >= 15


def test_paraphrases_are_in_other_words(rows: list[Row]) -> None:
    assert max(shared(*pair) for pair in of_kind(rows, "paraphrase")) < 0.6


def test_near_misses_share_most_words(rows: list[Row]) -> None:
    for kind in ("negation", "number", "name", "direction"):
        overlaps = [shared(*pair) for pair in of_kind(rows, kind)]
        assert min(overlaps) >= 0.45, kind
        assert sum(overlaps) / len(overlaps) >= 0.65, kind


def test_negation_is_on_exactly_one_side(rows: list[Row]) -> None:
    for left, right in of_kind(rows, "negation"):
        assert is_negated(left, right) != is_negated(right, left), (left, right)


def test_number_pairs_differ_in_numbers_alone(rows: list[Row]) -> None:
    for left, right in of_kind(rows, "number"):
        assert left != right
        assert [w for w in left if not is_number(w)] == [w for w in right if not is_number(w)]


def test_name_pairs_differ_neither_in_numbers_nor_in_negation(rows: list[Row]) -> None:
    for left, right in of_kind(rows, "name"):
        differing = set(left) ^ set(right)
        assert 2 <= len(differing) <= 6
        assert not any(is_number(word) or word in NEGATIONS for word in differing)


def test_direction_pairs_have_the_same_words_in_another_order(rows: list[Row]) -> None:
    for left, right in of_kind(rows, "direction"):
        assert left != right
        singular = [sorted(word.rstrip("s") for word in side) for side in (left, right)]
        assert singular[0] == singular[1]


def test_unrelated_pairs_share_few_words(rows: list[Row]) -> None:
    assert max(shared(*pair) for pair in of_kind(rows, "unrelated")) < 0.45


def test_first_ten_rows_show_every_kind(rows: list[Row]) -> None:
    assert {row["kind"] for row in rows[:10]} == set(COUNTS)


def test_what_is_asked_and_what_is_answered() -> None:
    tables = []
    for name in ("asked.csv", "answered.csv"):
        with (DATA / "questions" / name).open(encoding="utf-8", newline="") as file:
            tables.append(list(csv.DictReader(file, strict=True)))
    asked, answered = tables
    assert [row["id"] for row in asked] == [str(number) for number in range(1, 11)]
    assert len({row["question"] for row in answered}) == len(answered) == 20
    assert all(row["answer"].endswith(".") for row in answered)
    assert not {row["question"] for row in asked} & {row["question"] for row in answered}


def test_every_drawn_picture_has_two_captions() -> None:
    folder = DATA / "pictures"
    with (folder / "captions.csv").open(encoding="utf-8", newline="") as file:
        shown = Counter(row["image"] for row in csv.DictReader(file, strict=True))
    assert set(shown) == {path.name for path in folder.glob("*.png")}
    assert set(shown.values()) == {2}
    assert len(shown) == 160
