"""Labelled pairs: a whole table of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textsiamese.errors import InputError
from textsiamese.inputs.stored import held, join, take

_BLOCK = 8192


@dataclass(frozen=True, eq=False)
class Pairs:
    """Labelled pairs: a whole table of them.

    Attributes:
        left, right: the texts, n of each: lists, or stored texts where they would fill the memory.
        labels: (n,) int8; 1 = same, 0 = different.
        name: where they came from, for messages.
        grades: (n,) float64 in [0, 1], how alike each is, where the table grades that; else None.
        rows: (n,) int64, the row of the table that each came from, counted from 0. Pairs of one
            row (a triplet gives two) are trained on together. None: each is a row of its own.
        taught: (n,) float64 in [0, 1], a teacher's probability that each pair is the same; or None.
        unlabelled: (n,) bool, where nobody labelled the pair and its label is only the teacher's
            word; None: nowhere.
        drawn: whether the different pairs were drawn at random, so that they are easy to tell.
    """

    left: Sequence[str]
    right: Sequence[str]
    labels: NDArray[np.int8]
    name: str = "pairs"
    grades: NDArray[np.float64] | None = None
    rows: NDArray[np.int64] | None = None
    taught: NDArray[np.float64] | None = None
    unlabelled: NDArray[np.bool_] | None = None
    drawn: bool = False

    def __post_init__(self) -> None:
        """Check that all are equally long, labels 0 or 1, grades and probabilities in [0, 1]."""
        labels = np.asarray(self.labels)
        if not len(self.left) == len(self.right) == len(labels):
            raise InputError(
                f"{self.name}: {len(self.left)} left texts, {len(self.right)} right texts and "
                f"{len(labels)} labels; there must be as many of each"
            )
        if not np.isin(labels, (0, 1)).all():
            raise InputError(f"{self.name}: labels must be 1 (same) or 0 (different)")
        object.__setattr__(self, "labels", labels.astype(np.int8))
        for name in ("grades", "taught"):
            if getattr(self, name) is not None:
                values = self._numbers(name, np.float64)
                if not ((values >= 0) & (values <= 1)).all():
                    raise InputError(f"{self.name}: {name} must lie between 0 and 1")
                object.__setattr__(self, name, values)
        for name, kind in (("rows", np.int64), ("unlabelled", np.bool_)):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, self._numbers(name, kind))

    @classmethod
    def of_texts(cls, texts: Sequence[str], name: str = "texts") -> Pairs:
        """Each text beside itself: a table to learn a teacher's vectors of texts alone from."""
        return cls(texts, texts, np.ones(len(texts), dtype=np.int8), name)

    def __len__(self) -> int:
        return len(self.left)

    @property
    def texts(self) -> Sequence[str]:
        """All left texts, then all right texts."""
        return join(self.left, self.right)

    @property
    def only_texts(self) -> bool:
        """Whether every text stands beside itself, as in a table that `of_texts` made."""
        return all(a == b for a, b in zip(self.left, self.right, strict=True))

    @property
    def labelled(self) -> Pairs:
        """The pairs that somebody labelled, to judge on; all of them where nobody labelled any."""
        if self.unlabelled is None or self.unlabelled.all():
            return self
        return self.subset(~self.unlabelled)

    def fingerprint(self) -> str:
        """SHA-256 of texts, labels, grades, rows and what a teacher said, in hex."""
        digest = hashlib.sha256(f"{len(self)}".encode())
        for texts in (self.left, self.right):
            for start in range(0, len(texts), _BLOCK):
                block = "\0".join([*texts[start : start + _BLOCK], ""])
                digest.update(block.encode("utf-8", "surrogatepass"))
            digest.update(b"\1")
        for values in (self.labels, self.grades, self.rows):
            digest.update(b"" if values is None else values.tobytes())
        if self.taught is not None:
            digest.update(b"\2" + self.taught.tobytes())
        return digest.hexdigest()

    def subset(self, indices: Sequence[int] | NDArray[Any]) -> Pairs:
        """The pairs with these numbers, in this order; or, given (n,) bool, those that are True.

        Few of them are held in memory, even if the table is stored.
        """
        which = np.arange(len(self))[np.asarray(indices, dtype=None if len(indices) else np.intp)]
        left, right = held(take(self.left, which), take(self.right, which))
        return Pairs(
            left,
            right,
            self.labels[which],
            self.name,
            None if self.grades is None else self.grades[which],
            None if self.rows is None else self.rows[which],
            None if self.taught is None else self.taught[which],
            None if self.unlabelled is None else self.unlabelled[which],
            self.drawn,
        )

    def followed_by(
        self,
        left: Sequence[str],
        right: Sequence[str],
        labels: Sequence[int] | NDArray[Any],
        name: str,
    ) -> Pairs:
        """These pairs, held in memory and without grades, and others after them.

        Each of the others is a row of its own. Where a teacher was asked about these, the labels
        of the others stand for its word on them.
        """
        rows = self.rows
        if rows is not None:
            rows = np.concatenate([rows, rows.max(initial=-1) + 1 + np.arange(len(labels))])
        both = np.concatenate([self.labels, np.asarray(labels, dtype=np.int8)])
        taught = None if self.taught is None else np.concatenate([self.taught, labels])
        blank = self.unlabelled
        if blank is not None:
            blank = np.concatenate([blank, np.zeros(len(labels), np.bool_)])
        left, right = [*self.left, *left], [*self.right, *right]
        return Pairs(left, right, both, name, rows=rows, taught=taught, unlabelled=blank)

    def _numbers(self, name: str, dtype: type) -> NDArray[Any]:
        values: NDArray[Any] = np.asarray(getattr(self, name), dtype=dtype)
        if values.shape != (len(self),):
            raise InputError(
                f"{self.name}: {name} have the shape {values.shape}; {len(self)} pairs need "
                f"({len(self)},)"
            )
        return values
