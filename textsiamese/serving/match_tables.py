"""Streamed, resumable matching of a left table with a right one."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, BinaryIO

from textsiamese.errors import InputError
from textsiamese.inputs.sides import open_side
from textsiamese.serving.files import file_output
from textsiamese.serving.match_page import MatchPage
from textsiamese.serving.match_run import MatchRun, match_job
from textsiamese.serving.matched import Columns
from textsiamese.serving.matching import check_options
from textsiamese.serving.outputs import Output, StreamOutput, finished_or_left
from textsiamese.serving.tally import Progress, Summary, Tally

if TYPE_CHECKING:
    from textsiamese.twins.twin import Twin

CHUNK_ROWS = 8_192


def match_table(
    twin: Twin,
    left: Any,
    right: Any,
    out: str | os.PathLike[str] | BinaryIO,
    *,
    k: int = 5,
    left_column: str | None = None,
    right_column: str | None = None,
    index: str | os.PathLike[str] | None = None,
    min_probability: float | None = None,
    threshold: float | None = None,
    prior: float | None = None,
    pictures: str | os.PathLike[str] | None = None,
    html: str | os.PathLike[str] | None = None,
    encoding: str | None = None,
    prefix: str = "",
    chunk_rows: int = CHUNK_ROWS,
    resume: bool = False,
    overwrite: bool = False,
    strict: bool = False,
    tell: Callable[[str], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Match every row of a left table with the ``k`` best rows of a right one, chunk by chunk.

    The output has the left table's own columns, then `rank` (from 1), `right_row` (from 0), the
    right table's own columns (with "right_" before a name that is taken), `similarity`,
    `probability`, `predicted` (0/1) and `problem`. A left row comes back once for each match, in
    order of rank; and once, with empty cells, if it has none: it cannot be read (`problem` says
    why), or nothing reaches `min_probability`. `textsiamese.match` says how matches are ranked.

    The right table and its vectors are held in memory; with `index` the vectors lie in a folder,
    from which the next call takes what is there already. Memory does not grow with the left rows.

    Args:
        twin: what compares; without a decision, probability and predicted are empty.
        left, right: tables, as for `score_table`; where the twin reads pictures, tables of their
            paths or folders of them.
        out: a file whose suffix says the kind, or a binary stream, which gets CSV.
        k: how many matches, 1 or more.
        left_column, right_column: names of the columns; found by convention where they are None.
        index: a folder that the vectors of the right side are kept in.
        min_probability: matches below it are left out.
        threshold, prior: as for `score_table`.
        pictures: the folder that relative paths start from; None: that of their table.
        html: a page to look through: the first left rows beside their matches.
        encoding: of text files; None: by their byte order mark, else UTF-8.
        prefix: goes before the names of the new columns.
        chunk_rows: left rows read, matched and written at once.
        resume, overwrite: as for `score_table`; both also replace the page.
        strict: stop at the first row, left or right, that cannot be read. Otherwise nothing is
            matched with such a right row.
        tell: is called with what is worth knowing at once.
        progress: is called after every chunk.

    Returns:
        what it came to; `predicted` in its tally counts the left rows whose best match is
        predicted to be the same.

    Raises:
        InputError: a table, a folder or an option cannot be used, or a side has no rows.
        OutputExistsError: the output, a part of it, or the page is there, and nothing was said.
        OutputError: an output cannot be written.
        KeyboardInterrupt: with a message that says what is left and how to go on.
    """
    began = time.perf_counter()
    tell, progress = tell or _silent, progress or _silent
    twin = check_options(twin, k, min_probability, threshold, prior, pictures)
    _check_apart((out, html), (left, right))
    page = None if html is None else MatchPage(html, twin, overwrite=overwrite or resume)
    file = file_output(out, left, resume=resume, overwrite=overwrite)
    if file and file.whole:
        tell(f"{file.path} is whole already: nothing is left to do")
        return Summary(Tally(), out=file.path, finished_before=True)
    known = open_side(
        right,
        "right",
        twin.reads("right"),
        column=right_column,
        encoding=encoding,
        pictures=pictures,
    )
    asked = open_side(
        left,
        "left",
        twin.reads("left"),
        column=left_column,
        encoding=encoding,
        pictures=pictures,
        chunk_rows=chunk_rows,
    )
    columns = Columns.beside(asked.columns, known.columns, prefix)
    schema = columns.schema(asked.schema, known.schema)
    if file is None:
        output: Output = StreamOutput(out, schema, "standard output")  # type: ignore[arg-type]
    else:
        options = {
            "k": k,
            "min probability": min_probability,
            "encoding": encoding,
            "pictures": None if pictures is None else os.fspath(pictures),
            "prefix": prefix,
            "strict": strict,
            "rows a chunk": chunk_rows,
            "kind of output": file.kind.name,
        }
        file.start(schema, {**match_job(twin, asked, known), **options})
        output = file
    resumed = sum(tally.rows for tally in output.done)
    run = MatchRun(twin, asked, known, columns, k, min_probability, strict, tell, progress)
    with finished_or_left(output):
        tally = run.into(output, index, page)
    seconds = time.perf_counter() - began
    return Summary(tally, resumed, seconds, file.path if file else None)


def _check_apart(outputs: Iterable[object], tables: tuple[object, object]) -> None:
    """Refuse to replace what is read, and to read one pipe twice."""
    left, right = tables
    if isinstance(left, str) and isinstance(right, str) and left == right == "-":
        raise InputError("one of the two tables can come from standard input, and not both")
    there = [
        [each for each in some if isinstance(each, (str, os.PathLike)) and os.path.isfile(each)]
        for some in (outputs, tables)
    ]
    for output, table in itertools.product(*there):
        if os.path.samefile(output, table):
            raise InputError(
                f"{output} is one of the tables to match; give the output another name"
            )


def _silent(event: object) -> None:
    """Tell nobody."""
