"""``textsiamese info``: what a twin is."""

from __future__ import annotations

import typer

from textsiamese.cli.messages import guard
from textsiamese.cli.opening import TWIN_HELP, open_twin, undecided
from textsiamese.inputs.left_right import SIDES


def info(twin: str | None = typer.Argument(None, metavar="TWIN", help=TWIN_HELP)) -> None:
    """Print what a twin is, what it was trained on, how it scored, and the terms of its use.

    Examples:

    \b
        textsiamese info
        textsiamese info my-twin
    """
    with guard():
        opened = open_twin(twin, quiet=True)
        print(opened.info)
        left, right = (opened.reads(side) for side in SIDES)
        if opened.picture_sides:
            print(f"reads     {left} on the left, {right} on the right")
        decision = opened.decision
        if decision is None:
            print(undecided(twin or opened.info.name))
            return
        print(
            f"decision  same from a probability of {decision.threshold:.4g} (rule "
            f"{decision.rule}), where {decision.prior:.1%} of the pairs are the same; fitted on "
            f"{decision.n:,} pairs"
        )
