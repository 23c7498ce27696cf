"""Different pairs for a table that has none: texts of one row beside texts of another."""

from __future__ import annotations

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.components import connected_components
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import number_questions
from textsiamese.inputs.stored import take

_ATTEMPTS = 20


def add_random_negatives(pairs: Pairs, *, seed: int = 0) -> Pairs:
    """The pairs, and for each of them one that is different: its left text with another's right.

    Texts that a chain of same pairs joins are never put together as different. What is drawn at
    random is easy to tell apart: numbers measured on it say less than those on labelled pairs.

    Args:
        pairs: a table whose pairs are all the same.
        seed: draws the other texts.

    Raises:
        InputError: if the table has different pairs already, or all of its texts hang together.
    """
    if not pairs.labels.all():
        raise InputError(f"{pairs.name} has pairs that are different already; none are added")
    (ends,) = number_questions(pairs)
    size = int(ends.max(initial=-1)) + 1
    group = connected_components(ends[:, 0], ends[:, 1], size)[ends[:, 0]]
    if len(np.unique(group)) < 2:
        raise InputError(
            f"{pairs.name}: all of its texts are joined by same pairs, so none of them differ"
        )
    random = np.random.default_rng(seed)
    other = random.integers(len(pairs), size=len(pairs))
    for _ in range(_ATTEMPTS):
        clash = group == group[other]
        other[clash] = random.integers(len(pairs), size=int(clash.sum()))
    apart = np.flatnonzero(group != group[other])
    return Pairs(
        [*pairs.left, *take(pairs.left, apart)],
        [*pairs.right, *take(pairs.right, other[apart])],
        np.repeat([1, 0], [len(pairs), len(apart)]).astype(np.int8),
        pairs.name,
        drawn=True,
    )
