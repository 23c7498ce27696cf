from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs


def test_pairs():
    pairs = Pairs(["a", "b", "c"], ["d", "e", "f"], [1, 0, True], "mine")
    assert len(pairs) == 3
    assert pairs.texts == ["a", "b", "c", "d", "e", "f"]
    assert pairs.labels.dtype == np.int8
    for which in ([2, 0], np.array([2, 0]), (2, 0)):
        part = pairs.subset(which)
        assert (part.left, part.right, part.labels.tolist()) == (["c", "a"], ["f", "d"], [1, 1])
        assert part.name == "mine"
    assert pairs.subset(np.array([False, True, False])).left == ["b"]
    assert len(pairs.subset([])) == 0


@pytest.mark.parametrize("labels", [[1], [1, 2], [1, -1], [1, 0.5], [1, 0, 1]])
def test_pairs_that_are_none(labels):
    with pytest.raises(InputError, match="labels"):
        Pairs(["a", "b"], ["c", "d"], labels)


def test_grades_and_rows_go_with_their_pairs():
    pairs = Pairs(["a", "b", "c"], ["d", "e", "f"], [1, 0, 1], grades=[1, 0.2, 0.9], rows=[4, 4, 7])
    part = pairs.subset([2, 0])
    assert part.grades.tolist() == [0.9, 1.0]
    assert part.rows.tolist() == [7, 4]
    plain = Pairs(["a"], ["b"], [1]).subset([0])
    assert plain.grades is None
    assert plain.rows is None


@pytest.mark.parametrize("name", ["grades", "taught"])
@pytest.mark.parametrize("values", [[0.5], [0.5, 1.5], [-0.1, 0.5], [np.nan, 0.5]])
def test_grades_and_probabilities_that_do_not_fit(name, values):
    with pytest.raises(InputError, match=name):
        Pairs(["a", "b"], ["c", "d"], [1, 0], **{name: values})


def test_what_a_teacher_said_goes_with_its_pairs():
    pairs = Pairs(["a", "b", "c"], ["d", "e", "f"], [1, 0, 1], taught=[0.9, 0.2, 0.4])
    assert pairs.taught.dtype == np.float64
    assert pairs.subset([2, 0]).taught.tolist() == [0.4, 0.9]
    more = pairs.followed_by(["g", "h"], ["i", "j"], [0, 1], "more")
    assert more.taught.tolist() == [0.9, 0.2, 0.4, 0, 1]
    assert replace(pairs, taught=None).followed_by(["g"], ["i"], [0], "more").taught is None
    assert pairs.subset([2, 0]).grades is None


def test_pairs_that_nobody_labelled_are_known_wherever_they_go():
    pairs = Pairs(["a", "b", "c"], ["d", "e", "f"], [1, 0, 1], unlabelled=[0, 1, 0])
    assert pairs.unlabelled.tolist() == [False, True, False]
    assert pairs.subset([1, 0]).unlabelled.tolist() == [True, False]
    assert pairs.followed_by(["g"], ["h"], [1], "more").unlabelled.tolist() == [0, 1, 0, 0]
    assert pairs.labelled.left == ["a", "c"]
    for all_alike in (None, [1, 1, 1]):
        same = replace(pairs, unlabelled=all_alike)
        assert same.labelled is same
    with pytest.raises(InputError, match=r"unlabelled have the shape \(1,\); 3 pairs need \(3,\)"):
        replace(pairs, unlabelled=[True])


def test_texts_alone():
    pairs = Pairs.of_texts(["a", "b", "a"], "texts.csv")
    assert (list(pairs.left), list(pairs.right), pairs.name) == (
        ["a", "b", "a"],
        ["a", "b", "a"],
        "texts.csv",
    )
    assert pairs.labels.tolist() == [1, 1, 1]
    assert pairs.only_texts
    assert pairs.subset([2, 1]).only_texts
    assert not Pairs(["a", "b"], ["a", "c"], [1, 1]).only_texts


def test_the_fingerprint_tells_tables_apart():
    one = Pairs(["a", "b"], ["c", "d"], [1, 0])
    assert one.fingerprint() == Pairs(["a", "b"], ["c", "d"], [1, 0], "other name").fingerprint()
    others = [
        Pairs(["a", "b"], ["c", "d"], [1, 1]),
        Pairs(["a", "bc"], ["", "d"], [1, 0]),
        Pairs(["c", "d"], ["a", "b"], [1, 0]),
        Pairs(["a", "b"], ["c", "d"], [1, 0], grades=[1, 0]),
        Pairs(["a", "b"], ["c", "d"], [1, 0], rows=[0, 0]),
        one.subset([0]),
        replace(one, taught=[1, 0]),
        replace(one, taught=[1, 0.5]),
    ]
    assert len({each.fingerprint() for each in [one, *others]}) == 9


def test_fingerprints_of_tables_without_a_teacher_are_what_they_were():
    one = Pairs(["a", "b"], ["c", "d"], [1, 0], grades=[1, 0.5], rows=[3, 4])
    assert one.fingerprint().startswith("0d60cf9feb35035e")


def test_pairs_are_followed_by_others_in_rows_of_their_own() -> None:
    pairs = Pairs(["a", "b"], ["c", "d"], np.array([1, 0]), rows=np.array([3, 3]))
    more = pairs.followed_by(["e", "f"], ["g", "h"], [0, 1], "more")
    assert (list(more.left), list(more.right)) == (["a", "b", "e", "f"], ["c", "d", "g", "h"])
    assert (more.labels.tolist(), more.rows.tolist()) == ([1, 0, 0, 1], [3, 3, 4, 5])
    assert more.name == "more"
    assert replace(pairs, rows=None).followed_by([], [], [], "same").rows is None
