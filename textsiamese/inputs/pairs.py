"""Labelled pairs, read whole into memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from textsiamese.errors import InputError
from textsiamese.inputs.batches import CHUNK_ROWS, Batch, Source
from textsiamese.inputs.columns import Columns, TripletColumns, find_columns, find_triplet
from textsiamese.inputs.labels import read_labels, refusal
from textsiamese.inputs.reader import Chunk as Chunk
from textsiamese.inputs.reader import PairReader as PairReader
from textsiamese.inputs.reader import judge_texts
from textsiamese.inputs.reader import open_pairs as open_pairs
from textsiamese.inputs.sources import open_source
from textsiamese.inputs.texts import check_texts

_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Pairs:
    """Labelled pairs, whole, in memory.

    Attributes:
        left, right: the texts, n of each.
        labels: (n,) int8; 1 = same, 0 = different.
        name: where they came from, for messages.
    """

    left: list[str]
    right: list[str]
    labels: NDArray[np.int8]
    name: str = "pairs"

    def __post_init__(self) -> None:
        """Check that the three are equally long and that labels are 0 and 1."""
        labels = np.asarray(self.labels)
        if not len(self.left) == len(self.right) == len(labels):
            raise InputError(
                f"{self.name}: {len(self.left)} left texts, {len(self.right)} right texts and "
                f"{len(labels)} labels; there must be as many of each"
            )
        if not np.isin(labels, (0, 1)).all():
            raise InputError(f"{self.name}: labels must be 1 (same) or 0 (different)")
        object.__setattr__(self, "labels", labels.astype(np.int8))

    def __len__(self) -> int:
        return len(self.left)

    @property
    def texts(self) -> list[str]:
        """All left texts, then all right texts."""
        return self.left + self.right

    def subset(self, indices: Sequence[int] | NDArray[Any]) -> Pairs:
        """The pairs with these numbers, in this order; or, given (n,) bool, those that are True."""
        which = np.arange(len(self))[np.asarray(indices, dtype=None if len(indices) else np.intp)]
        left, right = [self.left[i] for i in which], [self.right[i] for i in which]
        return Pairs(left, right, self.labels[which], self.name)


def read_pairs(
    source: Any,
    *,
    left: str | None = None,
    right: str | None = None,
    label: str | None = None,
    similar_is_zero: bool = False,
    encoding: str | None = None,
    on_problem: Literal["raise", "drop"] = "raise",
) -> Pairs:
    """Read labelled pairs into memory.

    A table of triplets (anchor, positive, negative) gives two pairs a row: anchor and positive
    with label 1, anchor and negative with label 0.

    Args:
        source: as for `open_pairs`.
        left, right, label: column names; found by convention where they are None.
        similar_is_zero: the table writes 0 for the same and 1 for different; turned round here.
        encoding: of a text file; None: by its byte order mark, else UTF-8.
        on_problem: what to do about rows without a text or label: "raise", or "drop" them.

    Raises:
        InputError: the table cannot be opened, has no label column or no rows, holds labels that
            cannot be understood, or, unless they are dropped, rows that cannot be used.
    """
    if on_problem not in ("raise", "drop"):
        raise InputError(f'on_problem is "raise" or "drop", not {on_problem!r}')
    opened = open_source(source, encoding, (left, right, label))
    triplet = find_triplet(opened.columns) if left is None and right is None else None
    gathered = _Gathered(opened.name)
    if triplet:
        _gather_triplets(gathered, opened, triplet)
    else:
        roles = find_columns(opened.columns, left, right, label, opened.name)
        if roles.label is None:
            raise InputError(
                f"{opened.name} has no label column (is_duplicate, label, labels or duplicate); "
                f"its columns are {', '.join(opened.columns)}; name the one with --label "
                f"(label= in Python)"
            )
        _gather_labelled(gathered, opened, roles, similar_is_zero)
    return gathered.pairs(drop=on_problem == "drop")


@dataclass
class _Gathered:
    """What has been read so far, sound rows and the others."""

    name: str
    left: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    odd_labels: list[tuple[str, object]] = field(default_factory=list)
    label_column: str = ""

    def add(
        self, left: Sequence[str | None], right: Sequence[str | None], labels: Sequence[int | None]
    ) -> None:
        """Add the rows that have all three."""
        for a, b, label in zip(left, right, labels, strict=True):
            if a is not None and b is not None and label is not None:
                self.left.append(a)
                self.right.append(b)
                self.labels.append(label)

    def pairs(self, *, drop: bool) -> Pairs:
        """All of it, unless something stands against it."""
        if self.odd_labels:
            raise InputError(
                f"{self.name}: {refusal(self.label_column, self.odd_labels, len(self.odd_labels))}"
            )
        if self.problems and not drop:
            count = len(self.problems)
            more = f"; and {count - _SHOWN} more" if count > _SHOWN else ""
            raise InputError(
                f"{self.name}: {count} row{'s' if count > 1 else ''} cannot be used: "
                f"{'; '.join(self.problems[:_SHOWN])}{more}; mend the table, or leave such rows "
                f'out with on_problem="drop"'
            )
        if not self.left:
            raise InputError(f"{self.name} has no row with two texts and a label")
        return Pairs(self.left, self.right, np.array(self.labels, np.int8), self.name)


def _gather_labelled(
    gathered: _Gathered, source: Source, roles: Columns, similar_is_zero: bool
) -> None:
    gathered.label_column = str(roles.label)
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        left, right, problems = judge_texts(batch, roles, source.place)
        read = read_labels(batch.label or [], similar_is_zero=similar_is_zero)
        if batch.label and read.unknown:
            sound = [i for i in read.unknown if not problems[i]]
            gathered.odd_labels += [(_place(source, batch, i), batch.label[i]) for i in sound]
        if None in read.values:
            blank = {i for i, v in enumerate(read.values) if v is None} - set(read.unknown)
            for i in blank:
                problems[i] = problems[i] or f"{_place(source, batch, i)}: {roles.label} is blank"
        gathered.problems += filter(None, problems)
        gathered.add(left, right, read.values)


def _gather_triplets(gathered: _Gathered, source: Source, triplet: TripletColumns) -> None:
    roles = Columns(triplet.anchor, triplet.positive, triplet.negative)
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        left, right, problems = judge_texts(batch, roles, source.place)
        negative, faults = check_texts(batch.label or [], triplet.negative)
        for i, fault in faults.items():
            problems[i] = problems[i] or f"{_place(source, batch, i)}: {fault}"
        gathered.problems += filter(None, problems)
        rows = range(len(problems))
        anchors = [None if problems[i] else left[i] for i in rows for _ in "+-"]
        others = [text for i in rows for text in (right[i], negative[i])]
        gathered.add(anchors, others, [1, 0] * len(rows))


def _place(source: Source, batch: Batch, row: int) -> str:
    return f"{source.place} {batch.lines[row]}"
