"""How ``lstm-quora`` was made: a BiLSTM twin trained from scratch on Quora Question Pairs.

    python -m textsiamese.recipes.lstm_quora --data FOLDER --out FOLDER

FOLDER holds ``quora/train.parquet`` and ``quora/dev.parquet`` (see ``data/README.md``). 20,000
training pairs at the natural prior are held out for the decision; dev chooses the epoch and is
reported on. Its questions count as unseen if they stand in no pair of train, held out or not.
``--loss contrastive`` and the others train the same encoder with that loss and the cosine, for the
comparison in the model card.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import textsiamese as ts
from textsiamese.judging.metrics import ece, ece_band
from textsiamese.learning.objectives import Loss
from textsiamese.twins.similarity import Similarity

HELD_OUT = 20_000
CALIBRATOR = "isotonic"
ENCODER = ts.LstmConfig(embedding=128, hidden=160, dim=384, max_length=128, dropout=0.1)

INFO = ts.TwinInfo(
    name="lstm-quora",
    description="BiLSTM Siamese twin with a pair head: do two English questions ask the same?",
    language="English",
    trained_on="Quora Question Pairs, train part of the Wang et al. 2017 split, less 20,000 "
    "pairs that fitted the decision",
    terms="weights for non-commercial use only (Quora's terms for its data)",
    recipe="python -m textsiamese.recipes.lstm_quora --data FOLDER --out FOLDER",
)

LOSSES: dict[str, list[tuple[float, Loss]]] = {
    "cross-entropy": [(1.0, ts.PairCrossEntropy())],
    "recipe": [(1.0, ts.PairCrossEntropy()), (0.3, ts.MultipleNegativesLoss(temperature=0.05))],
    "multiple-negatives": [(1.0, ts.MultipleNegativesLoss(temperature=0.05))],
    "contrastive": [(1.0, ts.ContrastiveLoss(margin=0.5))],
    "contrastive-euclidean": [(1.0, ts.ContrastiveLoss(margin=1.0, distance="euclidean"))],
    "online-contrastive": [(0.02, ts.OnlineContrastiveLoss(margin=0.5))],
    "triplet": [(1.0, ts.TripletLoss(margin=0.2))],
    "quadruplet": [(1.0, ts.QuadrupletLoss())],
}


def make(
    data: Annotated[Path, typer.Option(help="folder with quora/train.parquet and dev.parquet")],
    out: Annotated[Path, typer.Option(help="folder for the bundle")],
    loss: Annotated[str, typer.Option(help=f"one of {', '.join(LOSSES)}")] = "recipe",
    epochs: int = 7,
    batch_size: int = 256,
    learning_rate: float = 2.5e-3,
    seed: int = 0,
    resume: bool = False,
) -> None:
    """Train, calibrate, measure, save; prints its measurements as JSON."""
    pairs = ts.read_pairs(data / "quora" / "train.parquet")
    dev = ts.read_pairs(data / "quora" / "dev.parquet")
    held, train = held_and_train(pairs, seed)
    encoder = ts.LstmEncoder.for_texts(sorted(set(train.texts)), ENCODER)
    twin = ts.fit(
        ts.Siamese(encoder, _similarity(loss), info=INFO),
        train,
        dev,
        loss=LOSSES[loss],
        out=out,
        config=ts.FitConfig(
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            seed=seed,
            calibrator=CALIBRATOR,
        ),
        decide_on=held,
        resume=resume,
    )
    scores = measure(twin, dev, set(pairs.texts)) | calibration(twin, held)
    twin.with_parts(info=replace(twin.info, scores=scores)).save(out)
    print(json.dumps({"loss": loss, "seed": seed, **scores}, indent=2))


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


def _similarity(loss: str) -> Similarity:
    return ts.PairHead.new(ENCODER.dim) if loss in ("recipe", "cross-entropy") else ts.Cosine()


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    typer.run(make)
