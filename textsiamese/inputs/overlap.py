"""What a dev or test table shares with the table that trains: questions, and whole pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import number_pairs, number_questions, show_pairs


@dataclass(frozen=True)
class Overlap:
    """How much of a table is known from the table that trains; see `measure_overlap`.

    Attributes:
        name, train: what messages call the table and the one that trains.
        pairs, questions: how many the table has.
        shared_questions: how many of its questions occur in train.
        shared_pairs: how many of its pairs have such a question.
        identical_pairs: how many of its pairs occur in train, either way round.
    """

    name: str
    train: str
    pairs: int
    questions: int
    shared_questions: int
    shared_pairs: int
    identical_pairs: int

    @property
    def share(self) -> float:
        """Share of the table's pairs that share a question with train, in [0, 1]."""
        return self.shared_pairs / self.pairs if self.pairs else 0.0

    @property
    def warning(self) -> str:
        """One sentence for who reads numbers measured on the table; "" if it shares nothing."""
        if not self.shared_pairs:
            return ""
        same = f", {self.identical_pairs:,} being in it as a whole" if self.identical_pairs else ""
        return (
            f"{self.name}: {self.shared_pairs:,} of {self.pairs:,} pairs ({self.share:.1%}) share "
            f"a question with {self.train}{same}; numbers on it flatter the twin"
        )


def measure_overlap(train: Pairs, other: Pairs) -> Overlap:
    """Count what ``other`` shares with ``train``; questions are the same by `question_key`."""
    return _measured(train, other)[0]


def check_overlap(train: Pairs, other: Pairs, *, allow_shared_pairs: bool = False) -> Overlap:
    """As `measure_overlap`, and refuse pairs that are in both tables.

    Raises:
        InputError: naming the first of those pairs, unless ``allow_shared_pairs``.
    """
    overlap, identical = _measured(train, other)
    if len(identical) and not allow_shared_pairs:
        raise InputError(
            f"{other.name}: {len(identical):,} of {len(other):,} pairs are in {train.name} as "
            f"well, so a twin trained on that would be judged on what it was told "
            f"({show_pairs(other, identical)}); take them out of one of the tables, or allow them "
            f"with --allow-shared-pairs (allow_shared_pairs=True in Python)"
        )
    return overlap


def _measured(train: Pairs, other: Pairs) -> tuple[Overlap, NDArray[np.int64]]:
    """The counts, and the numbers of the pairs of ``other`` that are in ``train``."""
    trained, asked = number_questions(train, other)
    known = int(trained.max(initial=-1)) + 1
    size = max(known, int(asked.max(initial=-1)) + 1)
    identical = np.isin(number_pairs(asked, size), number_pairs(trained, size))
    questions = np.unique(asked)
    overlap = Overlap(
        name=other.name,
        train=train.name,
        pairs=len(other),
        questions=len(questions),
        shared_questions=int((questions < known).sum()),
        shared_pairs=int((asked < known).any(axis=1).sum()),
        identical_pairs=int(identical.sum()),
    )
    return overlap, np.flatnonzero(identical)
