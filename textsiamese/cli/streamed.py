"""What commands have in common that stream a table: their options, and what they end by saying."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from textsiamese.serving.tally import Summary

OUT = typer.Option(
    None,
    "--out",
    "-o",
    metavar="OUT",
    readable=False,  # it is written, and need not be read
    help="The file to write; its suffix says the kind. Else CSV on stdout.",
)
THRESHOLD = typer.Option(
    None,
    "--threshold",
    metavar="P",
    help="Predict 1 from this probability on; else the twin's own.",
)
PREFIX = typer.Option("", "--prefix", metavar="S", help="Goes before the names of the new columns.")
RESUME = typer.Option(False, "--resume", help="Go on where a stopped run left off.")
STRICT = typer.Option(False, "--strict", help="Stop at the first row with a problem.")
PROGRESS = typer.Option(
    None, "--progress/--no-progress", help="Show a bar; else where stderr is a terminal."
)

_MANY_FOREIGN = 0.2


def text_lines(summary: Summary, language: str) -> list[str]:
    """What a person should know about the texts: how many were cut, and how many are foreign."""
    tally, lines = summary.tally, []
    if tally.cut:
        lines.append(f"texts longer than the twin reads, cut: {tally.cut:,} of {tally.texts:,}")
    if tally.texts:
        share = f"{summary.share_foreign:.1%}"
        lines.append(f"texts with more than 30% of their pieces in unknown words: {share}")
    if tally.texts and summary.share_foreign > _MANY_FOREIGN:
        read = "what it learnt" if language == "unknown" else language
        lines.append(
            f"Warning: this twin reads {read}, and many of these texts seem to be something "
            f"else; their scores mean little"
        )
    return lines


def pace_lines(summary: Summary) -> list[str]:
    """How long it took, and where the rows went."""
    resumed = f" ({summary.resumed:,} rows came from an earlier run)" if summary.resumed else ""
    pace = f"{summary.seconds:.1f} s, {summary.rows_per_second:,.0f} rows/s{resumed}"
    return [pace, f"written to {summary.out}"] if summary.out else [pace]
