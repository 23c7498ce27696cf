"""A student that learns from a teacher: vectors, probabilities, both, and texts alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.metrics import average_precision
from textsiamese.learning import trainer as training
from textsiamese.learning.config import FitConfig
from textsiamese.learning.fit import fit
from textsiamese.twins.bundle import load
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import PairHead

LEARNING = FitConfig(epochs=25, batch_size=20, learning_rate=0.02, bf16=False)
SHORT = FitConfig(epochs=3, batch_size=25, learning_rate=0.02, bf16=False, keep_checkpoints=True)
ALL = "0.5*cross-entropy+0.5*distillation+vector-distillation"


def drawn(train: Pairs, seed: int, hidden: int, head: bool = True) -> Siamese:
    torch.manual_seed(seed)
    sizes = LstmConfig(embedding=12, hidden=hidden, dim=12, dropout=0.1)
    encoder = LstmEncoder.for_texts(train.texts, sizes, 400)
    named = TwinInfo(name="student")
    return Siamese(encoder, PairHead.new(12, 8) if head else None, info=named)


@pytest.fixture(scope="module")
def teacher(train: Pairs, dev: Pairs, tmp_path_factory: pytest.TempPathFactory) -> Siamese:
    """Another kind of twin, that knows the topics."""
    out = tmp_path_factory.mktemp("teachers") / "wise"
    config = replace(LEARNING, epochs=12, batch_size=10)
    twin = drawn(train, 7, 14).with_parts(info=TwinInfo(name="wise"))
    return fit(twin, train, dev, loss="cross-entropy", out=out, config=config)


@pytest.fixture(scope="module")
def taught(train: Pairs, teacher: Siamese) -> Pairs:
    return replace(train, taught=teacher.score(train.left, train.right))


def cosine(one: Siamese, other: Siamese, pairs: Pairs) -> float:
    return float((one.encode(pairs.left) * other.encode(pairs.left)).sum(axis=1).mean())


@pytest.mark.parametrize("alone", [True, False])
def test_a_student_learns_the_vectors_of_a_teacher(
    train: Pairs, dev: Pairs, teacher: Siamese, tmp_path: Path, alone: bool
) -> None:
    table = Pairs.of_texts(sorted(set(train.texts)), "texts.csv") if alone else train
    student = drawn(train, 0, 10, head=False)
    assert cosine(student, teacher, dev) < 0.4
    out = tmp_path / "twin"
    fitted = fit(student, table, dev, out=out, config=LEARNING, teacher=teacher)
    assert cosine(fitted, teacher, dev) > 0.9
    assert fitted.decision
    assert fitted.info.trained_on.endswith("taught by the vectors of wise")
    assert fitted.info.training["teacher"] == f"wise ({teacher.fingerprint[:16]})"
    assert not Path(f"{out}.checkpoints").exists()


def test_with_the_teachers_own_similarity_texts_alone_make_a_twin_like_it(
    train: Pairs, dev: Pairs, teacher: Siamese, tmp_path: Path
) -> None:
    student = drawn(train, 0, 10).with_parts(measure=teacher.measure)
    texts = Pairs.of_texts(sorted(set(train.texts)), "texts.csv")
    fitted = fit(student, texts, dev, out=tmp_path / "twin", config=LEARNING, teacher=teacher)
    one, other = (twin.similarity(dev.left, dev.right) for twin in (fitted, teacher))
    assert np.corrcoef(one, other)[0, 1] > 0.9
    for name, values in teacher.measure.weights.items():  # which nothing taught
        np.testing.assert_allclose(fitted.measure.weights[name], values, atol=1e-3)


def test_a_student_learns_what_a_teacher_says_of_pairs(
    train: Pairs, dev: Pairs, tmp_path: Path
) -> None:
    """The labels are wrong, all of them; its word is right, and is the one that is heard."""
    table = replace(train, labels=1 - train.labels, taught=0.1 + 0.8 * train.labels)
    student = drawn(train, 0, 10)
    fitted = fit(student, table, dev, loss="distillation", out=tmp_path / "t", config=LEARNING)
    assert average_precision(fitted.similarity(dev.left, dev.right), dev.labels) > 0.85
    assert fitted.info.trained_on == "train.csv (200 pairs) with a teacher's probabilities"


def run(taught: Pairs, dev: Pairs, wise: Siamese, out: Path, **options: Any) -> Siamese:
    given = {"loss": ALL, "config": SHORT, "teacher": wise, **options}
    return fit(drawn(taught, 0, 10), taught, dev, out=out, **given)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch, teacher: Siamese) -> list[int]:
    """How many texts the teacher was given, time after time."""
    counts: list[int] = []
    runtime = teacher.tower("left").runtime
    encode = runtime.encode

    def counted(texts: Any) -> Any:
        counts.extend([len(texts)] if len(texts) else [])
        return encode(texts)

    monkeypatch.setattr(runtime, "encode", counted)
    return counts


def test_a_resumed_run_ends_with_the_same_bits_and_encodes_nothing_again(
    taught: Pairs,
    dev: Pairs,
    teacher: Siamese,
    encoded: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = run(taught, dev, teacher, tmp_path / "whole")
    every = [len(set(taught.texts))]
    assert encoded == every
    with monkeypatch.context() as patch:
        end_after_an_epoch(patch)
        with pytest.raises(KeyboardInterrupt):
            run(taught, dev, teacher, tmp_path / "twin")
    assert encoded == every * 2
    resumed = run(taught, dev, teacher, tmp_path / "twin", resume=True)
    assert encoded == every * 2
    assert resumed.fingerprint == whole.fingerprint


def end_after_an_epoch(patch: pytest.MonkeyPatch) -> None:
    def on_evaluate(self: Any, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.epoch > 1:
            raise KeyboardInterrupt

    patch.setattr(training.Progress, "on_evaluate", on_evaluate)


def test_vectors_in_a_folder_of_their_own_serve_other_runs(
    taught: Pairs, dev: Pairs, teacher: Siamese, encoded: list[int], tmp_path: Path
) -> None:
    config = replace(SHORT, epochs=1, keep_checkpoints=False)
    kept = {"teacher_vectors": tmp_path / "vectors", "config": config}
    one = run(taught, dev, teacher, tmp_path / "one", **kept)
    other = run(taught, dev, teacher, tmp_path / "other", **kept)
    assert len(encoded) == 1
    assert (tmp_path / "vectors" / "store.json").exists()
    assert not (tmp_path / "one.checkpoints").exists()
    assert one.fingerprint == other.fingerprint


def test_another_teacher_is_another_run(
    taught: Pairs, dev: Pairs, teacher: Siamese, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher.with_decision(threshold=0.9).save(tmp_path / "other")
    other = load(tmp_path / "other")
    with monkeypatch.context() as patch:
        end_after_an_epoch(patch)
        with pytest.raises(KeyboardInterrupt):
            run(taught, dev, teacher, tmp_path / "twin")
    with pytest.raises(InputError, match=r"teacher was wise \(\w+\) and is wise \(\w+\)"):
        run(taught, dev, other, tmp_path / "twin", resume=True)
    loss = {"loss": "cross-entropy+distillation", "teacher": None}
    with pytest.raises(InputError, match=r"teacher was wise \(\w+\) and is not set"):
        run(taught, dev, teacher, tmp_path / "twin", resume=True, **loss)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"teacher": None}, "name the teacher"),
        ({"loss": "cross-entropy"}, "wise would teach nothing"),
        ({"teacher_vectors": "notes"}, "notes is no folder of vectors"),
        ({"teacher_vectors": "twin"}, "twin is for the twin alone: name a folder beside it"),
        (
            {"teacher_vectors": "notes/../twin/v"},
            "the teacher's vectors cannot stay in .*twin/v, as",
        ),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(
    taught: Pairs, dev: Pairs, teacher: Siamese, tmp_path: Path, options: Any, said: str
) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    if "teacher_vectors" in options:
        options = {"teacher_vectors": tmp_path / options["teacher_vectors"]}
    with pytest.raises(InputError, match=said):
        run(taught, dev, teacher, tmp_path / "twin", **options)
    assert [each.name for each in tmp_path.iterdir()] == ["notes"]
