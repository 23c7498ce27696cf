"""What ``textsiamese train`` ends by saying: what came of it, and what to type next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textsiamese.learning.train import Trained
    from textsiamese.twins.twin import Twin

REPORT = "report.html"
_SCORED = "scored.csv"


def closing_lines(trained: Trained, out: Path, table: str) -> list[str]:
    """What was saved, how good it is, and what to type next."""
    found = trained.judged.evaluation
    honest = (
        "they neither trained nor chose anything"
        if trained.role == "test"
        else "they chose the epoch and fitted the decision, so they flatter a little"
    )

    def shown(name: str) -> str:
        low, high = found.intervals[name]
        return f"{name.replace('_', ' '):<20}{getattr(found, name):.3f}  ({low:.3f} to {high:.3f})"

    if Path(table).name == _SCORED:  # scored already, and not to be written over
        table = "PAIRS"
    megabytes = sum(each.stat().st_size for each in out.rglob("*")) / 1e6
    named = ("accuracy", "f1", "average_precision", "roc_auc")
    return [
        *_no_better(trained.twin),
        f"judged on {found.n:,} {trained.role} pairs ({honest}), with 95% intervals:",
        *(f"  {shown(name)}" for name in named),
        f"  {'ece':<20}{found.ece:.3f}  (perfect calibration shows up to {found.ece_band[1]:.3f})",
        f"saved to {out} ({megabytes:.1f} MB), with {out / REPORT} to look at",
        f"next: textsiamese score {table} --twin {out} -o {_SCORED}",
    ]


def _no_better(twin: Twin) -> list[str]:
    """A line where the training came to nothing, and what it began from was kept."""
    first = twin.info.training["epochs"][0]
    if first["epoch"] > 0 or not first["kept"]:
        return []
    return [
        f"no epoch was better on dev than {twin.info.base} as it was: its weights stay, and only "
        "the decision was fitted; more pairs or epochs, or another learning rate, may do better"
    ]
