from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import textsiamese as ts
from textsiamese.judging.few_shot import prototype_accuracies
from textsiamese.recipes.intent_sets import Intents

ROOT = Path(__file__).parent.parent.parent
INTENTS = Intents(
    "set", [f"{word} {i}" for word in ("bake", "ride") for i in range(9)], ["a"] * 9 + ["b"] * 9
)


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


def test_a_line_holds_every_draw(tiny_folder: Path) -> None:
    import few_shot

    twin = ts.load(tiny_folder)
    line = few_shot.judged("tiny", twin, INTENTS)
    assert (line.set, line.texts, line.intents, line.twin) == ("set", 18, 2, "tiny")
    assert line.fingerprint == INTENTS.fingerprint()
    vectors = twin.encode(INTENTS.texts)
    for shots, found in ((1, line.one_shot), (5, line.five_shot)):
        assert found == prototype_accuracies(vectors, INTENTS.labels, shots).tolist()
    assert line.one_shot != line.five_shot


def test_the_table_goes_set_by_set_and_tells_mean_and_deviation() -> None:
    import few_shot

    def line(name: str, twin: str) -> few_shot.Line:
        return few_shot.Line(name, "", 1800, 77, twin, [0.25, 0.5], [0.5, 0.75, 1.0])

    rows = list(few_shot.table([line("one", "x"), line("two", "x"), line("one", "y")]))
    assert [row.split(" | ")[0] for row in rows[2:]] == ["| one", "| one", "| two"]
    assert rows[3] == "| one | 1,800 | 77 | y | 0.375 ± 0.177 | 0.750 ± 0.250 |"
    assert np.std([0.25, 0.5], ddof=1) == pytest.approx(0.177, abs=0.001)
    assert rows[0].count("|") == rows[1].count("|") == rows[2].count("|")
