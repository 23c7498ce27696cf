from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from textsiamese.cli.closing import closing_lines


@pytest.mark.parametrize(
    ("epochs", "told"),
    [
        ([{"epoch": 0, "kept": True}, {"epoch": 1, "kept": False}], True),
        ([{"epoch": 0, "kept": False}, {"epoch": 1, "kept": True}], False),
        ([{"epoch": 1, "kept": True}], False),
    ],
)
def test_a_training_that_came_to_nothing_says_so(
    epochs: list[dict[str, object]], told: bool, tmp_path: Path
) -> None:
    named = ("accuracy", "f1", "average_precision", "roc_auc", "ece")
    found = SimpleNamespace(**dict.fromkeys(named, 0.5), n=60, ece_band=(0, 1))
    found.intervals = dict.fromkeys(named, (0.4, 0.6))
    info = SimpleNamespace(base="lstm-quora", training={"epochs": epochs})
    trained = SimpleNamespace(
        twin=SimpleNamespace(info=info), role="test", judged=SimpleNamespace(evaluation=found)
    )
    first, *_, last = closing_lines(trained, tmp_path, "pairs.csv")
    assert last == f"next: textsiamese score pairs.csv --twin {tmp_path} -o scored.csv"
    scored = closing_lines(trained, tmp_path, "here/scored.csv")[-1]
    assert scored == f"next: textsiamese score PAIRS --twin {tmp_path} -o scored.csv"
    assert first.startswith("no epoch was better on dev than lstm-quora as it was") == told
