"""What has been read of a table of pairs so far: sound rows, and what is wrong with the others."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.left_right import SIDES, Side
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.picture_checks import PictureChecks
from textsiamese.inputs.picture_paths import PicturePaths, seem_pictures
from textsiamese.inputs.spilling import Sides
from textsiamese.inputs.texts import are_numbers

_SHOWN = 5


class Gathered:
    """The rows of a table, as they are read.

    Args:
        name: what messages call the table.
        pictures: where the pictures lie that it names.

    Attributes:
        pictures: finds and looks at these.
        odd: labels nobody can understand, each with its place.
        odd_are: one sentence that refuses them; "" if there are none.
    """

    def __init__(self, name: str, pictures: PicturePaths | None = None) -> None:
        self.name = name
        self.pictures = PictureChecks(pictures or PicturePaths())
        self.odd: list[tuple[str, object]] = []
        self.odd_are = ""
        self._sides = Sides(name)
        self._labels, self._rows = array("b"), array("q")
        self._grades, self._taught = array("d"), array("d")
        self._unlabelled = array("b")
        self._unusable, self._problems = 0, list[str]()

    def add(
        self,
        left: Sequence[str | None],
        right: Sequence[str | None],
        labels: Sequence[int | None],
        rows: Sequence[int],
        grades: Sequence[float | None] | None = None,
        taught: Sequence[float | None] | None = None,
        unlabelled: Sequence[bool] | None = None,
    ) -> None:
        """Add the pairs that have a label and two inputs.

        Where there are any, with their grades, and with what a teacher said and whether that is
        all that is known of them.
        """
        kept: tuple[list[str], list[str]] = ([], [])
        for i, (a, b, label) in enumerate(zip(left, right, labels, strict=True)):
            if a is not None and b is not None and label is not None:
                kept[0].append(a)
                kept[1].append(b)
                self._labels.append(label)
                self._rows.append(rows[i])
                if grades is not None:
                    self._grades.append(grades[i])  # type: ignore[arg-type]
                if taught is not None:
                    self._taught.append(taught[i])  # type: ignore[arg-type]
                if unlabelled is not None:
                    self._unlabelled.append(unlabelled[i])
        self._sides.add(*kept)

    def note(self, problems: Sequence[str]) -> None:
        """Note what is wrong with some rows; "" for nothing."""
        found = [problem for problem in problems if problem]
        self._problems += found[: _SHOWN - len(self._problems)]
        self._unusable += len(found)

    @property
    def unlabelled(self) -> list[str]:
        """What a person should know about the pairs that nobody labelled."""
        count = sum(self._unlabelled)
        if not count:
            return []
        every = len(self._labels)
        where = "they only train"
        if count == every:
            where = "judge twins on pairs that have a label (--dev, --test)"
        return [
            f"{self.name}: {count:,} of {every:,} pairs have no label, and take the teacher's word "
            f"for it; {where}"
        ]

    @property
    def dropped(self) -> list[str]:
        """What a person should know about the rows that have a problem."""
        if not self._unusable:
            return []
        lines = [f"{self.name}, {problem}" for problem in self._problems]
        rows = "1 row was" if self._unusable == 1 else f"{self._unusable:,} rows were"
        return [*lines, f"{self.name}: {rows} left out"]

    def pairs(self, *, drop: bool) -> Pairs:
        """All of it, unless something stands against it.

        Raises:
            InputError: there are odd labels, or no pairs, or texts that are numbers only; or rows
                have problems and are not to be dropped.
        """
        if self.odd:
            raise InputError(f"{self.name}: {self.odd_are}")
        if self._unusable and not drop:
            remedy = 'leave such rows out: without --strict (on_problem="drop" in Python)'
            raise InputError(f"{self.name}: {self._refusal()}; mend the table, or {remedy}")
        left, right = self._sides.texts()
        if not left:
            why = f"; {self._refusal()}" if self._unusable else ""
            raise InputError(f"{self.name} has no row with two inputs and a label{why}")
        for side, texts in zip(SIDES, (left, right), strict=True):
            if side not in self.pictures.sides:
                self._check_texts(side, texts)
        return Pairs(
            left,
            right,
            np.array(self._labels, np.int8),
            self.name,
            np.array(self._grades) if self._grades else None,
            np.array(self._rows, np.int64),
            np.array(self._taught) if self._taught else None,
            np.array(self._unlabelled, np.bool_) if any(self._unlabelled) else None,
        )

    def _check_texts(self, side: Side, texts: Sequence[str]) -> None:
        """Refuse a column of ids, or of names of pictures."""
        if are_numbers(texts):
            raise InputError(
                f"{self.name}: the {side} column holds numbers only, such as "
                f'"{texts[0][:40]}", and no texts: name the column of the texts with '
                f"--{side} ({side}= in Python)"
            )
        if seem_pictures(texts):
            raise InputError(
                f"{self.name}: the {side} column holds names of picture files, such as "
                f'"{texts[0][:40]}": they are read as pictures by a twin that reads these on '
                f"that side (train --{side}-encoder cnn; picture_sides in Python)"
            )

    def _refusal(self) -> str:
        count = self._unusable
        more = f"; and {count - _SHOWN} more" if count > _SHOWN else ""
        rows = "1 row" if count == 1 else f"{count:,} rows"
        return f"{rows} cannot be used: {'; '.join(self._problems)}{more}"
