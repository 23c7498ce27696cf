from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

import textsiamese as ts

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


def pairs(name: str, grades: list[float] | None = None) -> ts.Pairs:
    given = None if grades is None else np.array(grades)
    return ts.Pairs(["a", "a", "b", "c"], ["A", "x y z", "b", "w"], [1, 0, 1, 0], name, given)


def test_a_line_is_what_evaluate_says(tiny_folder: Path) -> None:
    import robustness

    twin, dev = ts.load(tiny_folder), pairs("dev", [1.0, 0.2, 0.9, 0.1])
    line, judged = robustness.judged("tiny", twin, dev), ts.evaluate(twin, dev)
    assert (line.set, line.pairs, line.same, line.twin) == ("dev", 4, 0.5, "tiny")
    for name in ("average_precision", "roc_auc", "cross_fitted_accuracy", "accuracy"):
        assert getattr(line, name) == getattr(judged, name)
    assert -1 <= line.spearman <= 1


def test_a_model_without_decision_has_no_accuracy_of_its_own() -> None:
    import robustness

    encoder = ts.LstmEncoder.for_texts(["a b c"] * 9, ts.LstmConfig(embedding=4, hidden=4, dim=4))
    line = robustness.judged("new", ts.Siamese(encoder), pairs("dev"))
    assert (line.accuracy, line.spearman) == (None, None)
    assert f"{line.cross_fitted_accuracy:.3f} |  |  |" in list(robustness.table([line]))[-1]


def test_the_contrast_pairs_come_by_phenomenon() -> None:
    import robustness

    sets = robustness.contrast_sets()
    assert [len(each) for each in sets.values()] == [84] * 4
    assert list(sets) == [f"contrast, {each}" for each in ("order", "negation", "number", "name")]
    assert "impossible" in " ".join(sets["contrast, negation"].texts)


def test_two_runs_end_in_one_table(
    tiny_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import robustness

    monkeypatch.setattr(robustness, "robustness_sets", lambda data: {"dev": pairs("dev")})
    monkeypatch.setattr(robustness, "contrast_sets", lambda: {"other": pairs("other")})
    out = tmp_path / "out.json"
    asked = ["robustness.py", str(tiny_folder), "--data", str(tmp_path), "--json", str(out)]
    monkeypatch.setattr(sys, "argv", asked)
    robustness.main()
    monkeypatch.setattr(sys, "argv", [*asked, "--earlier", str(out)])
    capsys.readouterr()
    robustness.main()
    rows = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[0] for row in rows[-4:]] == ["| dev", "| dev", "| other", "| other"]
    assert len(json.loads(out.read_text())["lines"]) == 4


def test_lines_of_other_pairs_are_refused(tmp_path: Path, tiny_folder: Path) -> None:
    import robustness

    line = robustness.judged("tiny", ts.load(tiny_folder), pairs("dev"))
    file = tmp_path / "earlier.json"
    file.write_text(json.dumps({"lines": [asdict(line)]}))
    assert robustness.earlier_lines(file, {"dev": pairs("dev")}) == [line]
    with pytest.raises(SystemExit, match="was measured on other pairs: dev"):
        robustness.earlier_lines(file, {"dev": pairs("dev", [1, 0, 1, 0])})
