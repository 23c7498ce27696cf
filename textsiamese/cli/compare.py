"""``textsiamese compare``: two texts, one answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from textsiamese.cli.messages import guard, say
from textsiamese.cli.opening import TWIN_HELP, open_twin, undecided
from textsiamese.errors import InputError
from textsiamese.inputs.left_right import SIDES

if TYPE_CHECKING:
    from textsiamese.twins.scorer import PairScorer


def compare(
    first: str = typer.Argument(metavar="FIRST", help="A text, or the path of a picture."),
    second: str = typer.Argument(metavar="SECOND", help="What to compare it with."),
    twin: str | None = typer.Option(None, "--twin", metavar="TWIN", help=TWIN_HELP),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Say whether two texts ask the same, and how probable that is.

    Of a twin of captions and pictures, SECOND is the path of a picture.

    Of a twin that has no decision yet, the similarity alone is printed.

    Example:

    \b
        textsiamese compare "How do I learn Python?" "What is the best way to learn Python?"
        textsiamese compare "A dog runs over the grass" dog.jpg --twin caption-image
    """
    with guard():
        from textsiamese.inputs.texts import text_fault

        for place, text in (("first", first), ("second", second)):
            if fault := text_fault(text):
                raise InputError(f"the {place} text {fault}; give two texts that say something")
        opened = open_twin(twin)
        answer = _answer(opened, first, second)
        print(json.dumps(answer) if as_json else _readable(answer))
        if opened.decision is None:
            say(undecided(twin or opened.info.name))


def _answer(opened: PairScorer, first: str, second: str) -> dict[str, Any]:
    """All that is said of the two; None for what takes a decision where there is none."""
    if opened.decision is None:
        unsaid = dict.fromkeys(("probability", "predicted", "threshold"))
        return {**unsaid, "similarity": opened.similarity(first, second)}
    scores = opened.score_pairs([first], [second])
    if scores.problems:
        first, second = (opened.reads(side) for side in SIDES)
        order = "" if first == second else f" (this twin reads {first} first, then {second})"
        raise InputError(f"{scores.problems[0]}{order}")
    return {
        "probability": float(scores.probability[0]),
        "predicted": bool(scores.predicted[0]),
        "similarity": float(scores.similarity[0]),
        "threshold": opened.threshold,
    }


def _readable(answer: dict[str, Any]) -> str:
    lines = [f"similarity   {answer['similarity']:.4g}"]
    if answer["predicted"] is not None:
        verdict = "yes (at or above" if answer["predicted"] else "no (below"
        lines = [
            f"probability  {answer['probability']:.4g}",
            f"same         {verdict} the threshold of {answer['threshold']:.4g})",
            *lines,
        ]
    return "\n".join(lines)
