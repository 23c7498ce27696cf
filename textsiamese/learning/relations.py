"""Who is the same as whom in a batch: two (m, m) matrices, from class ids or labelled pairs."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from textsiamese.errors import InputError
from textsiamese.learning.checks import check_labels


class Relations(NamedTuple):
    """Which rows of a batch belong together, and which apart; what is in neither is unknown.

    Attributes:
        positives: (m, m) bool, symmetric, False on the diagonal: the same.
        negatives: (m, m) bool, symmetric, False on the diagonal: different.
    """

    positives: Tensor
    negatives: Tensor


def class_relations(classes: Tensor) -> Relations:
    """Relations from class ids: equal ids are the same, others different.

    Args:
        classes: (m,) integer ids.

    Raises:
        InputError: if ``classes`` is not a row of integers.
    """
    if classes.dim() != 1 or classes.is_floating_point():
        raise InputError(
            f"class ids are integers of the shape (m,), not {classes.dtype} {tuple(classes.shape)}"
        )
    same = classes[:, None] == classes
    return Relations(same.clone().fill_diagonal_(False), ~same)


def pair_relations(
    left: Tensor, right: Tensor, labels: Tensor, size: int, groups: Tensor | None = None
) -> Relations:
    """Relations from the labelled pairs of a batch whose distinct texts are encoded once.

    Pairs that are labelled both ways are left out, and so is a text paired with itself.

    Args:
        left: (n,) integers, row of the left text of each pair, in [0, size).
        right: (n,) integers, row of the right text.
        labels: (n,) bool, integer or floating; 1 = same, 0 = different.
        size: m, the number of texts.
        groups: (m,) integers; texts of different groups count as different too (in-batch
            negatives). None: only labelled pairs say who differs.

    Raises:
        InputError: on shapes that do not fit, a row outside the batch, or a label not 0 or 1.
    """
    if left.dim() != 1 or left.shape != right.shape:
        raise InputError(
            "left and right rows are integers of one shape (n,), "
            f"not {tuple(left.shape)} and {tuple(right.shape)}"
        )
    same = check_labels(labels, len(left))
    if ((left < 0) | (left >= size) | (right < 0) | (right >= size)).any():
        raise InputError(f"a pair names a row outside the {size} texts of the batch")
    positives = _linked(left[same], right[same], size)
    negatives = _linked(left[~same], right[~same], size)
    both = positives & negatives
    if groups is not None:
        negatives = negatives | ((groups[:, None] != groups) & ~positives)
    return Relations(positives & ~both, negatives & ~both)


def across(relations: Relations, lefts: int) -> Relations:
    """Only what holds between one of the first ``lefts`` rows and one of the others."""
    first = torch.arange(len(relations.positives), device=relations.positives.device) < lefts
    other = first[:, None] != first
    return Relations(relations.positives & other, relations.negatives & other)


def _linked(left: Tensor, right: Tensor, size: int) -> Tensor:
    """(size, size) bool: True at every pair, both ways round, but not on the diagonal."""
    links = torch.zeros(size, size, dtype=torch.bool, device=left.device)
    links[left, right] = True
    return (links | links.T).fill_diagonal_(False)
