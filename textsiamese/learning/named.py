"""Losses by name: "cross-entropy+0.3*multiple-negatives"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textsiamese.errors import InputError
from textsiamese.learning.checks import check_choice
from textsiamese.learning.contrastive import ContrastiveLoss, OnlineContrastiveLoss
from textsiamese.learning.cross_entropy import PairCrossEntropy
from textsiamese.learning.distillation import DistillationLoss
from textsiamese.learning.graded import CoSentLoss, CosineSimilarityLoss
from textsiamese.learning.multiple_negatives import MultipleNegativesLoss
from textsiamese.learning.objectives import Loss, WeightedLoss
from textsiamese.learning.triplet import QuadrupletLoss, TripletLoss
from textsiamese.learning.vector_distillation import VectorDistillationLoss

LOSSES: dict[str, Callable[[], Loss]] = {
    "contrastive": ContrastiveLoss,
    "online-contrastive": OnlineContrastiveLoss,
    "triplet": TripletLoss,
    "quadruplet": QuadrupletLoss,
    "cross-entropy": PairCrossEntropy,
    "multiple-negatives": MultipleNegativesLoss,
    "distillation": DistillationLoss,
    "vector-distillation": VectorDistillationLoss,
    "cosent": CoSentLoss,
    "cosine-similarity": CosineSimilarityLoss,
}


def losses_named(text: str) -> list[WeightedLoss]:
    """The losses that ``text`` names, each with its weight.

    Args:
        text: names joined by ``+``, each after its weight and ``*`` where that is not 1.

    Raises:
        InputError: on a name that is none, with the nearest that is one; or a weight that is no
            number above 0.
    """
    return [_loss_named(term.strip()) for term in text.split("+")]


def describe_losses(losses: Sequence[WeightedLoss]) -> str:
    """Losses with all their settings, as one line: equal where they teach the same."""
    terms = [f"{weight:g}*{loss!r}" if weight != 1 else repr(loss) for weight, loss in losses]
    return " + ".join(terms)


def losses_as_typed(losses: Sequence[WeightedLoss]) -> str:
    """Losses as `losses_named` reads them; one with settings of its own is told by these."""
    typed = {repr(make()): name for name, make in LOSSES.items()}
    names = [(weight, typed.get(repr(loss), repr(loss))) for weight, loss in losses]
    return "+".join(f"{weight:g}*{name}" if weight != 1 else name for weight, name in names)


def _loss_named(term: str) -> WeightedLoss:
    weight, star, name = term.rpartition("*")
    name = name.strip().lower().replace("_", "-")
    check_choice("loss", name, tuple(LOSSES))
    try:
        factor = float(weight) if star else 1.0
    except ValueError:
        factor = float("nan")
    if not 0 < factor < float("inf"):
        raise InputError(f'the loss "{term}" has the weight "{weight}"; give a number above 0')
    return factor, LOSSES[name]()
