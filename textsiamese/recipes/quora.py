"""Quora Question Pairs as the recipes take them: what trains, what decides, what is reported.

20,000 training pairs at the natural prior are held out for the decision; dev chooses the epoch and
is reported on. Its questions count as unseen if they stand in no pair of train, held out or not.
"""

from __future__ import annotations

import numpy as np

import textsiamese as ts
from textsiamese.judging.metrics import ece, ece_band

HELD_OUT = 20_000
CALIBRATOR = "isotonic"


def held_and_train(pairs: ts.Pairs, seed: int = 0) -> tuple[ts.Pairs, ts.Pairs]:
    """Pairs of quora/train for the decision, and those to train on."""
    order = np.random.default_rng(seed).permutation(len(pairs))
    return pairs.subset(order[:HELD_OUT]), pairs.subset(order[HELD_OUT:])


def measure(twin: ts.Siamese, dev: ts.Pairs, seen: set[str]) -> dict[str, float]:
    """What the model card quotes of quora/dev, and of its pairs of questions not in train."""
    new = [
        row
        for row, (left, right) in enumerate(zip(dev.left, dev.right, strict=True))
        if left not in seen and right not in seen
    ]
    balanced = twin.with_decision(prior=0.5)
    found = {"": dev, " of unseen questions": dev.subset(new)}
    scores: dict[str, float] = {}
    for name, pairs in found.items():
        judged, at_half = ts.evaluate(twin, pairs), ts.evaluate(balanced, pairs)
        scores |= {
            f"quora/dev{name} pairs": judged.n,
            f"quora/dev{name} accuracy, cross-fitted threshold": judged.cross_fitted_accuracy,
            f"quora/dev{name} average precision": judged.average_precision,
            f"quora/dev{name} ROC AUC": judged.roc_auc,
            f"quora/dev{name} accuracy, own threshold": judged.accuracy,
            f"quora/dev{name} F1, own threshold": judged.f1,
            f"quora/dev{name} accuracy, own threshold, prior=0.5": at_half.accuracy,
            f"quora/dev{name} ECE, prior=0.5": at_half.ece,
        }
    return scores


def calibration(twin: ts.Siamese, held: ts.Pairs) -> dict[str, float]:
    """ECE at the natural prior: each half of the held-out pairs judged by the other's decision."""
    similarity, labels = twin.similarity(held.left, held.right), np.asarray(held.labels)
    first, probability = np.arange(len(held)) % 2 == 0, np.empty(len(held))
    for half in (first, ~first):
        fitted = ts.Decision.fit(similarity[half], labels[half], calibrator=CALIBRATOR)
        probability[~half] = fitted.probability(similarity[~half])
    mean, highest = ece_band(probability)
    return {
        "held-out natural pairs": len(held),
        "held-out natural pairs ECE, cross-fitted": ece(probability, labels),
        "held-out natural pairs ECE of perfect calibration, mean": mean,
        "held-out natural pairs ECE of perfect calibration, 95th percentile": highest,
    }
