"""Whether tables and losses can teach a twin anything: asked before the training, not after."""

from __future__ import annotations

from types import UnionType

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.config import FitConfig
from textsiamese.learning.distillation import DistillationLoss
from textsiamese.learning.objectives import HeadLoss, MinedLoss, TextLoss, WeightedLoss
from textsiamese.learning.vector_distillation import VectorDistillationLoss
from textsiamese.twins.decision import LEAST_PAIRS
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.scorer import PairScorer
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.twin import Twin
from textsiamese.twins.vector_store import check_opened


def check_teachable(
    twin: Twin, train: Pairs, dev: Pairs, held: Pairs, losses: list[WeightedLoss]
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
    needs_none = all(isinstance(loss, VectorDistillationLoss) for _, loss in losses)
    if twin.measure.weights and not (needs_none or _any(losses, HeadLoss)):
        raise InputError(
            f"the twin's {twin.measure.name} would learn nothing: of all losses only cross-entropy "
            "and distillation teach it; add one, or compare by cosine (Siamese(twin.encoder))"
        )


def check_teacher(
    twin: Twin, train: Pairs, losses: list[WeightedLoss], teacher: Twin | None
) -> Siamese | None:
    """The teacher; refuse one that nothing would be learnt from, and a loss that has none.

    Raises:
        InputError: saying what is missing, or does not fit.
    """
    if _any(losses, DistillationLoss) and train.taught is None:
        raise InputError(
            f"the distillation loss learns from a teacher's probabilities, and {train.name} has "
            "none: let a teacher score it first (textsiamese score --twin TEACHER), and name their "
            "column with --teacher-column probability (read_pairs(..., taught=))"
        )
    by_vectors = _any(losses, VectorDistillationLoss)
    if by_vectors and teacher is None:
        raise InputError(
            "the vector-distillation loss learns a teacher's vectors: name the teacher with "
            "--teacher TWIN (teacher=)"
        )
    if teacher is None:
        return None
    if isinstance(twin, PseudoSiamese):
        raise InputError(
            f"{teacher.info.name} can teach its vectors to a Siamese twin only: train the tower "
            "that shall learn them as one (Siamese(encoder)), then put the two together"
        )
    if not by_vectors:
        raise InputError(
            f"{teacher.info.name} would teach nothing: its vectors are learnt by the "
            "vector-distillation loss; add it, or leave the teacher out"
        )
    wise = check_has_vectors(teacher)
    check_opened(wise)
    ours, theirs = twin.dim, teacher.dim
    if ours != theirs:
        raise InputError(
            f"the twin's vectors have {ours} values and those of {teacher.info.name} {theirs}: "
            f"begin with an encoder of dim={theirs}, as a new one does (--encoder lstm), or choose "
            "another teacher"
        )
    return wise


def check_towers(twin: Twin, config: FitConfig) -> None:
    """Refuse settings of one tower where there are not two.

    Raises:
        InputError: naming the setting.
    """
    given = config.of_two_towers()
    if given and not isinstance(twin, PseudoSiamese):
        raise InputError(
            f"{given[0]} is for one of two towers, and {twin.info.name} is a Siamese twin, whose "
            "sides share theirs: leave it out"
        )


def check_has_vectors(teacher: PairScorer) -> Siamese:
    """The teacher, if it is a Siamese twin.

    Raises:
        InputError: if it has two towers, or reads both texts at once.
    """
    if isinstance(teacher, PseudoSiamese):
        raise InputError(
            f"{teacher.info.name} has two towers, so a text has two vectors: choose a Siamese twin "
            "as teacher"
        )
    if not isinstance(teacher, Siamese):
        raise InputError(
            f"{teacher.info.name} reads both texts at once and has no vectors: let it score the "
            "table (textsiamese score), and learn from that column (--teacher-column, taught=)"
        )
    return teacher


def _any(losses: list[WeightedLoss], kind: type | UnionType) -> bool:
    return any(isinstance(loss, kind) for _, loss in losses)


def _check_train(train: Pairs, losses: list[WeightedLoss]) -> None:
    if not len(train):
        raise InputError(f"the train table ({train.name}) has no pairs")
    if _all_equal(train):
        raise InputError(f"all texts of the train table ({train.name}) are equal")
    in_batch = [isinstance(loss, TextLoss | MinedLoss) for _, loss in losses]
    kinds = np.unique(train.labels)
    graded = train.grades is not None or train.taught is not None
    if len(kinds) == 1 and not graded and (kinds[0] == 0 or not all(in_batch)):
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
