from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from textsiamese.errors import BundleError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning import beginning
from textsiamese.learning.beginning import (
    beginning_for,
    begins_new,
    first_twin,
    picture_sides_of,
)
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.cross_entropy import PairCrossEntropy
from textsiamese.learning.distillation import DistillationLoss
from textsiamese.learning.vector_distillation import VectorDistillationLoss
from textsiamese.twins.bundle import load
from textsiamese.twins.similarity import PairHead

TAUGHT, BY_VECTORS = [(1.0, DistillationLoss())], [(1.0, VectorDistillationLoss())]
HEAD, COSINE = [(1.0, PairCrossEntropy())], [(1.0, ContrastiveLoss())]


def test_a_few_english_pairs_begin_from_the_bundled_twin(train: Pairs) -> None:
    assert not begins_new(train)
    assert beginning_for(train) == "lstm-quora"
    twin = first_twin(None, train)
    assert (twin.info.name, twin.measure.name) == ("lstm-quora", "pair-head")
    assert twin.fingerprint


def test_many_pairs_or_another_language_begin_anew(
    train: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = ["Wie lerne ich Straßenbahnfahren?", "Γιατί δεν φουσκώνει το ψωμί μου;"]
    right = ["Überprüfungszeitraum", "где я могу вернуть обувь без коробки"]
    assert begins_new(Pairs(left, right, np.array([1, 0]), "foreign"))
    monkeypatch.setattr(beginning, "_MANY", 200)
    assert begins_new(train)
    assert beginning_for(train) == "lstm"
    assert first_twin(None, train).fingerprint == ""


def test_where_it_begins_is_looked_for_beforehand(tmp_path: Path) -> None:
    for known in (None, "lstm", "lstm-quora"):
        picture_sides_of(known)
    with pytest.raises(BundleError, match="no folder and no bundled twin"):
        picture_sides_of("nowhere")
    with pytest.raises(BundleError, match=r"no twin\.json; and no model either"):
        picture_sides_of(str(tmp_path))


@pytest.mark.parametrize(
    ("losses", "name"),
    [(None, "pair-head"), (HEAD, "pair-head"), (TAUGHT, "pair-head"), (COSINE, "cosine")],
)
@pytest.mark.parametrize("encoder", ["lstm", "lstm-quora"])
def test_the_similarity_is_one_that_the_losses_teach(
    train: Pairs, encoder: str, losses: list | None, name: str
) -> None:
    twin = first_twin(encoder, train, losses)
    assert twin.measure.name == name
    assert (twin.decision is None) == (encoder == "lstm" or name == "cosine")


def test_same_pairs_alone_and_graded_ones_are_compared_by_cosine(train: Pairs) -> None:
    same = train.subset(train.labels == 1)
    graded = Pairs(train.left, train.right, train.labels, "graded", np.linspace(0, 1, 200))
    assert {first_twin("lstm", each).measure.name for each in (same, graded)} == {"cosine"}


def test_a_new_twin_is_drawn_by_its_seed(train: Pairs) -> None:
    torch.manual_seed(3)
    one = first_twin("lstm", train, seed=5)
    torch.manual_seed(4)
    again, other = first_twin("lstm", train, seed=5), first_twin("lstm", train, seed=6)
    assert torch.equal(one.encoder.embedding.weight, again.encoder.embedding.weight)
    assert not torch.equal(one.encoder.embedding.weight, other.encoder.embedding.weight)
    assert isinstance(one.measure, PairHead)
    assert np.array_equal(one.measure.weights["inner"], again.measure.weights["inner"])


def test_a_twin_that_is_not_there(train: Pairs) -> None:
    with pytest.raises(BundleError, match='did you mean "lstm-quora"'):
        first_twin("lstm-qora", train)


def test_a_student_is_as_wide_as_its_teacher(train: Pairs, tiny_folder: Path) -> None:
    narrow = load(tiny_folder)
    assert beginning_for(train, narrow) == "lstm"
    student = first_twin(None, train, teacher=narrow)
    assert student.encoder.config.dim == narrow.encoder.config.dim == 16
    assert student.measure.name == "pair-head"
    wide = load("lstm-quora")
    assert beginning_for(train, wide) == "lstm"  # it knows its own vectors already
    wide.fingerprint += " on cuda"
    assert beginning_for(train, wide) == "lstm"
    wide.fingerprint = "another one as wide"
    assert beginning_for(train, wide) == "lstm-quora"


@pytest.mark.parametrize("encoder", ["lstm", "lstm-quora"])
def test_where_vectors_alone_are_learnt_their_similarity_is_the_teachers(
    train: Pairs, encoder: str
) -> None:
    teacher = load("lstm-quora")
    texts = Pairs.of_texts(train.left)
    for table, losses in ((texts, None), (train, BY_VECTORS)):
        assert first_twin(encoder, table, losses, teacher=teacher).measure is teacher.measure
    for losses in (None, [*HEAD, *BY_VECTORS]):
        assert first_twin("lstm", train, losses, teacher=teacher).measure is not teacher.measure


def test_probabilities_are_learnt_by_a_pair_head(train: Pairs) -> None:
    same = train.subset(train.labels == 1)
    taught = replace(same, taught=np.linspace(0, 1, len(same)))
    assert first_twin("lstm", taught).measure.name == "pair-head"
