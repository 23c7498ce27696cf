from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.judging.few_shot import draw_examples, prototype_accuracies


def slow_accuracy(vectors: np.ndarray, labels: list[str], examples: set[int]) -> float:
    """A plain loop over texts and classes."""
    right = []
    for i, vector in enumerate(vectors):
        if i in examples:
            continue
        cosines = {}
        for name in sorted(set(labels)):
            own = [vectors[j] for j in sorted(examples) if labels[j] == name]
            mean = [math.fsum(column) / len(own) for column in zip(*own, strict=True)]
            dot = math.fsum(a * b for a, b in zip(vector, mean, strict=True))
            cosines[name] = dot / (math.hypot(*vector) * math.hypot(*mean))
        right.append(max(cosines, key=lambda name: cosines[name]) == labels[i])
    return sum(right) / len(right)


@pytest.mark.parametrize("shots", [1, 3])
def test_equals_a_plain_loop(shots: int) -> None:
    random = np.random.default_rng(5)
    labels = random.permutation(list("aaaaaabbbbccccccccdddd")).tolist()
    centres = {name: random.normal(size=4) for name in "abcd"}
    vectors = np.array([centres[name] + random.normal(size=4) for name in labels])
    numbers = np.array(["abcd".index(name) for name in labels])
    again = np.random.default_rng(3)
    slow = [
        slow_accuracy(vectors, labels, set(draw_examples(numbers, shots, again).ravel().tolist()))
        for _ in range(6)
    ]
    found = prototype_accuracies(vectors, labels, shots, draws=6, seed=3)
    assert found.tolist() == pytest.approx(slow)
    assert 0.3 < min(slow) < max(slow) < 1


@given(st.lists(st.integers(2, 5), min_size=1, max_size=6), st.integers(1, 2), st.integers(0, 99))
def test_each_class_gives_its_own_examples(sizes: list[int], shots: int, seed: int) -> None:
    classes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    rows = draw_examples(classes, shots, np.random.default_rng(seed))
    assert rows.shape == (len(sizes), shots)
    assert (classes[rows] == np.arange(len(sizes))[:, None]).all()
    assert len(np.unique(rows)) == rows.size


def test_every_text_of_a_class_is_as_likely_an_example() -> None:
    random = np.random.default_rng(0)
    classes = np.array([0, 1, 0, 0, 1, 0])
    drawn = [draw_examples(classes, 1, random).ravel() for _ in range(4000)]
    share = np.bincount(np.concatenate(drawn), minlength=6) / 4000
    assert share == pytest.approx([0.25, 0.5, 0.25, 0.25, 0.5, 0.25], abs=0.03)


def test_fewer_examples_are_among_more() -> None:
    classes = np.repeat(np.arange(5), 9)
    one, five = (draw_examples(classes, shots, np.random.default_rng(1)) for shots in (1, 5))
    assert (one[:, 0] == five[:, 0]).all()


def test_draws_are_the_same_for_every_encoder_and_differ_among_themselves() -> None:
    labels = np.repeat(["a", "b"], 30)
    vectors = np.random.default_rng(0).normal(size=(60, 3))
    found = prototype_accuracies(vectors, labels, 2)
    assert len(found) == 10
    assert len(set(found)) > 1
    assert (found == prototype_accuracies(7 * vectors[:, ::-1], labels, 2)).all()
    assert (found != prototype_accuracies(vectors, labels, 2, seed=1)).any()


def test_classes_that_lie_apart_are_told_apart_whatever_the_length_of_the_vectors() -> None:
    vectors = np.array([[9.0, 0], [0, 0.1], [1, 0.1], [0.1, 8], [2, 0], [0, 3]])
    assert prototype_accuracies(vectors, [3, 7, 3, 7, 3, 7], 1).tolist() == [1.0] * 10


def test_vectors_that_are_all_the_same_find_one_class_only() -> None:
    labels = np.repeat(np.arange(4), 5)
    for vectors in (np.ones((20, 3)), np.zeros((20, 3))):
        assert prototype_accuracies(vectors, labels, 2) == pytest.approx(np.full(10, 0.25))


def test_where_nothing_is_left_to_place() -> None:
    assert np.isnan(prototype_accuracies([[1.0, 0], [0, 1.0]], ["a", "b"], 1, draws=2)).all()


@pytest.mark.parametrize("vectors", [[1.0, 2.0], [[1.0], [np.nan]], [[1.0], [2.0], [3.0]]])
def test_what_is_no_table_of_vectors(vectors: list[object]) -> None:
    with pytest.raises(InputError, match=r"finite numbers \(n, d\) and the class of each \(n,\)"):
        prototype_accuracies(vectors, ["a", "b"], 1)


def test_too_few_examples_are_refused_by_name() -> None:
    with pytest.raises(InputError, match="the class rare has 1 of the 2 examples asked for"):
        prototype_accuracies(np.eye(5), ["rare", "b", "b", "c", "c"], 2)
    with pytest.raises(InputError, match="shots is 0; it must be a whole number, 1 or more"):
        prototype_accuracies(np.eye(2), ["a", "b"], 0)
