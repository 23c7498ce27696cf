from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import textsiamese as ts
from textsiamese.recipes import lstm_quora, quora

SAMPLE = Path(__file__).parent.parent.parent / "data" / "questions" / "sample_pairs.csv"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the recipe reads it, made of our sample pairs."""
    monkeypatch.setattr(quora, "HELD_OUT", 104)
    table = pd.read_csv(SAMPLE, keep_default_na=False)
    table = table[table["kind"].isin(["paraphrase", "related", "unrelated"])]
    for folder in ("quora", "questions", "paraphrase"):
        (tmp_path / folder).mkdir()
    table[:200].to_parquet(tmp_path / "quora" / "train.parquet")
    table[200:].to_parquet(tmp_path / "quora" / "dev.parquet")
    questions = [
        f"How many {thing} are there in a {place}?" for thing in "abcdef" for place in "xyz"
    ]
    asked = pd.DataFrame({"question": [*table["question1"], *questions]})
    asked.to_parquet(tmp_path / "questions" / "unlabelled.parquet")
    changed = [(f"{a} before {b}", f"{b} before {a}") for a in "abcd" for b in "efgh"]
    paws = pd.DataFrame(changed, columns=["sentence1", "sentence2"]).assign(label=[0, 1] * 8)
    paws.to_parquet(tmp_path / "paraphrase" / "paws_wiki.parquet")
    return tmp_path


def made(data: Path, loss: str, resume: bool = False) -> None:
    lstm_quora.make(
        data,
        data / "out",
        loss=loss,
        vector_epochs=1,
        mined=40,
        contrasts=0.2,
        embedding=8,
        hidden=8,
        pieces=400,
        epochs=1,
        resume=resume,
    )


@pytest.mark.parametrize("loss", ["distillation", "contrastive+vectors", "triplet"])
def test_the_recipe_leaves_a_calibrated_bundle_and_its_scores(
    loss: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(data, loss)
    twin = ts.load(data / "out")
    assert twin.decision is not None
    assert twin.decision.n == 104
    assert twin.measure.name == ("pair-head" if loss == "distillation" else "cosine")
    assert "non-commercial" in twin.info.terms
    printed = json.loads(capsys.readouterr().out)
    assert printed["quora/dev pairs"] == 60
    assert 0 <= printed["quora/dev accuracy, cross-fitted threshold"] <= 1
    for name, value in twin.info.scores.items():
        assert printed[name] == pytest.approx(value, nan_ok=True)


def test_each_step_goes_on_from_what_is_there(data: Path) -> None:
    made(data, "distillation")
    first = (data / "out" / "model.safetensors").read_bytes()
    begun = (data / "out.vectors" / "twin.json").stat().st_mtime_ns
    made(data, "distillation", resume=True)
    assert (data / "out" / "model.safetensors").read_bytes() == first
    assert (data / "out.vectors" / "twin.json").stat().st_mtime_ns == begun
