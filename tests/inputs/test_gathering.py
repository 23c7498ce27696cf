from __future__ import annotations

import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.gathering import Gathered


def test_pairs_that_lack_nothing_stay() -> None:
    gathered = Gathered("pairs.csv")
    gathered.add(["a", None, "c"], ["d", "e", None], [1, 0, 0], range(3), [0.9, 0.1, 0.2])
    gathered.add(["f", "g"], ["h", "i"], [None, 0], [3, 3], [None, 0.5])
    pairs = gathered.pairs(drop=False)
    assert (pairs.left, pairs.right, pairs.name) == (["a", "g"], ["d", "i"], "pairs.csv")
    assert pairs.labels.tolist() == [1, 0]
    assert pairs.grades is not None
    assert pairs.grades.tolist() == [0.9, 0.5]
    assert pairs.rows is not None
    assert pairs.rows.tolist() == [0, 3]


def test_what_a_teacher_said_stays_with_its_pair() -> None:
    gathered = Gathered("pairs.csv")
    said, alone = [0.9, 0.1, 0.2], [False, True, True]
    sides = ["a", None, "c"], ["d", "e", "f"]
    gathered.add(*sides, [1, 0, 0], range(3), taught=said, unlabelled=alone)
    pairs = gathered.pairs(drop=False)
    assert pairs.grades is None
    assert pairs.taught is not None
    assert pairs.taught.tolist() == [0.9, 0.2]
    assert pairs.unlabelled is not None
    assert pairs.unlabelled.tolist() == [False, True]
    told = "1 of 2 pairs have no label, and take the teacher's word for it; they only train"
    assert gathered.unlabelled == [f"pairs.csv: {told}"]


def test_problems_are_counted_and_the_first_five_told() -> None:
    gathered = Gathered("pairs.csv")
    gathered.add(["a"], ["b"], [1], [0])
    assert gathered.dropped == []
    for start in (0, 4):
        gathered.note(["", *(f"line {start + i}: question1 is empty" for i in range(4))])
    with pytest.raises(
        InputError, match=r"8 rows cannot be used: line 0: .*line 4: .*; and 3 more"
    ):
        gathered.pairs(drop=False)
    assert len(gathered.pairs(drop=True)) == 1
    assert gathered.dropped == [
        *(f"pairs.csv, line {i}: question1 is empty" for i in range(5)),
        "pairs.csv: 8 rows were left out",
    ]


def test_what_is_no_table_of_pairs() -> None:
    gathered = Gathered("pairs.csv")
    with pytest.raises(InputError, match="no row with two inputs and a label"):
        gathered.pairs(drop=True)
    gathered.add(["1", "2.5"], ["a", "b"], [1, 0], range(2))
    with pytest.raises(InputError, match='left column holds numbers only, such as "1"'):
        gathered.pairs(drop=True)
    gathered.odd, gathered.odd_are = [("line 2", "x")], "labels nobody understands"
    with pytest.raises(InputError, match=r"pairs\.csv: labels nobody understands"):
        gathered.pairs(drop=True)
