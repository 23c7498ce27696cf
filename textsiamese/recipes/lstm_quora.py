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

import typer

import textsiamese as ts
from textsiamese.learning.objectives import Loss
from textsiamese.recipes.quora import CALIBRATOR, calibration, held_and_train, measure
from textsiamese.twins.similarity import Similarity

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


def _similarity(loss: str) -> Similarity:
    return ts.PairHead.new(ENCODER.dim) if loss in ("recipe", "cross-entropy") else ts.Cosine()


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    typer.run(make)
