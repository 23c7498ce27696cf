from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.cross_entropy import PairCrossEntropy
from textsiamese.learning.multiple_negatives import MultipleNegativesLoss
from textsiamese.learning.objectives import Loss
from textsiamese.learning.teachable import check_teachable
from textsiamese.learning.triplet import TripletLoss
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
