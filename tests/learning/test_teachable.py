from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.cross_entropy import PairCrossEntropy
from textsiamese.learning.distillation import DistillationLoss
from textsiamese.learning.multiple_negatives import MultipleNegativesLoss
from textsiamese.learning.objectives import Loss
from textsiamese.learning.teachable import check_teachable, check_teacher
from textsiamese.learning.triplet import TripletLoss
from textsiamese.learning.vector_distillation import VectorDistillationLoss
from textsiamese.twins.cross_encoder_folder import load_cross_encoder
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import PairHead

NOTHING = np.arange(0)


def check(
    encoder: LstmEncoder, train: Pairs, dev: Pairs, held: Pairs, loss: Loss | None = None
) -> None:
    check_teachable(Siamese(encoder), train, dev, held, [(1.0, loss or ContrastiveLoss())])


def test_tables_of_both_kinds_can_teach(
    encoder: LstmEncoder, train: Pairs, dev: Pairs, held: Pairs
) -> None:
    check(encoder, train, dev, held)


def test_tables_that_cannot_be_used(
    encoder: LstmEncoder, train: Pairs, dev: Pairs, held: Pairs
) -> None:
    ones = np.flatnonzero(dev.labels)
    for said, tables in {
        r"the train table \(train.csv\) has no pairs": (train.subset(NOTHING), dev, held),
        r"the dev table \(dev.csv\) has 50 pairs of one kind": (train, dev.subset(ones), held),
        r"the dev table \(dev.csv\) has 0 pairs": (train, dev.subset(NOTHING), held),
        r"the decide_on table \(dev.csv\) has 50 pairs": (train, dev, dev.subset(ones)),
        r"dev.csv has 20 pairs, and the decision needs 50": (train, dev, dev.subset(range(20))),
        r"all texts of the train table \(train.csv\) are equal": (
            replace(train, left=["a"] * 200, right=["a"] * 200),
            dev,
            held,
        ),
    }.items():
        with pytest.raises(InputError, match=said):
            check(encoder, *tables)


@pytest.mark.parametrize(("kind", "word"), [(1, r"same \(1\)"), (0, r"different \(0\)")])
def test_one_kind_of_pair_teaches_a_pair_loss_nothing(
    encoder: LstmEncoder, train: Pairs, dev: Pairs, held: Pairs, kind: int, word: str
) -> None:
    with pytest.raises(
        InputError, match=f"all 100 pairs of the train table .* are labelled {word}"
    ):
        check(encoder, train.subset(train.labels == kind), dev, held)


@pytest.mark.parametrize("loss", [MultipleNegativesLoss(), TripletLoss()])
def test_same_pairs_alone_teach_a_loss_with_other_rows_as_negatives(
    encoder: LstmEncoder, train: Pairs, dev: Pairs, held: Pairs, loss: Loss
) -> None:
    check(encoder, train.subset(train.labels == 1), dev, held, loss)
    with pytest.raises(InputError, match="different"):
        check(encoder, train.subset(train.labels == 0), dev, held, loss)


def test_a_pair_head_that_no_loss_teaches(
    encoder: LstmEncoder, train: Pairs, dev: Pairs, held: Pairs
) -> None:
    twin = Siamese(encoder, PairHead.new(encoder.config.dim))
    check_teachable(twin, train, dev, held, [(0.1, PairCrossEntropy()), (1.0, ContrastiveLoss())])
    with pytest.raises(InputError, match="pair-head would learn nothing"):
        check_teachable(twin, train, dev, held, [(1.0, ContrastiveLoss())])


BY_VECTORS, BY_PAIRS = VectorDistillationLoss(), DistillationLoss()


def test_texts_alone_can_teach_a_pair_head_s_twin(
    encoder: LstmEncoder, train: Pairs, dev: Pairs, held: Pairs
) -> None:
    twin = Siamese(encoder, PairHead.new(encoder.config.dim))
    texts = Pairs.of_texts(train.left)
    check_teachable(twin, texts, dev, held, [(1.0, BY_VECTORS)])
    with pytest.raises(InputError, match=r"labelled same \(1\)"):
        check_teachable(twin, texts, dev, held, [(1.0, BY_VECTORS), (1.0, PairCrossEntropy())])


def test_probabilities_teach_a_head_whatever_the_labels(
    encoder: LstmEncoder, train: Pairs, dev: Pairs, held: Pairs
) -> None:
    twin = Siamese(encoder, PairHead.new(encoder.config.dim))
    same = train.subset(train.labels == 1)
    with pytest.raises(InputError, match=r"labelled same \(1\)"):
        check_teachable(twin, same, dev, held, [(1.0, BY_PAIRS)])
    taught = replace(same, taught=np.linspace(0, 1, 100))
    check_teachable(twin, taught, dev, held, [(1.0, BY_PAIRS)])


@pytest.fixture
def teacher(encoder: LstmEncoder) -> Siamese:
    return Siamese(encoder, info=TwinInfo(name="wise"), fingerprint="f" * 64)


def test_a_teacher_that_fits(encoder: LstmEncoder, train: Pairs, teacher: Siamese) -> None:
    twin, taught = Siamese(encoder), replace(train, taught=train.labels)
    check_teacher(twin, train, [(1.0, ContrastiveLoss())], None)
    check_teacher(twin, taught, [(1.0, BY_PAIRS)], None)
    check_teacher(twin, train, [(1.0, ContrastiveLoss()), (0.1, BY_VECTORS)], teacher)


@pytest.mark.parametrize(
    ("loss", "change", "said"),
    [
        (BY_PAIRS, None, "train.csv has none: let a teacher score it .*--teacher-column"),
        (BY_VECTORS, None, "name the teacher with --teacher TWIN"),
        (ContrastiveLoss(), {}, "wise would teach nothing: .*vector-distillation"),
        (BY_VECTORS, {"dim": 4}, "have 10 values and those of wise 4: .*dim=4"),
        (BY_VECTORS, {"fingerprint": ""}, r"wise was not opened from a folder.*ts\.load"),
    ],
)
def test_teachers_that_do_not_fit(
    encoder: LstmEncoder, train: Pairs, teacher: Siamese, loss: Loss, change: Any, said: str
) -> None:
    if change:
        sizes = LstmConfig(embedding=4, hidden=4, dim=change.get("dim", 10))
        other = LstmEncoder(encoder.vocabulary, sizes)
        teacher = Siamese(other, None, None, teacher.info, change.get("fingerprint", "f"))
    with pytest.raises(InputError, match=said):
        check_teacher(Siamese(encoder), train, [(1.0, loss)], None if change is None else teacher)


def test_a_cross_encoder_has_no_vectors(
    encoder: LstmEncoder, train: Pairs, pair_model_folder: Path
) -> None:
    cross: Any = load_cross_encoder(pair_model_folder, "cross")
    with pytest.raises(InputError, match="cross reads both texts at once and has no vectors"):
        check_teacher(Siamese(encoder), train, [(1.0, BY_VECTORS)], cross)
