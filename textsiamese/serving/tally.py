"""What was counted while a table was scored."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Tally:
    """Counts over some rows; those of two parts of a table add up.

    Attributes:
        rows: rows read.
        problems: rows that could not be scored.
        predicted: rows whose probability is at or above the threshold.
        labelled: scored rows that have a label.
        correct: labelled rows whose prediction is the label.
        odd_labels: scored rows whose label cannot be understood.
        texts: distinct texts, counted anew in every chunk.
        cut: of these, longer than the encoder reads.
        foreign: of these, with more than 30% of their pieces in words the vocabulary spells out.
    """

    rows: int = 0
    problems: int = 0
    predicted: int = 0
    labelled: int = 0
    correct: int = 0
    texts: int = 0
    cut: int = 0
    foreign: int = 0
    odd_labels: int = 0

    def __add__(self, other: Tally) -> Tally:
        names = [field.name for field in fields(self)]
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def to_json(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


@dataclass(frozen=True)
class Summary:
    """What scoring a table came to.

    Attributes:
        tally: the counts over the whole table, rows of an earlier, resumed run included.
        resumed: how many of the rows were scored by that earlier run.
        seconds: how long this run took.
        out: where the table lies; None for a stream.
        finished_before: the output was there and whole already; nothing was done or counted.
    """

    tally: Tally
    resumed: int = 0
    seconds: float = 0.0
    out: Path | None = None
    finished_before: bool = False

    @property
    def share_predicted(self) -> float:
        """Share of the scored rows that are predicted to be the same; NaN if none was scored."""
        return _share(self.tally.predicted, self.tally.rows - self.tally.problems)

    @property
    def share_foreign(self) -> float:
        """Share of the texts that are largely spelt out by the vocabulary; NaN without texts."""
        return _share(self.tally.foreign, self.tally.texts)

    @property
    def accuracy(self) -> float:
        """Share of the labelled rows predicted right at the threshold.

        NaN without labels, and where even one label cannot be understood: the others may then not
        mean what they seem to.
        """
        return (
            math.nan if self.tally.odd_labels else _share(self.tally.correct, self.tally.labelled)
        )

    @property
    def rows_per_second(self) -> float:
        """Rows scored by this run for each second it took."""
        return (self.tally.rows - self.resumed) / max(self.seconds, 1e-9)


@dataclass(frozen=True)
class Progress:
    """How far scoring has come.

    Attributes:
        rows: rows finished, those of an earlier run included.
        position: bytes or rows of the input read.
        size: the whole of it; None if unknown.
    """

    rows: int
    position: int
    size: int | None


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
