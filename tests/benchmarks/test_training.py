from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample pairs in the place of Quora's, and small sizes."""
    pairs = pd.read_csv(ROOT / "data/questions/sample_pairs.csv", keep_default_na=False)
    (tmp_path / "quora").mkdir()
    pairs[:240].to_parquet(tmp_path / "quora/train.parquet")
    pairs[240:].to_parquet(tmp_path / "quora/dev.parquet")
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import training

    scratch = training.Settings(batch=16, rate=4e-3, warmup=0.05)
    small = {"VOCABULARY": 600, "EMBEDDING": 5, "HIDDEN": 4, "FROM_SCRATCH": scratch}
    for name, value in small.items():
        monkeypatch.setattr(training, name, value)
    return tmp_path


@pytest.mark.parametrize("side", ["ours", "peer"])
@pytest.mark.parametrize("kind", ["new", "fine-tuned"])
def test_a_script_trains_and_prints_what_it_measured(
    folder: Path,
    bert_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    side: str,
    kind: str,
) -> None:
    script = str(ROOT / "benchmarks" / f"{side}_train.py")
    options = [] if kind == "new" else ["--base", str(bert_folder), "--dev", "80"]
    options += ["--bf16"] if (side, kind) == ("peer", "fine-tuned") else []
    monkeypatch.setattr(sys, "argv", [script, str(folder), "--pairs", "64", *options])
    runpy.run_path(script, run_name="__main__")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert sorted(told) == ["accuracy", "average_precision", "seconds"]
    assert 0 < told["seconds"] < 60
    assert 0.2 < told["average_precision"] < 1
    assert 0.3 < told["accuracy"] < 1


def test_the_clock_stops_with_the_last_step(folder: Path) -> None:
    import torch
    from training import Clock

    loss = torch.nn.Identity()
    clock = Clock(loss)
    assert clock.seconds == 0
    loss(1)
    first = clock.seconds
    loss(1)
    assert clock.seconds > first > 0
