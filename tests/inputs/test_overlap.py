from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs.overlap import check_overlap, measure_overlap
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import question_key

Rows = list[tuple[str, str]]


def table(rows: Rows, name: str) -> Pairs:
    return Pairs([a for a, _ in rows], [b for _, b in rows], np.arange(len(rows)) % 2, name)


TRAIN = table([("How old?", "Your age?"), ("Where?", "Which place?"), ("Who?", "What?")], "a.csv")
DEV = table(
    [("YOUR AGE", "how old"), ("who", "Which person?"), ("who", "WHERE"), ("When?", "Which day?")],
    "dev.csv",
)

a_text = st.sampled_from(["a", "A?", "b", "c", "C .", "d", "e", "f", "g"])
some_rows = st.lists(st.tuples(a_text, a_text), max_size=8)


@given(some_rows, some_rows)
def test_counts_equal_a_slow_search(train: Rows, other: Rows) -> None:
    known = {question_key(text) for row in train for text in row}
    asked = {question_key(text) for row in other for text in row}
    whole = [{*map(question_key, row)} for row in train]
    found = measure_overlap(table(train, "train"), table(other, "dev"))
    assert (found.name, found.train, found.pairs) == ("dev", "train", len(other))
    assert found.questions == len(asked)
    assert found.shared_questions == len(asked & known)
    assert found.shared_pairs == sum(bool({*map(question_key, row)} & known) for row in other)
    assert found.identical_pairs == sum({*map(question_key, row)} in whole for row in other)
    assert bool(found.warning) == (found.shared_pairs > 0)
    assert found.share == (found.shared_pairs / len(other) if other else 0)


def test_the_warning() -> None:
    assert measure_overlap(TRAIN, DEV).warning == (
        "dev.csv: 3 of 4 pairs (75.0%) share a question with a.csv, 1 being in it as a whole; "
        "numbers on it flatter the twin"
    )
    assert measure_overlap(TRAIN, DEV.subset([1, 3])).warning == (
        "dev.csv: 1 of 2 pairs (50.0%) share a question with a.csv; numbers on it flatter the twin"
    )
    assert measure_overlap(TRAIN, DEV.subset([3])).warning == ""


def test_identical_pairs_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        check_overlap(TRAIN, DEV)
    message = str(caught.value)
    assert message.startswith("dev.csv: 1 of 4 pairs are in a.csv as well")
    assert '(row 1, "YOUR AGE" / "how old")' in message
    assert "--allow-shared-pairs" in message
    assert "allow_shared_pairs=True" in message


def test_unless_they_are_allowed_or_there_are_none() -> None:
    assert check_overlap(TRAIN, DEV, allow_shared_pairs=True) == measure_overlap(TRAIN, DEV)
    rest = DEV.subset([1, 2, 3])
    assert check_overlap(TRAIN, rest) == measure_overlap(TRAIN, rest)


def test_two_known_questions_are_no_known_pair() -> None:
    found = measure_overlap(TRAIN, table([("How old?", "Where?")], "b"))
    assert (found.shared_questions, found.shared_pairs, found.identical_pairs) == (2, 1, 0)
