from __future__ import annotations

import pytest
import torch
from torch import Tensor

from textsiamese.errors import InputError
from textsiamese.learning.relations import class_relations, pair_relations


def links(matrix: Tensor) -> set[tuple[int, int]]:
    """The pairs of a symmetric matrix, each once."""
    assert torch.equal(matrix, matrix.T)
    assert not matrix.diagonal().any()
    return {(int(i), int(j)) for i, j in matrix.triu().nonzero()}


def from_pairs(
    pairs: list[tuple[int, int, int]], size: int, groups: list[int] | None = None
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    left, right, labels = torch.tensor(pairs, dtype=torch.long).reshape(-1, 3).unbind(1)
    known = None if groups is None else torch.tensor(groups, dtype=torch.long)
    relations = pair_relations(left, right, labels, size, known)
    return links(relations.positives), links(relations.negatives)


def test_class_ids() -> None:
    positives, negatives = class_relations(torch.tensor([7, -1, 7, 3]))
    assert links(positives) == {(0, 2)}
    assert links(negatives) == {(0, 1), (0, 3), (1, 2), (1, 3), (2, 3)}


def test_an_empty_batch_has_empty_relations() -> None:
    assert class_relations(torch.zeros(0, dtype=torch.long)).positives.shape == (0, 0)
    assert from_pairs([], 0) == (set(), set())
    assert from_pairs([], 0, []) == (set(), set())


def test_labelled_pairs_say_nothing_of_the_others() -> None:
    assert from_pairs([(0, 1, 1), (3, 2, 0), (1, 2, 1)], 5) == ({(0, 1), (1, 2)}, {(2, 3)})


def test_pairs_twice_or_turned_round_count_once() -> None:
    assert from_pairs([(0, 1, 1), (1, 0, 1), (0, 1, 1)], 2) == ({(0, 1)}, set())


def test_pairs_labelled_both_ways_are_left_out() -> None:
    assert from_pairs([(0, 1, 1), (1, 0, 0), (1, 2, 1)], 3) == ({(1, 2)}, set())
    assert from_pairs([(0, 1, 1), (1, 0, 0)], 3, [0, 0, 1]) == (set(), {(0, 2), (1, 2)})


def test_a_text_paired_with_itself_is_left_out() -> None:
    assert from_pairs([(1, 1, 1), (0, 0, 0)], 2) == (set(), set())


def test_texts_of_different_groups_differ() -> None:
    positives, negatives = from_pairs([(1, 2, 0), (0, 3, 1)], 5, groups=[7, 8, 8, 7, 8])
    assert positives == {(0, 3)}
    assert negatives == {(1, 2)} | {(a, b) for a in (0, 3) for b in (1, 2, 4) if a < b} | {
        (b, 3) for b in (1, 2)
    }


def test_a_labelled_difference_within_a_group_is_believed() -> None:
    positives, negatives = from_pairs([(0, 1, 1), (1, 2, 1), (0, 2, 0)], 3, groups=[0, 0, 0])
    assert positives == {(0, 1), (1, 2)}
    assert negatives == {(0, 2)}


def test_a_labelled_same_pair_across_groups_is_believed() -> None:
    assert from_pairs([(0, 1, 1)], 3, groups=[0, 1, 2]) == ({(0, 1)}, {(0, 2), (1, 2)})


def test_what_cannot_be_read_is_refused() -> None:
    two = torch.tensor([0, 1])
    with pytest.raises(InputError, match="outside the 2 texts"):
        pair_relations(two, torch.tensor([1, 2]), two, 2)
    with pytest.raises(InputError, match="outside the 2 texts"):
        pair_relations(two, torch.tensor([-1, 0]), two, 2)
    with pytest.raises(InputError, match="of one shape"):
        pair_relations(two, torch.tensor([1]), two, 2)
    with pytest.raises(InputError, match="label 1 is -1"):
        pair_relations(two, two, torch.tensor([1, -1]), 2)
    with pytest.raises(InputError, match="class ids are integers"):
        class_relations(torch.tensor([0.0, 1.0]))
    with pytest.raises(InputError, match="class ids are integers"):
        class_relations(torch.zeros(2, 2, dtype=torch.long))
