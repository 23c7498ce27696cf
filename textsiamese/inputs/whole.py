"""Tables of pairs read whole: labelled, graded, all of them the same, or triplets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.batches import CHUNK_ROWS, Batch, Source
from textsiamese.inputs.columns import Columns, TripletColumns, find_columns, find_triplet
from textsiamese.inputs.grades import GRADE_COLUMNS, Scale
from textsiamese.inputs.labels import read_labels, refusal
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.reader import judge_texts
from textsiamese.inputs.sources import open_source
from textsiamese.inputs.texts import check_texts

_SHOWN = 5


def read_pairs(
    source: Any,
    *,
    left: str | None = None,
    right: str | None = None,
    label: str | None = None,
    similar_is_zero: bool = False,
    scale: Scale | tuple[float, float] | None = None,
    positives_only: bool = False,
    encoding: str | None = None,
    on_problem: Literal["raise", "drop"] = "raise",
    tell: Callable[[str], object] | None = None,
) -> Pairs:
    """Read pairs into memory.

    A table of triplets (anchor, positive, negative) gives two pairs a row: anchor and positive
    with label 1, anchor and negative with label 0.

    Args:
        source: as for `open_pairs`.
        left, right, label: column names; found by convention where they are None.
        similar_is_zero: the table writes 0 for the same and 1 for different; turned round here.
        scale: the label column grades similarity on this scale, such as (0, 5); a pair counts as
            the same from four fifths of the way up, or from the cut of a `Scale`.
        positives_only: the table has no labels, and all its pairs are the same.
        encoding: of a text file; None: by its byte order mark, else UTF-8.
        on_problem: what to do about rows without a text or label: "raise", or "drop" them.
        tell: is called with what was dropped: the first five rows, a line each, and their number.

    Raises:
        InputError: the table cannot be opened, has no label column or no rows, holds labels that
            cannot be understood, or, unless they are dropped, rows that cannot be used; or the
            options contradict each other or the table.
    """
    if on_problem not in ("raise", "drop"):
        raise InputError(f'on_problem is "raise" or "drop", not {on_problem!r}')
    if positives_only and (scale or label or similar_is_zero):
        raise InputError(
            "positives_only is for tables without labels: leave out label, scale and "
            "similar_is_zero, or positives_only"
        )
    opened = open_source(source, encoding, (left, right, label))
    gathered = _Gathered(opened.name)
    triplet = find_triplet(opened.columns) if left is None and right is None else None
    if triplet:
        if scale or positives_only or similar_is_zero or label:
            raise InputError(
                f"{opened.name} holds triplets (anchor, positive, negative), which need no labels: "
                f"leave out what is said about them"
            )
        _gather_triplets(gathered, opened, triplet)
    elif positives_only:
        _gather_positives(gathered, opened, find_columns(opened.columns, left, right, None))
    else:
        graded = Scale(*scale) if isinstance(scale, tuple) else scale
        roles = _with_label(opened, left, right, label, graded)
        if graded:
            _gather_graded(gathered, opened, roles, graded)
        else:
            _gather_labelled(gathered, opened, roles, similar_is_zero)
    found = gathered.pairs(drop=on_problem == "drop")
    if tell:
        for line in gathered.dropped:
            tell(line)
    return found


@dataclass
class _Gathered:
    """What has been read so far, sound rows and the others."""

    name: str
    left: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    grades: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    odd: list[tuple[str, object]] = field(default_factory=list)
    odd_are: str = ""

    def add(
        self,
        left: Sequence[str | None],
        right: Sequence[str | None],
        labels: Sequence[int | None],
        rows: Sequence[int],
    ) -> None:
        """Add the pairs that have all three."""
        for a, b, label, row in zip(left, right, labels, rows, strict=True):
            if a is not None and b is not None and label is not None:
                self.left.append(a)
                self.right.append(b)
                self.labels.append(label)
                self.rows.append(row)

    @property
    def dropped(self) -> list[str]:
        """What a person should know about the rows that have a problem."""
        if not self.problems:
            return []
        lines = [f"{self.name}, {problem}" for problem in self.problems[:_SHOWN]]
        count = len(self.problems)
        rows = "1 row was" if count == 1 else f"{count:,} rows were"
        return [*lines, f"{self.name}: {rows} left out"]

    def pairs(self, *, drop: bool) -> Pairs:
        """All of it, unless something stands against it."""
        if self.odd:
            raise InputError(f"{self.name}: {self.odd_are}")
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
        for side, texts in (("left", self.left), ("right", self.right)):
            if len(texts) > 1 and all(map(_is_number, texts)):
                raise InputError(
                    f"{self.name}: the {side} column holds numbers only, such as "
                    f'"{texts[0][:40]}", and no texts: name the column of the texts with '
                    f"--{side} ({side}= in Python)"
                )
        return Pairs(
            self.left,
            self.right,
            np.array(self.labels, np.int8),
            self.name,
            np.array(self.grades) if self.grades else None,
            np.array(self.rows, np.int64),
        )


def _with_label(
    source: Source, left: str | None, right: str | None, label: str | None, scale: Scale | None
) -> Columns:
    """The roles of the columns of a labelled or graded table."""
    roles = find_columns(source.columns, left, right, label, source.name)
    if scale and label is None:
        named = {name.strip().casefold(): name for name in source.columns}
        found = next((named[name] for name in GRADE_COLUMNS if name in named), None)
        roles = Columns(roles.left, roles.right, found)
    if roles.label is None:
        wanted = "similarity, score" if scale else "is_duplicate, label, labels or duplicate"
        raise InputError(
            f"{source.name} has no label column ({wanted}); its columns are "
            f"{', '.join(source.columns)}; name the one with --label (label= in Python), or, if "
            f"all its pairs are the same, say --positives-only (positives_only=True)"
        )
    return roles


def _gather_labelled(
    gathered: _Gathered, source: Source, roles: Columns, similar_is_zero: bool
) -> None:
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        cells = batch.label or []
        read = read_labels(cells, similar_is_zero=similar_is_zero)
        left, right = _sound(gathered, source, batch, roles, read.values, read.unknown)
        gathered.odd_are = refusal(str(roles.label), gathered.odd, len(gathered.odd))
        gathered.add(left, right, read.values, _numbers(batch))


def _gather_graded(gathered: _Gathered, source: Source, roles: Columns, scale: Scale) -> None:
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        read = scale.read(batch.label or [])
        left, right = _sound(gathered, source, batch, roles, read.values, read.unknown)
        gathered.odd_are = scale.refusal(str(roles.label), gathered.odd)
        kept = zip(left, read.values, strict=True)
        gathered.grades += [g for text, g in kept if text is not None and g is not None]
        labels = [None if grade is None else int(scale.is_same(grade)) for grade in read.values]
        gathered.add(left, right, labels, _numbers(batch))


def _gather_positives(gathered: _Gathered, source: Source, roles: Columns) -> None:
    if roles.label is not None:
        raise InputError(
            f'{source.name} has a label column, "{roles.label}": leave positives_only out to use '
            f"it, or the column if its labels mean nothing"
        )
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        left, right, problems = judge_texts(batch, roles, source.place)
        gathered.problems += filter(None, problems)
        gathered.add(left, right, [1] * len(left), _numbers(batch))


def _gather_triplets(gathered: _Gathered, source: Source, triplet: TripletColumns) -> None:
    roles = Columns(triplet.anchor, triplet.positive, triplet.negative)
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        left, right, problems = judge_texts(batch, roles, source.place)
        negative, faults = check_texts(batch.label or [], triplet.negative)
        for i, fault in faults.items():
            problems[i] = problems[i] or f"{_place(source, batch, i)}: {fault}"
        gathered.problems += filter(None, problems)
        twice = [i for i in range(len(problems)) for _ in "+-"]
        anchors = [None if problems[i] else left[i] for i in twice]
        others = [text for pair in zip(right, negative, strict=True) for text in pair]
        gathered.add(anchors, others, [1, 0] * len(problems), [batch.start + i for i in twice])


def _sound(
    gathered: _Gathered,
    source: Source,
    batch: Batch,
    roles: Columns,
    values: Sequence[object],
    unknown: Sequence[int],
) -> tuple[list[str | None], list[str | None]]:
    """The texts of a batch, None where a row has a problem; problems and odd labels are noted."""
    left, right, problems = judge_texts(batch, roles, source.place)
    cells = batch.label or []
    gathered.odd += [(_place(source, batch, i), cells[i]) for i in unknown if not problems[i]]
    blank = {i for i, value in enumerate(values) if value is None} - set(unknown)
    for i in sorted(blank):
        problems[i] = problems[i] or f"{_place(source, batch, i)}: {roles.label} is blank"
    gathered.problems += filter(None, problems)
    return left, right


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numbers(batch: Batch) -> range:
    return range(batch.start, batch.start + len(batch.lines))


def _place(source: Source, batch: Batch, row: int) -> str:
    return f"{source.place} {batch.lines[row]}"
