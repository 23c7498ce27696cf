"""``textsiamese compare``: two texts, one answer."""

from __future__ import annotations

import json

import typer

from textsiamese.cli.messages import guard
from textsiamese.cli.opening import TWIN_HELP, open_twin
from textsiamese.errors import InputError


def compare(
    first: str = typer.Argument(metavar="FIRST", help="A text."),
    second: str = typer.Argument(metavar="SECOND", help="The text to compare it with."),
    twin: str | None = typer.Option(None, "--twin", metavar="TWIN", help=TWIN_HELP),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Say whether two texts ask the same, and how probable that is.

    Example:

    \b
        textsiamese compare "How do I learn Python?" "What is the best way to learn Python?"
    """
    with guard():
        from textsiamese.inputs.texts import text_fault

        for place, text in (("first", first), ("second", second)):
            if fault := text_fault(text):
                raise InputError(f"the {place} text {fault}; give two texts that say something")
        opened = open_twin(twin)
        scores = opened.score_pairs([first], [second])
        answer = {
            "probability": float(scores.probability[0]),
            "predicted": bool(scores.predicted[0]),
            "similarity": float(scores.similarity[0]),
            "threshold": opened.threshold,
        }
        print(json.dumps(answer) if as_json else _readable(answer))


def _readable(answer: dict[str, float]) -> str:
    verdict = "yes" if answer["predicted"] else "no"
    relation = "at or above" if answer["predicted"] else "below"
    return (
        f"probability  {answer['probability']:.4g}\n"
        f"same         {verdict} ({relation} the threshold of {answer['threshold']:.4g})\n"
        f"similarity   {answer['similarity']:.4g}"
    )
