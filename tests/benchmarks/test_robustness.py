from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import textsiamese as ts
from textsiamese.recipes.intent_sets import Intents

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


class Run:
    """`main` on one set of pairs and one of intents, in a folder."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        import robustness

        self.module, self.folder, self.patch = robustness, folder, patch
        texts = [f"{word} {i}" for word in ("bake", "ride") for i in range(9)]
        self.intents = Intents("intents", texts, ["a"] * 9 + ["b"] * 9)
        patch.setattr(robustness, "robustness_sets", lambda data: {"dev": pairs("dev")})
        patch.setattr(robustness, "contrast_sets", lambda: {"other": pairs("other")})
        patch.setattr(robustness, "intent_sets", lambda data: [self.intents])

    def __call__(self, *asked: object) -> dict[str, Any]:
        out = self.folder / "out.json"
        said = ["robustness.py", "--data", self.folder, *asked, "--json", out]
        self.patch.setattr(sys, "argv", [str(each) for each in said])
        self.module.main()
        return json.loads(out.read_text())


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(tmp_path, monkeypatch)


def twins(kept: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    return [(line["set"], line["twin"]) for line in kept[kind]]


def test_a_twin_measured_anew_takes_its_place_among_those_kept(
    run: Run, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (str(shutil.copytree(tiny_folder, tmp_path / name)) for name in ("one", "two"))
    first = run(one, two)
    for line in first["pairs"] + first["intents"]:
        line |= {"roc_auc": 0.125} if "roc_auc" in line else {"one_shot": [0.125, 0.125]}
    first["measured"] = {
        each: {**about, "commit": "old"} for each, about in first["measured"].items()
    }
    (tmp_path / "first.json").write_text(json.dumps(first))
    capsys.readouterr()
    again = run(one, "--earlier", tmp_path / "first.json")
    for kind, sets in (("pairs", ("dev", "other")), ("intents", ("intents",))):
        assert twins(again, kind) == twins(first, kind)
        assert {*twins(again, kind)} == {(name, twin) for name in sets for twin in (one, two)}
        kept = [old == new for old, new in zip(first[kind], again[kind], strict=True)]
        assert kept == [twin == two for _, twin in twins(again, kind)]
    assert again["measured"][two]["commit"] == "old" != again["measured"][one]["commit"]
    said = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[0] for row in said if row.startswith("| ")] == [
        *("| set", "| ---", "| dev", "| dev", "| other", "| other"),
        *("| set", "| ---", "| intents", "| intents"),
    ]
    assert said[1].startswith(f"{two}: ")
    assert "commit old" in said[1]


def test_another_twin_joins_those_kept(run: Run, tiny_folder: Path, tmp_path: Path) -> None:
    new = str(shutil.copytree(tiny_folder, tmp_path / "new"))
    first = run(tiny_folder)
    both = run(new, "--earlier", tmp_path / "out.json")
    assert list(both["measured"]) == [str(tiny_folder), new]
    for kind in ("pairs", "intents"):
        size = len(first[kind])
        assert both[kind][:size] == first[kind]
        assert both[kind][size:] == [{**line, "twin": new} for line in first[kind]]


def test_results_on_other_texts_are_refused(run: Run, tiny_folder: Path, tmp_path: Path) -> None:
    run(tiny_folder)
    earlier = shutil.copy(tmp_path / "out.json", tmp_path / "earlier.json")
    run.intents = replace(run.intents, labels=["b"] * 9 + ["a"] * 9)
    with pytest.raises(SystemExit, match=r"earlier\.json was measured on other texts: intents; "):
        run(tiny_folder, "--earlier", earlier)
    run.patch.setattr(run.module, "robustness_sets", lambda data: {"dev": pairs("dev", [0] * 4)})
    with pytest.raises(SystemExit, match="on other texts: dev, intents; measure again"):
        run(tiny_folder, "--earlier", earlier)


def test_a_file_of_another_form_is_refused(run: Run, tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "older.json").write_text('{"date": "", "lines": []}')
    with pytest.raises(SystemExit, match=r"older\.json is not what --json writes; measure again"):
        run(tiny_folder, "--earlier", tmp_path / "older.json")


def test_the_results_in_the_repository_can_be_gone_on_from() -> None:
    import robustness

    file = ROOT / "benchmarks" / "robustness.json"
    said = json.loads(file.read_text())
    known = {line["set"]: line["fingerprint"] for line in said["pairs"] + said["intents"]}
    found = robustness.earlier_results(file, known)
    assert {"lstm-quora", "minilm-quora", robustness.ZERO_SHOT} <= found.measured.keys()
    for lines in (found.pairs, found.intents):
        assert {line.twin for line in lines} == found.measured.keys()
        assert len(lines) == len({line.set for line in lines}) * len(found.measured)
