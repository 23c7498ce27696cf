"""``textsiamese score``: a table of pairs in, the same table with scores out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from textsiamese.cli import labelled, opening, streamed
from textsiamese.cli.messages import guard, say
from textsiamese.cli.opening import TWIN_HELP, open_decided

if TYPE_CHECKING:
    from textsiamese.serving.tally import Summary

_CHUNK_ROWS = 131_072


def score(
    pairs: str = typer.Argument(
        metavar="PAIRS", help="CSV, TSV, JSON Lines or Parquet (.gz, .zst); - for stdin."
    ),
    out: Path | None = streamed.OUT,
    twin: str | None = typer.Option(None, "--twin", metavar="TWIN", help=TWIN_HELP),
    left: str | None = typer.Option(
        None, "--left", metavar="COL", help="Column of the first text, or of its picture's path."
    ),
    right: str | None = typer.Option(
        None, "--right", metavar="COL", help="Column of the second text, or of its picture's path."
    ),
    label: str | None = typer.Option(
        None, "--label", metavar="COL", help="Column of the labels (1 = same), if any."
    ),
    pictures: Path | None = labelled.PICTURES,
    similar_is_zero: bool = typer.Option(
        False, "--similar-is-zero", help="The label column writes 0 for the same."
    ),
    encoding: str | None = typer.Option(
        None, "--encoding", metavar="NAME", help="Of a text file that is not UTF-8."
    ),
    threshold: float | None = streamed.THRESHOLD,
    prior: float | None = typer.Option(
        None,
        "--prior",
        metavar="P",
        help="Share of same pairs to expect in this table, such as 0.05.",
    ),
    prefix: str = streamed.PREFIX,
    chunk_rows: int = typer.Option(
        _CHUNK_ROWS, "--chunk-rows", metavar="N", min=1, help="Rows to hold in memory at once."
    ),
    resume: bool = streamed.RESUME,
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace the output."),
    strict: bool = streamed.STRICT,
    threads: int | None = opening.THREADS,
    device: str = opening.DEVICE,
    progress: bool | None = streamed.PROGRESS,
    quiet: bool = opening.QUIET,
) -> None:
    """Score every row of a table of pairs.

    Every row comes back, with four more columns: similarity, probability, predicted (0/1) and
    problem (empty, or why the row could not be scored).

    Examples:

    \b
        textsiamese score pairs.csv -o scored.csv
        textsiamese score pairs.parquet -o scored.parquet --left title_a --right title_b
        textsiamese score captions.csv -o scored.csv --twin my-captions --pictures photos
        textsiamese score big.csv.gz -o scored.csv.gz --prior 0.02 --resume
        cat pairs.csv | textsiamese score - > scored.csv
    """
    with guard():
        from textsiamese.cli.progress import Bar
        from textsiamese.serving.tables import score_table

        opened = open_decided(twin, threads, device, quiet=quiet)
        with Bar(False if quiet else progress) as bar:
            summary = score_table(
                opened,
                pairs,
                sys.stdout.buffer if out in (None, Path("-")) else out,
                left=left,
                right=right,
                label=label,
                similar_is_zero=similar_is_zero,
                encoding=encoding,
                threshold=threshold,
                prior=prior,
                prefix=prefix,
                pictures=pictures,
                chunk_rows=chunk_rows,
                resume=resume,
                overwrite=overwrite,
                strict=strict,
                tell=None if quiet else bar.say,
                progress=bar.update,
            )
        if not quiet and not summary.finished_before:
            for line in summary_lines(summary, opened.info.language):
                say(line)


def summary_lines(summary: Summary, language: str) -> list[str]:
    """What scoring a table came to, in a few lines for a person."""
    tally = summary.tally
    scored = tally.rows - tally.problems
    lines = [f"{_count(tally.rows, 'row')}, {tally.problems:,} of them with a problem"]
    if scored:
        lines.append(f"predicted the same: {tally.predicted:,} ({summary.share_predicted:.1%})")
    if tally.odd_labels:
        lines.append(f"no accuracy is told: {tally.odd_labels:,} labels cannot be understood")
    elif tally.labelled:
        rows = _count(tally.labelled, "labelled row")
        lines.append(f"accuracy at the threshold: {summary.accuracy:.1%} of {rows}")
    return [*lines, *streamed.text_lines(summary, language), *streamed.pace_lines(summary)]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
