from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import textsiamese as ts
from textsiamese.recipes import minilm_quora, quora
from textsiamese.recipes.minilm_quora import SHARES, least_share, with_hard_cases

SAMPLE = Path(__file__).parent.parent.parent / "data" / "questions" / "sample_pairs.csv"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder laid out as the real data is, with rows of the sample."""
    table = pd.read_csv(SAMPLE, keep_default_na=False)
    table = table[table["kind"].isin(["paraphrase", "related", "unrelated"])]
    folder = tmp_path / "data"
    for name in ("quora", "paraphrase"):
        (folder / name).mkdir(parents=True)
    table[:200].to_parquet(folder / "quora" / "train.parquet")
    table[200:].to_parquet(folder / "quora" / "dev.parquet")
    columns = {"question1": "sentence1", "question2": "sentence2", "is_duplicate": "label"}
    paws = table[:40].rename(columns=columns)[["sentence1", "sentence2", "label"]]
    paws.to_parquet(folder / "paraphrase" / "paws_wiki.parquet")
    return folder


@pytest.mark.parametrize("loss", ["distillation+negatives", "contrastive+negatives"])
def test_the_recipe_leaves_a_calibrated_bundle_and_its_scores(
    loss: str,
    data: Path,
    tmp_path: Path,
    bert_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(quora, "HELD_OUT", 104)
    labelled = pd.read_parquet(data / "quora" / "train.parquet")
    labelled["probability"] = np.linspace(0.05, 0.95, 200)
    labelled.to_parquet(tmp_path / "labelled.parquet")
    minilm_quora.make(
        data,
        tmp_path / "out",
        teacher=tmp_path / "labelled.parquet",
        base=str(bert_folder),
        loss=loss,
        pieces=400,
        epochs=1,
    )
    twin = ts.load(tmp_path / "out")
    assert twin.measure.name == ("pair-head" if loss.startswith("distillation") else "cosine")
    assert twin.decision is not None
    assert twin.decision.n == 104
    assert len(twin.encoder.vocabulary) == 400
    assert "non-commercial" in twin.info.terms
    printed = json.loads(capsys.readouterr().out)
    assert printed["quora/dev pairs"] == 60
    for name, value in twin.info.scores.items():
        assert printed[name] == pytest.approx(value, nan_ok=True)


@dataclass
class Ranked:
    """Stands for a twin that puts ``wrong`` of 100 different pairs before all same ones."""

    wrong: int

    def similarity(self, left: Sequence[str], right: Sequence[str]) -> np.ndarray:
        found = np.repeat([1.0, 0.0], 100)
        found[100 : 100 + self.wrong] = 2.0
        return found


@pytest.mark.parametrize(
    ("wrong", "share"),
    [
        ({0.5: 0}, 0.5),
        ({0.5: 9, 0.6: 9, 0.7: 0}, 0.7),
        (dict.fromkeys(SHARES, 9), 1.0),
    ],
)
def test_as_little_is_kept_of_the_training_as_costs_nothing(
    wrong: dict[float, int], share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    dev = ts.Pairs(["a"] * 200, ["b"] * 200, np.repeat([1, 0], 100))
    monkeypatch.setattr(ts, "blend", lambda before, after, share: Ranked(wrong[share]))
    assert least_share(Ranked(50), Ranked(0), dev) == share


def test_hard_cases_are_taught_by_their_labels(data: Path) -> None:
    train = ts.read_pairs(data / "quora" / "train.parquet")
    more = with_hard_cases(train, data, 0.1, seed=0)
    assert more.taught is None
    assert list(more.left[: len(train)]) == list(train.left)
    with_teacher = replace(train, taught=np.full(200, 0.3))
    taught = with_hard_cases(with_teacher, data, 0.1, seed=0).taught
    assert (taught[:200] == 0.3).all()
    np.testing.assert_array_equal(taught[200:], more.labels[200:])
    assert len(more) > 200
    assert with_hard_cases(train, data, 0, seed=0) is train
