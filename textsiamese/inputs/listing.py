"""The texts of a table whose rows are single questions, not pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textsiamese.errors import InputError
from textsiamese.inputs.batches import CHUNK_ROWS, Source
from textsiamese.inputs.columns import Columns, find_text_column
from textsiamese.inputs.sources import open_source
from textsiamese.inputs.texts import are_numbers, check_texts
from textsiamese.inputs.typed import is_text

_SHOWN = 5


def read_texts(
    source: Any,
    *,
    column: str | None = None,
    encoding: str | None = None,
    tell: Callable[[str], object] = lambda _: None,
) -> list[str]:
    """Read one column of texts of a table, in order; rows without a text are left out.

    Args:
        source: as for `open_pairs`.
        column: its name; None: question, text, sentence or query, or the only column with texts.
        encoding: of a text file; None: by its byte order mark, else UTF-8.
        tell: is called with what was left out: the first five rows, a line each, and their number.

    Raises:
        InputError: the table cannot be opened, its column cannot be told or holds no texts.
    """
    opened = open_source(source, encoding, (None, None, None))
    with_texts = [field.name for field in opened.schema if is_text(field.type)]
    column = find_text_column(opened.columns, column, with_texts, opened.name)
    _refuse_others(opened, column, column in with_texts)
    texts: list[str] = []
    problems: list[str] = []
    for batch in opened.batches(Columns(column, column), CHUNK_ROWS, 0):
        found, faults = check_texts(batch.left, column)
        faults |= batch.faults
        texts += [str(text) for i, text in enumerate(found) if i not in faults]
        problems += [f"{opened.place} {batch.lines[i]}: {faults[i]}" for i in sorted(faults)]
    for line in _left_out(opened.name, problems):
        tell(line)
    if not texts:
        raise InputError(f'{opened.name} has no row with a text in its column "{column}"')
    _refuse_others(opened, column, not are_numbers(texts))
    return texts


def _left_out(name: str, problems: Sequence[str]) -> list[str]:
    if not problems:
        return []
    rows = "1 row was" if len(problems) == 1 else f"{len(problems):,} rows were"
    shown = [f"{name}, {problem}" for problem in problems[:_SHOWN]]
    return [*shown, f"{name}: {rows} left out"]


def _refuse_others(source: Source, column: str, holds_texts: bool) -> None:
    if not holds_texts:
        raise InputError(
            f'{source.name}: column "{column}" holds numbers or the like, and no texts; name the '
            f"one of the texts with --text (column= in Python)"
        )
