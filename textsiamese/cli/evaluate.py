"""``textsiamese evaluate``: how good a twin is on labelled pairs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from textsiamese.cli import labelled, opening
from textsiamese.cli.facts import judging_facts
from textsiamese.cli.messages import guard, say
from textsiamese.cli.opening import TWIN_HELP, open_decided, open_twin
from textsiamese.errors import InputError

if TYPE_CHECKING:
    from textsiamese.inputs.pairs import Pairs
    from textsiamese.judging.evaluation import Judged
    from textsiamese.twins.scorer import PairScorer

_STDOUT = Path("-")


def evaluate(
    twin: str = typer.Argument(metavar="TWIN", help=TWIN_HELP.partition(";")[0] + "."),
    pairs: str = labelled.PAIRS,
    as_json: Path | None = typer.Option(
        None,
        "--json",
        metavar="OUT.json",
        readable=False,
        help="Write all numbers there; - for stdout, in place of the table.",
    ),
    report: Path | None = typer.Option(
        None,
        "--report",
        metavar="OUT.html",
        readable=False,
        help="Write a page with curves and mistakes.",
    ),
    no_examples: bool = typer.Option(False, "--no-examples", help="Keep texts out of the page."),
    retrieval: bool = typer.Option(
        False,
        "--retrieval",
        help="Also look for what belongs to each input among all inputs of the other side.",
    ),
    positives_only: bool = typer.Option(
        False,
        "--positives-only",
        help="The table has no labels, all its pairs are the same: only the retrieval is told.",
    ),
    left: str | None = labelled.LEFT,
    right: str | None = labelled.RIGHT,
    label: str | None = labelled.LABEL,
    similar_is_zero: bool = labelled.SIMILAR_IS_ZERO,
    pictures: Path | None = labelled.PICTURES,
    encoding: str | None = labelled.ENCODING,
    threshold: float | None = typer.Option(
        None, "--threshold", metavar="P", help="Same from this probability on; else the twin's own."
    ),
    prior: float | None = typer.Option(
        None, "--prior", metavar="P", help="Share of same pairs to expect, such as 0.05."
    ),
    strict: bool = labelled.STRICT,
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace the outputs."),
    threads: int | None = opening.THREADS,
    device: str = opening.DEVICE,
    quiet: bool = opening.QUIET,
) -> None:
    """Judge a twin on labelled pairs that it has not seen.

    A table goes to stdout: accuracy, F1, average precision, calibration and more, each with its
    95% interval, and the same for slices of the pairs (length, word overlap, negation, numbers),
    unless a side holds pictures.

    Examples:

    \b
        textsiamese evaluate lstm-quora pairs.csv
        textsiamese evaluate my-twin test.csv --report report.html
        textsiamese evaluate my-twin test.parquet --json - --prior 0.05
        textsiamese evaluate my-twin captions.csv --positives-only --pictures photos
    """
    with guard():
        from textsiamese.judging.report import write_report
        from textsiamese.twins.retrieval import evaluate_retrieval
        from textsiamese.writing import told, write_whole

        to_stdout = as_json == _STDOUT
        outputs = [out for out in (None if to_stdout else as_json, report) if out]
        _check_outputs(pairs, outputs, overwrite=overwrite)
        if positives_only and report:
            raise InputError(
                "--report makes a page of labelled pairs, and with --positives-only there are none "
                "that differ: leave one of them out (--json writes the retrieval)"
            )
        opener = open_twin if positives_only else open_decided
        opened = opener(twin, threads, device, quiet=quiet)
        if threshold is not None or prior is not None:
            opened = opened.with_decision(threshold=threshold, prior=prior)
        table = labelled.read_labelled(
            pairs,
            left=left,
            right=right,
            label=label,
            similar_is_zero=similar_is_zero,
            encoding=encoding,
            strict=strict,
            quiet=quiet,
            positives_only=positives_only,
            picture_sides=opened.picture_sides,
            pictures=pictures,
        )
        judged = None if positives_only else _judge(opened, table, quiet=quiet)
        found = evaluate_retrieval(opened, table) if retrieval or positives_only else None
        numbers: dict[str, Any] = {"twin": twin, "pairs": table.name}
        numbers |= judged.evaluation.to_json() if judged else {}
        numbers |= {"retrieval": found.to_json()} if found else {}
        written = json.dumps(numbers, indent=1)
        shown = "\n\n".join(str(each) for each in (judged and judged.evaluation, found) if each)
        print(written if to_stdout else shown)
        if as_json and not to_stdout:
            with told(as_json):
                write_whole(as_json, lambda file: file.write(written.encode() + b"\n"))
        if report and judged:
            write_report(
                report,
                judged,
                title=f"{_short(twin)} on {table.name}",
                facts=judging_facts(twin, opened, table),
                retrieval=found,
                examples=not no_examples,
                overwrite=overwrite,
            )
        for out in [] if quiet else outputs:
            say(f"written to {out}")


def _judge(twin: PairScorer, table: Pairs, *, quiet: bool) -> Judged:
    from textsiamese.cli.progress import Bar
    from textsiamese.serving.tally import Progress
    from textsiamese.twins.evaluate import judge

    n = len(table)
    with Bar(False if quiet else None) as bar:
        bar.update(Progress(0, 0, n))
        return judge(twin, table, progress=lambda done: bar.update(Progress(done, done, n)))


def _check_outputs(source: str, outputs: list[Path], *, overwrite: bool) -> None:
    """Refuse outputs that cannot be written, or that would replace what they are made from."""
    from textsiamese.writing import check_free

    for out in outputs:
        check_free(out, overwrite=overwrite)
        if out.exists() and os.path.exists(source) and out.samefile(source):
            raise InputError(f"{out} is the input itself; give the output another name")
    if len({os.path.realpath(out) for out in outputs}) < len(outputs):
        raise InputError(f"{outputs[0]} cannot be both --json and --report; give two names")


def _short(twin: str) -> str:
    """The name of a folder without the way there; other names as they are."""
    return Path(twin).resolve().name if os.path.isdir(twin) else twin
