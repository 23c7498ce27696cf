"""``textsiamese mine``: unlabelled questions in, pairs out for a teacher to label."""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from textsiamese.cli import opening
from textsiamese.cli.labelled import ENCODING
from textsiamese.cli.messages import guard, say
from textsiamese.cli.opening import TWIN_HELP, open_twin

if TYPE_CHECKING:
    import pandas as pd

    from textsiamese.twins.siamese import Siamese


def mine(
    questions: str = typer.Argument(
        metavar="QUESTIONS",
        help="A table with a column of texts: CSV, TSV, JSON Lines or Parquet (.gz, .zst); - for "
        "stdin.",
    ),
    out: Path = typer.Option(
        ...,
        "--out",
        "-o",
        metavar="PAIRS",
        readable=False,  # it is written, and need not be read
        help="The file to write; its suffix says the kind. - for CSV on stdout.",
    ),
    twin: str | None = typer.Option(None, "--twin", metavar="TWIN", help=TWIN_HELP),
    count: int = typer.Option(100_000, "--count", "-n", metavar="N", help="Pairs in all."),
    near: float = typer.Option(
        0.6, "--near", metavar="X", help="Share of pairs of a question and one of its 3 nearest."
    ),
    middling: float = typer.Option(
        0.3,
        "--middling",
        metavar="X",
        help="Share of pairs of a question and another one that is near, but not the nearest.",
    ),
    far: float = typer.Option(
        0.1, "--far", metavar="X", help="Share of pairs of two questions at random."
    ),
    avoid: list[str] = typer.Option(
        [],
        "--avoid",
        metavar="TABLE",
        help="Pairs that are labelled already, and not to be mined again; may be repeated.",
    ),
    held_out: list[str] = typer.Option(
        [],
        "--held-out",
        metavar="TABLE",
        help="Pairs to judge twins on, none of whose questions is to be mined; may be repeated.",
    ),
    text: str | None = typer.Option(
        None,
        "--text",
        metavar="COL",
        help="Column of the texts; left out: question, text, sentence or query, or the only one.",
    ),
    encoding: str | None = ENCODING,
    seed: int = typer.Option(0, "--seed", metavar="N", help="Of all that is drawn."),
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace the output."),
    threads: int | None = opening.THREADS,
    device: str = opening.DEVICE,
    quiet: bool = opening.QUIET,
) -> None:
    """Mine pairs from unlabelled questions, for a teacher to label.

    The pairs have the columns question1, question2, cosine and kind (near, middling or far).
    textsiamese score with a better twin or a cross-encoder adds its probabilities.

    Examples:

    \b
        textsiamese mine questions.csv -o mined.parquet --count 100000
        textsiamese mine questions.parquet -o mined.csv --avoid train.csv --held-out test.csv
        textsiamese mine titles.tsv -o mined.tsv --text title --near 1 --middling 1 --far 0
    """
    with guard():
        from textsiamese.inputs.listing import read_texts
        from textsiamese.learning.mining import mine_pairs
        from textsiamese.serving.kinds import Delimited, output_kind
        from textsiamese.writing import check_free, told, write_whole

        to_stdout = out == Path("-")
        kind = Delimited() if to_stdout else output_kind(out)
        if not to_stdout:
            check_free(out, overwrite=overwrite)
        tell = (lambda _: None) if quiet else say
        began = time.perf_counter()
        opened = open_twin(twin, threads, device, quiet=quiet)
        mined = mine_pairs(
            cast("Siamese", opened),
            read_texts(questions, column=text, encoding=encoding, tell=tell),
            count=count,
            near=near,
            middling=middling,
            far=far,
            avoid=avoid,
            held_out=held_out,
            seed=seed,
            tell=tell,
        )
        with told("standard output" if to_stdout else out):
            if to_stdout:
                kind.write(_arrow(mined), sys.stdout.buffer)
            else:
                write_whole(out, partial(kind.write, _arrow(mined)))
        if not quiet:
            for line in closing_lines(mined, count, time.perf_counter() - began, out):
                say(line)


def closing_lines(mined: pd.DataFrame, asked: int, seconds: float, out: Path) -> list[str]:
    """What was mined, and what to type next."""
    fewer = f", of {asked:,} asked for: some kind has no more" if len(mined) < asked else ""
    lines = [f"{len(mined):,} pairs mined in {seconds:,.1f} s{fewer}"]
    for kind in ("near", "middling", "far"):
        cosines = mined.loc[mined["kind"] == kind, "cosine"]
        if len(cosines):
            lines.append(f"  {kind:<10}{len(cosines):>11,}  median cosine {cosines.median():.3f}")
    if out == Path("-"):
        return lines
    return [
        *lines,
        f"written to {out}",
        f"next: textsiamese score {out} --twin TEACHER -o labelled{''.join(out.suffixes)}",
    ]


def _arrow(mined: pd.DataFrame) -> object:
    import pyarrow as pa

    return pa.Table.from_pandas(mined, preserve_index=False).replace_schema_metadata(None)
