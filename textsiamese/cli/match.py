"""``textsiamese match``: two tables in, each left row beside its best right rows out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from textsiamese.cli import opening, streamed
from textsiamese.cli.messages import guard, say
from textsiamese.cli.opening import TWIN_HELP, open_twin

if TYPE_CHECKING:
    from textsiamese.serving.tally import Summary
    from textsiamese.twins.scorer import PairScorer
    from textsiamese.twins.twin import Twin

_CHUNK_ROWS = 8_192


def match(
    left: str = typer.Argument(
        metavar="LEFT",
        help="What to find matches for: CSV, TSV, JSON Lines or Parquet (.gz, .zst); - for stdin; "
        "a folder, if the twin reads pictures there.",
    ),
    right: str = typer.Argument(metavar="RIGHT", help="What to find them in; likewise."),
    out: Path | None = streamed.OUT,
    k: int = typer.Option(5, "-k", metavar="K", help="Matches of each left row, at most."),
    twin: str | None = typer.Option(None, "--twin", metavar="TWIN", help=TWIN_HELP),
    html: Path | None = typer.Option(
        None,
        "--html",
        metavar="PAGE",
        readable=False,
        help="A page to look through: the first 100 left rows beside their matches.",
    ),
    index: Path | None = typer.Option(
        None,
        "--index",
        metavar="FOLDER",
        help="Keep the vectors of the right side there, and take those that are there already.",
    ),
    left_column: str | None = typer.Option(
        None, "--left", metavar="COL", help="Column of the left texts, or paths of pictures."
    ),
    right_column: str | None = typer.Option(
        None, "--right", metavar="COL", help="Column of the right ones."
    ),
    min_probability: float | None = typer.Option(
        None, "--min-probability", metavar="P", help="Leave out matches below this probability."
    ),
    pictures: Path | None = typer.Option(
        None,
        "--pictures",
        metavar="FOLDER",
        help="Where relative paths of pictures start; else beside their table.",
    ),
    threshold: float | None = streamed.THRESHOLD,
    prior: float | None = typer.Option(
        None, "--prior", metavar="P", help="Share of same pairs to expect among the matches."
    ),
    encoding: str | None = typer.Option(
        None, "--encoding", metavar="NAME", help="Of text files that are not UTF-8."
    ),
    prefix: str = streamed.PREFIX,
    chunk_rows: int = typer.Option(
        _CHUNK_ROWS, "--chunk-rows", metavar="N", min=1, help="Left rows to match at once."
    ),
    resume: bool = streamed.RESUME,
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace the output and the page."),
    strict: bool = streamed.STRICT,
    threads: int | None = opening.THREADS,
    device: str = opening.DEVICE,
    progress: bool | None = streamed.PROGRESS,
    quiet: bool = opening.QUIET,
) -> None:
    """Find the best matches of every left row among the right rows.

    New questions among answered ones, captions among pictures, titles among articles. A left row
    comes back once for each match, best first: its own columns, then rank, right_row (counted from
    0), the right row's columns, similarity, probability, predicted (0/1) and problem. One without
    a match comes back once, with these empty.

    Examples:

    \b
        textsiamese match new.csv answered.csv -o matches.csv --html matches.html
        textsiamese match new.csv answered.parquet -k 1 --min-probability 0.5 --index answered.index
        textsiamese match captions.csv photos --twin my-captions -o found.csv --html found.html
    """
    with guard():
        from textsiamese.cli.progress import Bar
        from textsiamese.serving.match_tables import match_table

        opened = cast("Twin", open_twin(twin, threads, device, quiet=quiet))
        if opened.decision is None and not quiet:
            say(f"{opened.info.name} has no decision yet: similarities only, no probabilities")
        with Bar(False if quiet else progress) as bar:
            summary = match_table(
                opened,
                left,
                right,
                sys.stdout.buffer if out in (None, Path("-")) else out,
                k=k,
                left_column=left_column,
                right_column=right_column,
                index=index,
                min_probability=min_probability,
                threshold=threshold,
                prior=prior,
                pictures=pictures,
                html=html,
                encoding=encoding,
                prefix=prefix,
                chunk_rows=chunk_rows,
                resume=resume,
                overwrite=overwrite,
                strict=strict,
                tell=None if quiet else bar.say,
                progress=bar.update,
            )
        if not quiet and not summary.finished_before:
            for line in summary_lines(summary, opened):
                say(line)


def summary_lines(summary: Summary, twin: PairScorer) -> list[str]:
    """What matching came to, in a few lines for a person."""
    tally = summary.tally
    rows = "1 row" if tally.rows == 1 else f"{tally.rows:,} rows"
    lines = [f"{rows} to match, {tally.problems:,} of them with a problem"]
    if twin.decision is not None and tally.rows > tally.problems:
        share = f"{summary.share_predicted:.1%}"
        lines.append(f"best match predicted the same: {tally.predicted:,} ({share})")
    texts = streamed.text_lines(summary, twin.info.language)
    return [*lines, *texts, *streamed.pace_lines(summary)]
