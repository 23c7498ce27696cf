"""Retrieval of a stub twin: every input once, among all of the other side, itself left out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.left_right import Side
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.retrieval import retrieve_both_ways
from textsiamese.twins.retrieval import evaluate_retrieval
from textsiamese.twins.siamese import Siamese

PLACES = {"a": 0, "A": 9, "b": 90, "B": 99, "c": 180, "C": 199}


class Circle:
    """An input is a point on a circle, in degrees."""

    def __init__(self) -> None:
        self.asked: list[tuple[Side, list[str]]] = []

    def encode(self, inputs: Any, *, side: Side) -> Any:
        self.asked.append((side, inputs))
        angles = np.deg2rad([PLACES[each] for each in inputs])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


class SharedCircle(Circle, Siamese):
    """The same as a Siamese twin."""


def table(*rows: tuple[str, str, int]) -> Pairs:
    left, right, labels = zip(*rows, strict=True)
    return Pairs(list(left), list(right), np.array(labels), "t.csv")


def test_each_input_is_encoded_once_and_looked_for_among_all() -> None:
    twin = Circle()
    pairs = table(("a", "A", 1), ("a", "B", 0), ("b", "B", 1), ("b", "A", 1), ("c", "C", 0))
    found = evaluate_retrieval(twin, pairs, k=(1, 2), seed=3)
    assert twin.asked == [("left", ["a", "b", "c"]), ("right", ["A", "B", "C"])]
    left, right = (twin.encode(inputs, side=side) for side, inputs in twin.asked[:2])
    same = np.array([[0, 0], [1, 1], [1, 0]])
    assert found == retrieve_both_ways(left, right, same, k=(1, 2), seed=3)
    assert found.left_to_right.counts == {"queries": 2, "without_match": 1, "candidates": 3}


def test_two_towers_may_find_the_same_text_on_the_other_side() -> None:
    pairs = table(("a", "A", 1), ("b", "a", 0))
    assert evaluate_retrieval(Circle(), pairs).left_to_right.recall[1] == 0
    assert evaluate_retrieval(SharedCircle(), pairs).left_to_right.recall[1] == 1


def test_in_a_siamese_twin_a_pair_holds_turned_round_and_nobody_is_paired_with_himself() -> None:
    pairs = table(("a", "A", 1), ("b", "b", 1), ("A", "a", 0), ("B", "b", 1), ("c", "B", 0))
    one, two = (evaluate_retrieval(kind(), pairs).left_to_right for kind in (SharedCircle, Circle))
    assert one.counts == {"queries": 4, "without_match": 1, "candidates": 4}  # A has its a
    assert one.recall[1] == 1  # b finds B, labelled the same as b the other way round
    assert two.counts == {"queries": 3, "without_match": 2, "candidates": 4}
    assert two.recall[1] < 1
    with pytest.raises(InputError, match="no query has a right answer"):
        evaluate_retrieval(SharedCircle(), table(("a", "a", 1)))


def test_what_cannot_be_looked_for() -> None:
    with pytest.raises(InputError, match=r"t\.csv: no pair is labelled 1"):
        evaluate_retrieval(Circle(), table(("a", "A", 0)))
    with pytest.raises(InputError, match=r"pairs are a list; give what ts\.read_pairs makes"):
        evaluate_retrieval(Circle(), [("a", "b", 1)])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="SimpleNamespace has no vectors to look among"):
        evaluate_retrieval(SimpleNamespace(), table(("a", "A", 1)))
