"""``textsiamese calibrate``: a new decision for a twin, fitted on your own pairs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from textsiamese.cli import labelled, opening
from textsiamese.cli.messages import guard, say
from textsiamese.cli.opening import TWIN_HELP, open_twin
from textsiamese.errors import OutputExistsError

if TYPE_CHECKING:
    from textsiamese.judging.crossfitting import Quality
    from textsiamese.twins.calibrate import Calibration
    from textsiamese.twins.scorer import PairScorer

_NUMBERS = ("accuracy", "precision", "recall", "f1", "log_loss", "brier", "ece")


def calibrate(
    twin: str = typer.Argument(metavar="TWIN", help=TWIN_HELP.partition(";")[0] + "."),
    pairs: str = labelled.PAIRS,
    out: Path = typer.Option(..., "--out", "-o", metavar="DIR", help="The folder of the new twin."),
    calibrator: str | None = typer.Option(
        None,
        "--calibrator",
        metavar="C",
        help="platt, beta or isotonic; left out: what suits the number of pairs.",
    ),
    rule: str = typer.Option(
        "accuracy",
        "--rule",
        metavar="R",
        help="What chooses the threshold: accuracy, f1, precision=0.95 or false-accept=0.001.",
    ),
    left: str | None = labelled.LEFT,
    right: str | None = labelled.RIGHT,
    label: str | None = labelled.LABEL,
    similar_is_zero: bool = labelled.SIMILAR_IS_ZERO,
    pictures: Path | None = labelled.PICTURES,
    encoding: str | None = labelled.ENCODING,
    strict: bool = labelled.STRICT,
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace the twin in DIR."),
    threads: int | None = opening.THREADS,
    device: str = opening.DEVICE,
    quiet: bool = opening.QUIET,
) -> None:
    """Fit a twin's probabilities and threshold to your own labelled pairs.

    The network stays as it is, so a few hundred pairs are enough (50 at least). Take pairs that
    trained nothing, with as many same ones among them as you will meet.

    Examples:

    \b
        textsiamese calibrate lstm-quora pairs.csv -o my-twin
        textsiamese calibrate my-twin pairs.csv -o strict-twin --rule precision=0.95
    """
    with guard():
        from textsiamese.judging.thresholds import parse_rule
        from textsiamese.twins.calibrate import calibrate_and_compare
        from textsiamese.twins.sealed import check_target, is_sealed

        parse_rule(rule)
        check_target(out)
        if is_sealed(out) and not overwrite:
            raise OutputExistsError(
                f"{out} holds a twin already: replace it with --overwrite, or choose another folder"
            )
        opened = open_twin(twin, threads, device, quiet=quiet)
        table = labelled.read_labelled(
            pairs,
            left=left,
            right=right,
            label=label,
            similar_is_zero=similar_is_zero,
            encoding=encoding,
            strict=strict,
            quiet=quiet,
            picture_sides=opened.picture_sides,
            pictures=pictures,
        )
        found = calibrate_and_compare(opened, table, calibrator=calibrator, rule=rule)
        found.twin.save(out)
        if not quiet:
            for line in closing_lines(opened, found, out):
                say(line)


def closing_lines(old: PairScorer, found: Calibration[PairScorer], out: Path) -> list[str]:
    """What was fitted, what it changes, and what to type next."""
    decision = found.twin.decision
    assert decision is not None
    kind = type(decision.calibrator).__name__.lower()
    lines = [
        f"fitted on {decision.n:,} pairs, {decision.prior:.1%} of them same: {kind} calibrator, "
        f"threshold {decision.threshold:.4g} (rule {decision.rule})"
    ]
    before = None if old.decision is None else old.threshold
    lines += _comparison(found, before, decision.threshold)
    commoner = max(decision.prior, 1 - decision.prior)
    if decision.rule == "accuracy" and found.after and found.after.accuracy <= commoner:
        lines.append(
            f"Warning: always giving the commoner answer is as right ({commoner:.1%}): this twin "
            f"cannot tell such pairs apart; teach it with  textsiamese train PAIRS -o DIR"
        )
    lines.append(f"saved to {out}")
    lines.append(f"next: textsiamese score PAIRS --twin {out} -o scored.csv")
    return lines


def _comparison(found: Calibration, before: float | None, after: float) -> list[str]:
    """A table of the old decision and the new, and how to read it."""
    lines = [f"{'':<12}{'before':>9}{'after':>9}", _row("threshold", before, after)]
    for name in _NUMBERS:
        numbers = (_number(quality, name) for quality in (found.before, found.after))
        lines.append(_row(name.replace("_", " "), *numbers))
    if found.after is None:
        return [*lines, "(after: not to be told, as one kind has a single pair)"]
    mean, most = found.after.ece_band
    return [
        *lines,
        f"(after: each fifth of the pairs judged by a decision fitted on the others; an ECE of "
        f"{mean:.4f}, and up to {most:.4f}, is what perfect calibration shows)",
    ]


def _number(quality: Quality | None, name: str) -> float | None:
    return None if quality is None else getattr(quality, name)


def _row(name: str, before: float | None, after: float | None) -> str:
    cells = (
        "-" if value is None or math.isnan(value) else f"{value:.4f}" for value in (before, after)
    )
    return f"{name:<12}" + "".join(f"{cell:>9}" for cell in cells)
