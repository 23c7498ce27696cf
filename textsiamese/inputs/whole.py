"""Tables of pairs read whole: labelled, graded, all of them the same, or triplets."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal

from textsiamese.errors import InputError
from textsiamese.inputs.batches import CHUNK_ROWS, Batch, Source
from textsiamese.inputs.columns import Columns, TripletColumns, find_columns, find_triplet
from textsiamese.inputs.gathering import Gathered
from textsiamese.inputs.grades import GRADE_COLUMNS, Scale
from textsiamese.inputs.labels import read_labels, refusal
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.picture_checks import Cells
from textsiamese.inputs.picture_paths import PicturePaths
from textsiamese.inputs.reader import judge_texts
from textsiamese.inputs.sources import open_source
from textsiamese.inputs.taught import find_taught, read_taught, taught_label
from textsiamese.inputs.texts import check_texts


def read_pairs(
    source: Any,
    *,
    left: str | None = None,
    right: str | None = None,
    label: str | None = None,
    similar_is_zero: bool = False,
    scale: Scale | tuple[float, float] | None = None,
    positives_only: bool = False,
    taught: str | None = None,
    picture_sides: Collection[str] = (),
    pictures: str | os.PathLike[str] | None = None,
    encoding: str | None = None,
    on_problem: Literal["raise", "drop"] = "raise",
    tell: Callable[[str], object] | None = None,
) -> Pairs:
    """Read a whole table of pairs.

    Texts that would fill the memory are stored in a temporary file, whatever kind the table is.
    A table of triplets (anchor, positive, negative) gives two pairs a row: anchor and positive
    with label 1, anchor and negative with label 0.

    Args:
        source: as for `open_pairs`.
        left, right, label: column names; found by convention where they are None.
        similar_is_zero: the table writes 0 for the same and 1 for different; turned round here.
        scale: the label column grades similarity on this scale, such as (0, 5); a pair counts as
            the same from four fifths of the way up, or from the cut of a `Scale`.
        positives_only: the table has no labels, and all its pairs are the same.
        taught: the column of a teacher's probabilities that each pair is the same, such as
            "probability" in what `textsiamese score` writes. A pair that nobody labelled, for want
            of a label column or of a cell in it, then counts as the same from 0.5 on. (`predicted`,
            which stands beside it, is never taken for a label.)
        picture_sides: which sides, of "left" and "right", hold paths of pictures; a row
            whose picture cannot be read is one that cannot be used.
        pictures: the folder that relative ones start from; None: that of the table.
        encoding: of a text file; None: by its byte order mark, else UTF-8.
        on_problem: what to do about rows without a text or label: "raise", or "drop" them.
        tell: is called with what was dropped: the first five rows, a line each, and their number;
            and with how many pairs have a teacher's word in place of a label.

    Raises:
        InputError: the table cannot be opened, has no label column or no rows, holds labels that
            cannot be understood, or, unless they are dropped, rows that cannot be used; or the
            options contradict each other or the table. A row whose probability is blank or no
            number from 0 to 1 cannot be used either.
    """
    if on_problem not in ("raise", "drop"):
        raise InputError(f'on_problem is "raise" or "drop", not {on_problem!r}')
    if positives_only and (scale or label or similar_is_zero):
        raise InputError(
            "positives_only is for tables without labels: leave out label, scale and "
            "similar_is_zero, or positives_only"
        )
    if taught is not None and (scale or positives_only):
        raise InputError(
            "a teacher's probabilities (taught, --teacher-column) stand beside labels of same and "
            "different, or in their place: leave out scale and positives_only (--graded, "
            "--positives-only), or taught"
        )
    opened = open_source(source, encoding, (left, right, label))
    gathered = Gathered(opened.name, PicturePaths.of(source, picture_sides, pictures))
    triplet = find_triplet(opened.columns) if left is None and right is None else None
    if triplet:
        if scale or positives_only or similar_is_zero or label or taught is not None:
            raise InputError(
                f"{opened.name} holds triplets (anchor, positive, negative), which need no labels: "
                f"leave out what is said about them"
            )
        _gather_triplets(gathered, opened, triplet)
    elif positives_only:
        _gather_positives(gathered, opened, find_columns(opened.columns, left, right, None))
    elif taught is not None:
        roles = find_columns(opened.columns, left, right, label, opened.name)
        column = find_taught(opened, roles, taught)
        if similar_is_zero and roles.label is None:
            raise InputError(
                f"{opened.name} has no label column whose 0 could be the same (--similar-is-zero); "
                "a teacher's probability is always that of being the same: leave it out, or name "
                "the column with --label (label=)"
            )
        _gather_taught(gathered, opened, roles, column, similar_is_zero)
    else:
        graded = Scale(*scale) if isinstance(scale, tuple) else scale
        roles = _with_label(opened, left, right, label, graded)
        if graded:
            _gather_graded(gathered, opened, roles, graded)
        else:
            _gather_labelled(gathered, opened, roles, similar_is_zero)
    found = gathered.pairs(drop=on_problem == "drop")
    if tell:
        for line in [*gathered.dropped, *gathered.unlabelled]:
            tell(line)
    return found


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
    gathered: Gathered, source: Source, roles: Columns, similar_is_zero: bool
) -> None:
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        cells = batch.label or []
        read = read_labels(cells, similar_is_zero=similar_is_zero)
        left, right = _sound(gathered, source, batch, roles, read.values, read.unknown)
        gathered.odd_are = refusal(str(roles.label), gathered.odd, len(gathered.odd))
        gathered.add(left, right, read.values, _numbers(batch))


def _gather_taught(
    gathered: Gathered, source: Source, roles: Columns, column: str, similar_is_zero: bool
) -> None:
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        taught, faults = read_taught(batch, column)
        cells = batch.label or [None] * len(taught)
        read = read_labels(cells, similar_is_zero=similar_is_zero)
        labels = [
            None if i in faults else taught_label(label, taught[i])
            for i, label in enumerate(read.values)
        ]
        left, right = _sound(gathered, source, batch, roles, labels, read.unknown, faults)
        gathered.odd_are = refusal(str(roles.label), gathered.odd, len(gathered.odd))
        blank = [label is None for label in read.values]
        gathered.add(left, right, labels, _numbers(batch), taught=taught, unlabelled=blank)


def _gather_graded(gathered: Gathered, source: Source, roles: Columns, scale: Scale) -> None:
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        read = scale.read(batch.label or [])
        left, right = _sound(gathered, source, batch, roles, read.values, read.unknown)
        gathered.odd_are = scale.refusal(str(roles.label), gathered.odd)
        labels = [None if grade is None else int(scale.is_same(grade)) for grade in read.values]
        gathered.add(left, right, labels, _numbers(batch), read.values)


def _gather_positives(gathered: Gathered, source: Source, roles: Columns) -> None:
    if roles.label is not None:
        raise InputError(
            f'{source.name} has a label column, "{roles.label}": leave positives_only out to use '
            f"it, or the column if its labels mean nothing"
        )
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        left, right, problems = _judged(gathered, source, batch, roles)
        gathered.note(problems)
        gathered.add(left, right, [1] * len(left), _numbers(batch))


def _gather_triplets(gathered: Gathered, source: Source, triplet: TripletColumns) -> None:
    roles = Columns(triplet.anchor, triplet.positive, triplet.negative)
    for batch in source.batches(roles, CHUNK_ROWS, 0):
        left, right, problems = _judged(gathered, source, batch, roles)
        negative, faults = check_texts(batch.label or [], triplet.negative)
        _, negative, unread = gathered.pictures.located([None] * len(negative), negative)
        for i, fault in {**faults, **unread}.items():
            problems[i] = problems[i] or f"{_place(source, batch, i)}: {fault}"
        gathered.note(problems)
        twice = [i for i in range(len(problems)) for _ in "+-"]
        anchors = [None if problems[i] else left[i] for i in twice]
        others = [text for pair in zip(right, negative, strict=True) for text in pair]
        gathered.add(anchors, others, [1, 0] * len(problems), [batch.start + i for i in twice])


def _sound(
    gathered: Gathered,
    source: Source,
    batch: Batch,
    roles: Columns,
    values: Sequence[object],
    unknown: Sequence[int],
    faults: dict[int, str] | None = None,
) -> tuple[list[str | None], list[str | None]]:
    """The inputs of a batch, None where a row has a problem; problems and odd labels are noted."""
    left, right, problems = _judged(gathered, source, batch, roles)
    for i, fault in (faults or {}).items():
        problems[i] = problems[i] or f"{_place(source, batch, i)}: {fault}"
    cells = batch.label or []
    gathered.odd += [(_place(source, batch, i), cells[i]) for i in unknown if not problems[i]]
    blank = {i for i, value in enumerate(values) if value is None} - set(unknown)
    for i in sorted(blank):
        problems[i] = problems[i] or f"{_place(source, batch, i)}: {roles.label} is blank"
    gathered.note(problems)
    return left, right


def _judged(
    gathered: Gathered, source: Source, batch: Batch, roles: Columns
) -> tuple[Cells, Cells, list[str]]:
    """As `judge_texts`, of pictures with where they lie, and why one cannot be read."""
    left, right, problems = judge_texts(batch, roles, source.place)
    left, right, faults = gathered.pictures.located(left, right)
    for i, fault in faults.items():
        problems[i] = f"{_place(source, batch, i)}: {fault}"
        left[i] = right[i] = None
    return left, right, problems


def _numbers(batch: Batch) -> range:
    return range(batch.start, batch.start + len(batch.lines))


def _place(source: Source, batch: Batch, row: int) -> str:
    return f"{source.place} {batch.lines[row]}"
