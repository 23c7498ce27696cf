"""Twins that are told one or five examples of each intent: how many other texts they place right.

`robustness.py` runs this; `prototype_accuracies` says how examples are drawn and texts placed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import textsiamese as ts
from textsiamese.judging.few_shot import prototype_accuracies
from textsiamese.recipes.intent_sets import Intents

DRAWS = 10


@dataclass(frozen=True)
class Line:
    """One twin on one set; an accuracy for each draw of examples."""

    set: str
    fingerprint: str
    texts: int
    intents: int
    twin: str
    one_shot: list[float]
    five_shot: list[float]


def judged(name: str, twin: ts.Siamese, intents: Intents) -> Line:
    """A twin on a set of intents."""
    vectors = twin.encode(intents.texts)
    one, five = (
        prototype_accuracies(vectors, intents.labels, shots, draws=DRAWS).tolist()
        for shots in (1, 5)
    )
    return Line(
        set=intents.name,
        fingerprint=intents.fingerprint(),
        texts=len(intents.texts),
        intents=len(set(intents.labels)),
        twin=name,
        one_shot=one,
        five_shot=five,
    )


def table(lines: list[Line]) -> Iterator[str]:
    """The lines as Markdown, set by set: mean and standard deviation over the draws."""
    yield "| set | texts | intents | twin | one example each | five examples each |"
    yield "| --- | ---: | ---: | --- | ---: | ---: |"
    for name in dict.fromkeys(line.set for line in lines):
        for line in (each for each in lines if each.set == name):
            shown = " | ".join(map(_spread, (line.one_shot, line.five_shot)))
            yield f"| {name} | {line.texts:,} | {line.intents} | {line.twin} | {shown} |"


def _spread(accuracies: list[float]) -> str:
    return f"{np.mean(accuracies):.3f} ± {np.std(accuracies, ddof=1):.3f}"
