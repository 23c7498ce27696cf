"""Labelled pairs for a command: the options that say how to read them, and the reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from textsiamese.cli.messages import say
from textsiamese.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from textsiamese.inputs.grades import Scale
    from textsiamese.inputs.pairs import Pairs

PAIRS = typer.Argument(
    metavar="PAIRS",
    help="Labelled pairs: CSV, TSV, JSON Lines or Parquet (.gz, .zst); - for stdin.",
)
LEFT = typer.Option(
    None, "--left", metavar="COL", help="Column of the first text, or of its picture's path."
)
RIGHT = typer.Option(
    None, "--right", metavar="COL", help="Column of the second text, or of its picture's path."
)
LABEL = typer.Option(None, "--label", metavar="COL", help="Column of the labels (1 = same).")
SIMILAR_IS_ZERO = typer.Option(
    False, "--similar-is-zero", help="The label column writes 0 for the same."
)
ENCODING = typer.Option(
    None, "--encoding", metavar="NAME", help="Of a text file that is not UTF-8."
)
PICTURES = typer.Option(
    None,
    "--pictures",
    metavar="FOLDER",
    help="Where relative paths of pictures start from; left out: beside the table.",
)
STRICT = typer.Option(False, "--strict", help="Stop if a row cannot be used.")


def read_labelled(
    source: str,
    *,
    left: str | None,
    right: str | None,
    label: str | None,
    similar_is_zero: bool,
    encoding: str | None,
    strict: bool,
    quiet: bool,
    scale: Scale | None = None,
    positives_only: bool = False,
    taught: str | None = None,
    picture_sides: Collection[str] = (),
    pictures: Path | None = None,
) -> Pairs:
    """Read labelled pairs; rows that cannot be used are left out and told, unless `strict`.

    Raises:
        InputError: as `read_pairs`.
    """
    from textsiamese.inputs.whole import read_pairs

    return read_pairs(
        source,
        left=left,
        right=right,
        label=label,
        similar_is_zero=similar_is_zero,
        scale=scale,
        positives_only=positives_only,
        taught=taught,
        picture_sides=picture_sides,
        pictures=pictures,
        encoding=encoding,
        on_problem="raise" if strict else "drop",
        tell=None if quiet else say,
    )


def scale_of(graded: str | None, same_from: float | None) -> Scale | None:
    """The scale that labels are grades on, as the options name it; None for no grades.

    Raises:
        InputError: it is none, or there is a cut and no scale.
    """
    from textsiamese.inputs.grades import Scale

    if graded is None and same_from is not None:
        raise InputError("--same-from is a grade: say which scale it is on, such as --graded 0-5")
    return Scale.parse(graded, same_from) if graded else None
