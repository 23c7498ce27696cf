from __future__ import annotations

import json
from pathlib import Path

import pytest

import textsiamese as ts
from textsiamese.encoders.lstm import LstmConfig
from textsiamese.recipes import lstm_quora, quora

SAMPLE = Path(__file__).parent.parent.parent / "data" / "questions" / "sample_pairs.csv"


@pytest.mark.parametrize("loss", ["recipe", "triplet"])
def test_the_recipe_leaves_a_calibrated_bundle_and_its_scores(
    loss: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import pandas as pd

    monkeypatch.setattr(quora, "HELD_OUT", 104)
    monkeypatch.setattr(lstm_quora, "ENCODER", LstmConfig(embedding=8, hidden=8, dim=8))
    table = pd.read_csv(SAMPLE, keep_default_na=False)
    table = table[table["kind"].isin(["paraphrase", "related", "unrelated"])]
    (tmp_path / "quora").mkdir()
    table[:200].to_parquet(tmp_path / "quora" / "train.parquet")
    table[200:].to_parquet(tmp_path / "quora" / "dev.parquet")
    lstm_quora.make(tmp_path, tmp_path / "out", loss=loss, epochs=1, batch_size=32)

    twin = ts.load(tmp_path / "out")
    assert twin.decision is not None
    assert twin.decision.n == 104
    assert "non-commercial" in twin.info.terms
    printed = json.loads(capsys.readouterr().out)
    assert printed["quora/dev pairs"] == 60
    assert 0 <= printed["quora/dev accuracy, cross-fitted threshold"] <= 1
    for name, value in twin.info.scores.items():
        assert printed[name] == pytest.approx(value, nan_ok=True)
