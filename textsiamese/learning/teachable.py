"""Whether tables and losses can teach a twin anything: asked before the training, not after."""

from __future__ import annotations

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.multiple_negatives import MultipleNegativesLoss
from textsiamese.learning.objectives import HeadLoss, MinedLoss, WeightedLoss
from textsiamese.twins.decision import LEAST_PAIRS
from textsiamese.twins.siamese import Siamese


def check_teachable(
    twin: Siamese, train: Pairs, dev: Pairs, held: Pairs, losses: list[WeightedLoss]
) -> None:
    """Refuse what would train for hours and come to nothing.

    Raises:
        InputError: saying what is wrong with which table or loss, and what would do.
    """
    _check_train(train, losses)
    for role, table in (("dev", dev), ("decide_on", held)):
        if len(np.unique(table.labels)) < 2:
            raise InputError(
                f"the {role} table ({table.name}) has {len(table)} pairs of one kind: it needs "
                "both, labelled 1 (same) and 0 (different)"
            )
    if len(held) < LEAST_PAIRS:
        raise InputError(
            f"{held.name} has {len(held)} pairs, and the decision needs {LEAST_PAIRS} at least"
        )
    if twin.measure.weights and not any(isinstance(loss, HeadLoss) for _, loss in losses):
        raise InputError(
            f"the twin's {twin.measure.name} would learn nothing: of all losses only cross-entropy "
            "and distillation teach it; add one, or compare by cosine (Siamese(twin.encoder))"
        )


def _check_train(train: Pairs, losses: list[WeightedLoss]) -> None:
    if not len(train):
        raise InputError(f"the train table ({train.name}) has no pairs")
    if _all_equal(train):
        raise InputError(f"all texts of the train table ({train.name}) are equal")
    in_batch = [isinstance(loss, MultipleNegativesLoss | MinedLoss) for _, loss in losses]
    kinds = np.unique(train.labels)
    if len(kinds) == 1 and train.grades is None and (kinds[0] == 0 or not all(in_batch)):
        word = "same (1)" if kinds[0] else "different (0)"
        remedy = (
            'take the other rows of a batch as negatives, loss="multiple-negatives", with the '
            "cosine"
            if kinds[0]
            else "add pairs that are the same"
        )
        raise InputError(
            f"all {len(train)} pairs of the train table ({train.name}) are labelled {word}, so "
            f"there is nothing to tell apart: {remedy}"
        )


def _all_equal(train: Pairs) -> bool:
    first = train.left[0]
    return all(text == first for text in train.texts)
