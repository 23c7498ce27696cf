from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.inputs.negatives import add_random_negatives
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.choosing import chosen_by, dev_metrics
from textsiamese.twins.retrieval import evaluate_retrieval
from textsiamese.twins.siamese import Siamese

SAME = Pairs(
    ["how do i learn python", "what is your age", "why does bread not rise"],
    ["what is the best way to learn python", "how old are you", "bread in the oven"],
    np.ones(3, np.int8),
)


def test_what_tells_the_best_epoch_goes_by_the_table(dev: Pairs) -> None:
    graded = dataclasses.replace(dev, grades=np.linspace(0, 1, len(dev)))
    drawn = add_random_negatives(SAME)
    assert [chosen_by(table) for table in (dev, graded, drawn)] == [
        "average_precision",
        "spearman",
        "mrr",
    ]
    assert drawn.subset([0, 1, 4]).drawn


def test_random_different_pairs_are_judged_by_what_is_found(encoder: LstmEncoder) -> None:
    drawn, twin = add_random_negatives(SAME), Siamese(encoder)
    found = evaluate_retrieval(twin, drawn)
    metrics = dev_metrics(twin, drawn)
    ways = (found.left_to_right.mrr, found.right_to_left.mrr)
    assert metrics["mrr"] == pytest.approx(np.mean(ways))
    assert set(metrics) == {"average_precision", "accuracy", "mrr"}


def test_what_is_named_is_among_the_numbers(encoder: LstmEncoder, dev: Pairs) -> None:
    graded = dataclasses.replace(dev, grades=np.linspace(0, 1, len(dev)))
    for table in (dev, graded):
        assert chosen_by(table) in dev_metrics(Siamese(encoder), table)
