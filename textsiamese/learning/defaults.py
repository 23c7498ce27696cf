"""What suits a table: losses by its kind, settings by its size."""

from __future__ import annotations

import numpy as np

from textsiamese.encoders.cnn import CnnEncoder
from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.config import FitConfig
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.cross_entropy import PairCrossEntropy
from textsiamese.learning.distillation import DistillationLoss
from textsiamese.learning.graded import CoSentLoss
from textsiamese.learning.multiple_negatives import MultipleNegativesLoss
from textsiamese.learning.objectives import WeightedLoss
from textsiamese.learning.triplet import TripletLoss
from textsiamese.learning.vector_distillation import VectorDistillationLoss
from textsiamese.twins.similarity import Similarity
from textsiamese.twins.twin import Twin
from textsiamese.twins.two_towers import towers_of

_BESIDE_PRETRAINED = 1e-3  # for a tower of ours beside a pretrained model


def losses_for(
    measure: Similarity, train: Pairs, teacher: Twin | None = None
) -> list[WeightedLoss]:
    """The losses that suit how a twin compares, what a table says and who teaches.

    A pair head learns by cross-entropy, with a share of multiple negatives (measured in the model
    card of lstm-quora); where the table has a teacher's probabilities, half of it from those. With
    the cosine: CoSENT on grades, multiple negatives where all pairs are the same, the triplet loss
    on triplets, else the contrastive loss. A teacher's vectors are learnt beside all that; of texts
    alone, nothing else can be.
    """
    if teacher is None:
        return _from_table(measure, train)
    by_vectors = (1.0, VectorDistillationLoss())
    return [by_vectors] if train.only_texts else [*_from_table(measure, train), by_vectors]


def _from_table(measure: Similarity, train: Pairs) -> list[WeightedLoss]:
    if measure.weights and train.taught is not None:
        taught = (0.5, DistillationLoss())
        return [(0.5, PairCrossEntropy()), taught, (0.2, MultipleNegativesLoss())]
    if measure.weights:
        return [(1.0, PairCrossEntropy()), (0.3, MultipleNegativesLoss())]
    if train.grades is not None:
        return [(1.0, CoSentLoss())]
    if len(train) and train.labels.all():
        return [(1.0, MultipleNegativesLoss())]
    if train.rows is not None and len(np.unique(train.rows)) < len(train):
        return [(1.0, TripletLoss()), (1.0, MultipleNegativesLoss())]
    return [(1.0, ContrastiveLoss())]


def config_for(pairs: int, twin: Twin, *, lora: bool = False) -> FitConfig:
    """Settings for a twin and a table of so many training pairs.

    Few pairs need many epochs of small batches; many need few of large ones. A twin that has been
    trained before keeps what it knows by a smaller learning rate; a transformer by a far smaller
    one, and it needs few epochs. What LoRA adds to a transformer begins at nothing, and learns at
    ten times the rate of its own weights. A pretrained picture model learns as a transformer does.
    A new CNN needs many epochs, and what it comes to on dev goes up and down on the way.
    """
    towers = towers_of(twin.encoder)
    ours = [isinstance(each, LstmEncoder | CnnEncoder) for each in towers]
    if not all(ours):
        config = _for_transformer(pairs, lora=lora)
        rates = [_BESIDE_PRETRAINED if each else None for each in ours]
        sides = ("left_learning_rate", "right_learning_rate")
        return config.with_settings(dict(zip(sides, rates, strict=False) if any(ours) else {}))
    if twin.picture_sides:
        return _for_pictures(pairs, trained=bool(twin.fingerprint))
    return _for_lstm(pairs, trained=bool(twin.fingerprint or twin.info.base))


def _for_transformer(pairs: int, *, lora: bool) -> FitConfig:
    if pairs < 2_000:
        epochs, batch_size, rate = 8, 16, 3e-5
    elif pairs < 20_000:
        epochs, batch_size, rate = 4, 32, 5e-5
    else:
        epochs, batch_size, rate = 2, 128, 1e-4
    return FitConfig(
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=10 * rate if lora else rate,
        head_learning_rate=10 * rate,
        warmup=0.1,
    )


def _for_pictures(pairs: int, *, trained: bool) -> FitConfig:
    epochs, batch_size = (60, 32) if pairs < 2_000 else (40, 128)
    rate = 1e-3
    return FitConfig(
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=rate / 4 if trained else rate,
        weight_decay=0.1,
        warmup=0.1,
        patience=10,
    )


def _for_lstm(pairs: int, *, trained: bool) -> FitConfig:
    if pairs < 2_000:
        epochs, batch_size = 20, 16
    elif pairs < 20_000:
        epochs, batch_size = 12, 32
    elif pairs < 100_000:
        epochs, batch_size = 8, 128
    else:
        epochs, batch_size = 7, 256
    rate = 2.5e-3 if pairs >= 100_000 else 2e-3
    return FitConfig(
        epochs=epochs, batch_size=batch_size, learning_rate=rate / 4 if trained else rate
    )
