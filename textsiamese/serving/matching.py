"""What belongs together: each left input beside the best of the right ones."""

from __future__ import annotations

import numbers
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textsiamese.errors import InputError
from textsiamese.inputs.left_right import Reads, Side
from textsiamese.inputs.sides import open_side
from textsiamese.serving.known import know
from textsiamese.serving.ranking import Ranked, best_matches
from textsiamese.twins.checks import OnProblem, checked_inputs, is_single

if TYPE_CHECKING:
    import pandas as pd

    from textsiamese.twins.twin import Twin

_LEFT: Side = "left"
_RIGHT: Side = "right"
_BLOCK = 8_192


def match(
    twin: Twin,
    left: Any,
    right: Any,
    k: int = 5,
    *,
    left_column: str | None = None,
    right_column: str | None = None,
    index: str | os.PathLike[str] | None = None,
    min_probability: float | None = None,
    pictures: str | os.PathLike[str] | None = None,
    encoding: str | None = None,
    on_problem: OnProblem = "raise",
    progress: Callable[[int, int], object] | None = None,
) -> pd.DataFrame:
    """The ``k`` right inputs that match each left one best.

    New questions against known ones, captions against pictures, titles against articles.

    An exact search by the cosine of the vectors, block by block, proposes 4 k different right
    inputs for each left one, and 64 at least; the twin's own similarity compares it with each of
    them, and the best k stay, in order of that similarity and so of the probability. Where the
    similarity is the cosine, they are the best of all; a pair head may rate an input highly that
    is not among the proposed, and it is then missed. A right input that stands in several rows is
    encoded once and matches with each of them; equal ones come in the order of their rows.

    Args:
        twin: what compares; `encode` must be among what it can do, so no cross-encoder.
        left: n texts (list, Series, array), or pictures (paths, PIL images) where that is what
            the twin reads; or a table with a column of them: a path, a DataFrame and the like (see
            `read_pairs`); or the path of a folder of pictures.
        right: likewise, m of them.
        k: how many, 1 or more; all, where the right side has fewer.
        left_column, right_column: names of the columns of tables; else found by convention.
        index: a folder in which the vectors of the right side are kept, and from which they are
            taken the next time (see `VectorStore`); the twin must be one that was opened.
        min_probability: matches below it are left out.
        pictures: the folder that relative paths in tables start from; None: that of the table.
        encoding: of text files; None: by their byte order mark, else UTF-8.
        on_problem: "raise"; or "nan": an input that cannot be read has no matches and is none.
        progress: is called with how many right inputs are encoded by now, and how many will be.

    Returns:
        A row for each match, in the order of the left rows and then of rank: left_row and
        right_row (from 0), rank (from 1), left, right, similarity, probability and predicted
        (bool). A twin without a decision gives neither of the last two.

    Raises:
        InputError: a side is empty or cannot be used, an input cannot be read, an option is out of
            its range, or the folder holds other vectors.
    """
    twin = check_options(twin, k, min_probability, pictures=pictures)
    asked, given = (
        _inputs(
            each,
            side,
            twin.reads(side),
            column,
            encoding=encoding,
            pictures=pictures,
            on_problem=on_problem,
        )
        for each, side, column in ((left, _LEFT, left_column), (right, _RIGHT, right_column))
    )
    known = know(twin, given, index=index, progress=progress or _silent)
    _check("right", known.faults, on_problem)
    if not len(known):
        raise InputError("no right input can be read, so there is nothing to match with")
    found = []
    for start in range(0, len(asked), _BLOCK):
        part, faults, _ = best_matches(
            twin, asked[start : start + _BLOCK], known, k, min_probability
        )
        _check("left", {start + row: fault for row, fault in faults.items()}, on_problem)
        found.append((start, part))
    return _frame(twin, Ranked.joined(found), asked, given)


def check_options(
    twin: Twin,
    k: int,
    min_probability: float | None,
    threshold: float | None = None,
    prior: float | None = None,
    pictures: object = None,
) -> Twin:
    """Refuse what cannot be matched with or by; returns the twin, deciding as was asked for.

    Raises:
        InputError: the twin has no vectors or lacks the decision, or a number is out of its range.
    """
    if not hasattr(twin, "tower"):
        raise InputError(
            f"{twin.info.name} is a cross-encoder and has no vectors to find matches by; match "
            "with a twin, and let the cross-encoder score what it finds (textsiamese score)"
        )
    if isinstance(k, bool) or not isinstance(k, numbers.Integral) or k < 1:
        raise InputError(f"k is {k!r}; it must be a whole number, 1 or more")
    if pictures is not None and not twin.picture_sides:
        raise InputError(
            f"{twin.info.name} reads texts on both sides: leave out the folder of pictures "
            "(--pictures)"
        )
    if threshold is not None or prior is not None:
        twin = twin.with_decision(threshold=threshold, prior=prior)
    if min_probability is not None:
        twin.decided()
        if not 0 <= min_probability <= 1:
            raise InputError(f"min_probability is {min_probability!r}; it must be between 0 and 1")
    return twin


def _inputs(
    given: Any,
    side: Side,
    reads: Reads,
    column: str | None,
    *,
    encoding: str | None,
    pictures: str | os.PathLike[str] | None,
    on_problem: OnProblem,
) -> list[Any]:
    """The inputs of a side, None where one has a problem.

    Raises:
        InputError: it is empty, or, if that is asked for, has a problem.
    """
    if _is_list(given):
        found = checked_inputs(given, side, on_problem, reads)
    elif isinstance(given, str) and " " in given and not os.path.exists(given):
        raise InputError(f"there is no file {given}; to match a single text, give it in a list")
    else:
        reader = open_side(given, side, reads, column=column, encoding=encoding, pictures=pictures)
        found = []
        for chunk in reader.chunks():
            for problem in filter(None, chunk.problems if on_problem == "raise" else ()):
                raise InputError(f"{reader.name}, {problem} (on_problem='nan' leaves it out)")
            found += chunk.inputs
    if not found:
        raise InputError(f"the {side} side is empty; give one of the {reads} at least")
    return found


def _is_list(given: Any) -> bool:
    """Whether it is a row of inputs, and no table."""
    return not is_single(given) and not hasattr(given, "columns") and not hasattr(given, "features")


def _check(side: Side, faults: dict[int, str], on_problem: OnProblem) -> None:
    if faults and on_problem == "raise":
        row = min(faults)
        raise InputError(f"{side}[{row}]: {faults[row]} (on_problem='nan' leaves it out)")


def _frame(twin: Twin, found: Ranked, left: Sequence[Any], right: Sequence[Any]) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {
        "left_row": found.query,
        "right_row": found.row,
        "rank": found.rank,
        "left": [left[row] for row in found.query.tolist()],
        "right": [right[row] for row in found.row.tolist()],
        "similarity": found.similarity,
    }
    if twin.decision is not None and found.probability is not None:
        columns["probability"] = found.probability
        columns["predicted"] = twin.decision.decide(found.probability)
    return pd.DataFrame(columns)


def _silent(done: int, total: int) -> None:
    """Tell nobody."""
