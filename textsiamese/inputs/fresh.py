"""Fresh questions: each of them once, none held out, and which of their pairs are known already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import number_pairs, question_key
from textsiamese.inputs.reader import open_pairs
from textsiamese.inputs.stored import Ints


@dataclass(frozen=True)
class Fresh:
    """What is left of a list of questions; see `fresh_questions`.

    Attributes:
        texts: n questions, no two of them the same.
        known: (k,) int64, the pairs of them that are known, as `number_pairs` numbers them.
        repeated: how many of the list were the same as one before.
        held_out: how many of the others stand in a table that is held out.
    """

    texts: list[str]
    known: Ints
    repeated: int
    held_out: int


def fresh_questions(questions: Sequence[str], *, avoid: Any = (), held_out: Any = ()) -> Fresh:
    """The first text of each question that no table holds out.

    `question_key` says which are the same.

    Args:
        questions: n texts.
        avoid: tables of pairs that are known: `Pairs`, or whatever `open_pairs` opens; one, or a
            list of them.
        held_out: tables of pairs whose questions are left out, likewise.

    Raises:
        InputError: a table cannot be opened, or its columns cannot be told.
    """
    held = {key for pair in _keyed_pairs(held_out) for key in pair}
    first: dict[str, str] = {}
    for text in questions:
        first.setdefault(question_key(text), text)
    kept = [key for key in first if key not in held]
    number = {key: i for i, key in enumerate(kept)}
    ends = [(number[a], number[b]) for a, b in _keyed_pairs(avoid) if a in number and b in number]
    known = np.sort(np.array(ends, dtype=np.int64).reshape(-1, 2), axis=1)
    return Fresh(
        texts=[first[key] for key in kept],
        known=np.unique(number_pairs(known, len(kept))),
        repeated=len(questions) - len(first),
        held_out=len(first) - len(kept),
    )


def _keyed_pairs(tables: Any) -> Iterator[tuple[str, str]]:
    """The keys of the two questions of each pair of some tables."""
    for table in tables if isinstance(tables, (list, tuple)) else [tables]:
        for left, right in _pairs(table):
            yield question_key(left), question_key(right)


def _pairs(table: Any) -> Iterator[tuple[str, str]]:
    """The two texts of each row that has both."""
    if isinstance(table, Pairs):
        yield from zip(table.left, table.right, strict=True)
        return
    for chunk in open_pairs(table).chunks():
        for left, right in zip(chunk.left, chunk.right, strict=True):
            if left is not None and right is not None:
                yield left, right
