"""How ``minilm-quora`` was made: all-MiniLM-L6-v2 fine-tuned on Quora Question Pairs as a twin.

    python -m textsiamese.recipes.minilm_quora --data FOLDER --out FOLDER

``--data`` holds ``quora/`` and ``paraphrase/`` (see ``data/README.md``). Train and held-out pairs
are those of ``lstm-quora``; dev chooses the epoch and how much of the base's weights comes back,
and is reported on. Beside them stand pairs that Quora-trained models are known to get wrong: half
of PAWS-Wiki, and questions of train with one thing changed.

``--loss``, ``--rows``, ``--contrasts 0`` and ``--no-blend`` are for the comparisons in the model
card. The one that distils needs a teacher, and is given what that said of train:

    python -m textsiamese.recipes.minilm_cross_encoder --data FOLDER --out TEACHER
    python -m textsiamese.recipes.minilm_quora --data FOLDER --out FOLDER \\
        --loss distillation+negatives --teacher TEACHER.labelled.parquet
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

import textsiamese as ts
from textsiamese.judging.metrics import average_precision
from textsiamese.learning.objectives import Loss
from textsiamese.recipes.lessons import with_hard_cases
from textsiamese.recipes.minilm_cross_encoder import BASE
from textsiamese.recipes.quora import CALIBRATOR, calibration, held_and_train, measure

INFO = ts.TwinInfo(
    name="minilm-quora",
    description="all-MiniLM-L6-v2 as a Siamese twin: do two English questions ask the same?",
    language="English",
    trained_on="Quora Question Pairs, train part of the Wang et al. 2017 split, less 20,000 pairs "
    "that fitted the decision; half of PAWS-Wiki dev; questions of train with one thing changed. "
    "Its base has seen Quora duplicates too",
    terms="weights for non-commercial use only (Quora's terms for its data)",
    recipe="python -m textsiamese.recipes.minilm_quora --data FOLDER --out FOLDER",
    base="sentence-transformers/all-MiniLM-L6-v2",
)

LOSSES: dict[str, list[tuple[float, Loss]]] = {
    "cross-entropy+negatives": [(1.0, ts.PairCrossEntropy()), (0.3, ts.MultipleNegativesLoss())],
    "cross-entropy": [(1.0, ts.PairCrossEntropy())],
    "distillation+negatives": [
        (0.5, ts.PairCrossEntropy()),
        (0.5, ts.DistillationLoss()),
        (0.2, ts.MultipleNegativesLoss()),
    ],
    "contrastive+negatives": [(1.0, ts.ContrastiveLoss()), (0.1, ts.MultipleNegativesLoss())],
}
SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)


def make(
    data: Annotated[Path, typer.Option(help="folder with quora/ and paraphrase/")],
    out: Annotated[Path, typer.Option(help="folder for the bundle")],
    teacher: Annotated[Path | None, typer.Option(help="train as it labelled it")] = None,
    base: Annotated[str, typer.Option(help="Hub id or folder to begin from")] = BASE,
    loss: Annotated[
        str, typer.Option(help=f"one of {', '.join(LOSSES)}")
    ] = "cross-entropy+negatives",
    pieces: Annotated[int, typer.Option(help="pieces that stay of the vocabulary")] = 14_500,
    contrasts: Annotated[
        float, typer.Option(help="changed questions, as a share of train; 0: no PAWS-Wiki either")
    ] = 0.05,
    rows: Annotated[int | None, typer.Option(help="train on so many pairs only")] = None,
    blend: Annotated[bool, typer.Option(help="give back some of the base's weights")] = True,
    epochs: int = 4,
    batch_size: int = 72,
    learning_rate: float = 1e-4,
    head_learning_rate: float = 1e-3,
    seed: int = 0,
    resume: bool = False,
) -> None:
    """Trim, train, blend, calibrate, measure, save; prints its measurements as JSON.

    What the training left, before it was blended, lies in ``out`` + ".trained".
    """
    if teacher is None:
        pairs = ts.read_pairs(data / "quora" / "train.parquet")
    else:
        pairs = ts.read_pairs(teacher, taught="probability")
    dev = ts.read_pairs(data / "quora" / "dev.parquet")
    held, train = held_and_train(pairs)
    encoder = ts.TransformerEncoder(base, max_length=128, dropout=0.0)
    encoder = ts.trim_vocabulary(encoder, sorted(set(train.texts)), pieces)
    train = train.subset(range(len(train))[:rows])
    cosine = loss.startswith("contrastive")
    measured = ts.Cosine() if cosine else ts.PairHead.new(encoder.config.dim, seed=seed)
    before = ts.Siamese(encoder, measured, info=INFO)
    after = ts.fit(
        before,
        ts.cluster_pairs(with_hard_cases(train, data, contrasts, seed)),
        dev,
        loss=LOSSES[loss],
        out=f"{out}.trained",
        config=ts.FitConfig(
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            head_learning_rate=head_learning_rate,
            seed=seed,
            calibrator=CALIBRATOR,
            save_steps=200,
        ),
        decide_on=held,
        resume=resume,
    )
    share = least_share(before, after, dev) if blend else 1.0
    twin = ts.calibrate(ts.blend(before, after, share), held, calibrator=CALIBRATOR)
    scores = measure(twin, dev, set(pairs.texts)) | calibration(twin, held)
    twin.with_parts(info=replace(after.info, scores=scores)).save(out)
    print(json.dumps({"loss": loss, "seed": seed, "share": share, **scores}, indent=2))


def least_share(before: ts.Siamese, after: ts.Siamese, dev: ts.Pairs) -> float:
    """The least share of trained weights that costs dev no average precision; 1 if any does."""

    def precision(twin: ts.Siamese) -> float:
        return average_precision(twin.similarity(dev.left, dev.right), dev.labels)

    needed = precision(after)
    return next((s for s in SHARES if precision(ts.blend(before, after, s)) >= needed), 1.0)


if __name__ == "__main__":
    typer.run(make)
