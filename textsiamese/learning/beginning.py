"""The twin that a training begins from: a new one of fitting size, or one that knows something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.inputs.left_right import Side
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.stored import sample
from textsiamese.learning.objectives import HeadLoss, WeightedLoss
from textsiamese.learning.towers import Towers
from textsiamese.learning.vector_distillation import VectorDistillationLoss
from textsiamese.twins.bundle import load
from textsiamese.twins.places import DEFAULT
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import Cosine, PairHead
from textsiamese.twins.twin import FOREIGN, Twin

NEW = "lstm"
_MANY = 50_000
_MOSTLY_FOREIGN = 0.2
_ASKED = 2_000


def first_twin(
    encoder: str | Towers | None,
    train: Pairs,
    losses: Sequence[WeightedLoss] | None = None,
    *,
    teacher: Twin | None = None,
    seed: int = 0,
) -> Twin:
    """The twin that suits a table, its losses and a teacher.

    Args:
        encoder: "lstm" for a new LSTM twin; a bundled twin, a folder or a Hub id to begin from;
            two towers; None for what suits the table: see `beginning_for`.
        train: the pairs to learn from; a new vocabulary is learnt from them alone, and where they
            are stored, from as many of their texts as may be held in memory.
        losses: what it will learn by; None leaves the choice to the twin. A pair head stays, or
            is made, where cross-entropy or distillation will teach it; otherwise vectors compare by
            cosine; two towers keep what compares them. Where nothing but a teacher's vectors is
            learnt, its similarity goes with them.
        teacher: a twin whose vectors are learnt: those of a new encoder are as wide.
        seed: of new weights, and of the texts for a vocabulary where those are stored.

    Raises:
        BundleError: if there is no such twin.
    """
    encoder = encoder or beginning_for(train, teacher)
    if isinstance(encoder, Towers):
        twin: Twin = encoder.twin(train, seed)
    else:
        twin = _new_twin(train, teacher, seed) if encoder == NEW else load(encoder)
    if teacher and _learns_only_vectors(train, losses):
        return twin.with_parts(measure=teacher.measure)
    if losses is None and isinstance(twin, PseudoSiamese):
        return twin
    head = _wants_head(train, losses)
    if bool(twin.measure.weights) == head:
        return twin
    measure = PairHead.new(twin.dim, seed=seed) if head else Cosine()
    return twin.with_parts(measure=measure)


def picture_sides_of(encoder: str | Towers | None) -> list[Side]:
    """The sides of a table that hold pictures; asked before it is read.

    Args:
        encoder: as `first_twin` takes it.

    Raises:
        BundleError: if there is no such twin.
    """
    if isinstance(encoder, Towers):
        return encoder.picture_sides
    return load(encoder).picture_sides if encoder and encoder != NEW else []


def beginning_for(train: Pairs, teacher: Twin | None = None) -> str:
    """What suits a table where nothing was asked for: "lstm", or the name of the bundled twin.

    That one is no beginning for what learns its own vectors, or vectors of another width.
    """
    if begins_new(train):
        return NEW
    if teacher is None:
        return DEFAULT
    known = load(DEFAULT)
    alike = known.dim == teacher.dim
    itself = teacher.fingerprint.startswith(known.fingerprint)  # perhaps "... on cuda"
    return DEFAULT if alike and not itself else NEW


def begins_new(train: Pairs) -> bool:
    """Whether a table is better off with a new twin than with the bundled one.

    It is if it has many pairs, or texts that the bundled twin's vocabulary does not know.
    """
    if len(train) >= _MANY:
        return True
    some = train.texts[:: max(1, len(train.texts) // _ASKED)]
    unknown = load(DEFAULT).encoder.tokens(some).unknown
    return bool((unknown > FOREIGN).mean() > _MOSTLY_FOREIGN)


def _new_twin(train: Pairs, teacher: Twin | None, seed: int) -> Siamese:
    torch.manual_seed(seed)
    sizes, pieces = _sizes(len(train))
    if teacher:
        sizes = replace(sizes, dim=teacher.dim)
    return Siamese(LstmEncoder.for_texts(sorted(set(sample(train.texts, seed))), sizes, pieces))


def _learns_only_vectors(train: Pairs, losses: Sequence[WeightedLoss] | None) -> bool:
    if losses is None:
        return train.only_texts
    return all(isinstance(loss, VectorDistillationLoss) for _, loss in losses)


def _wants_head(train: Pairs, losses: Sequence[WeightedLoss] | None) -> bool:
    if losses is not None:
        return any(isinstance(loss, HeadLoss) for _, loss in losses)
    both_kinds = 0 < train.labels.mean() < 1
    return (both_kinds or train.taught is not None) and train.grades is None


def _sizes(pairs: int) -> tuple[LstmConfig, int]:
    """Sizes of a new encoder, and of its vocabulary."""
    if pairs < 20_000:
        return LstmConfig(embedding=96, hidden=96, dim=192, dropout=0.2), 8_000
    if pairs < 100_000:
        return LstmConfig(embedding=128, hidden=128, dim=256, dropout=0.2), 16_000
    return LstmConfig(embedding=128, hidden=160, dim=384, dropout=0.1), 24_000
