"""How ``lstm-quora`` was made: a BiLSTM twin that learns what ``minilm-quora`` knows.

    python -m textsiamese.recipes.lstm_quora --data FOLDER --out FOLDER

FOLDER holds ``quora/train.parquet``, ``quora/dev.parquet``, ``questions/unlabelled.parquet`` and
``paraphrase/paws_wiki.parquet`` (see ``data/README.md``). Train, held-out and dev pairs are those
of :mod:`textsiamese.recipes.quora`. In three steps, each of which resumes:

1. A new encoder learns the teacher's vectors of the unlabelled and the training questions.
2. Pairs are mined from these questions with that encoder, and the teacher labels them.
3. The twin learns from them and from the training pairs, whose labels count half and the teacher's
   word half; and goes on learning vectors. Beside them stand pairs that Quora-trained models are
   known to get wrong: half of PAWS-Wiki, and questions of train with one thing changed.

No question of dev or of the held-out pairs is among the unlabelled ones. The other options are for
the comparisons in the model card: ``--loss`` with a name other than "distillation" trains from
scratch on the labels alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer

import textsiamese as ts
from textsiamese.learning.objectives import Loss
from textsiamese.recipes.lessons import (
    unlabelled,
    with_hard_cases,
    with_mined,
    with_teachers_word,
)
from textsiamese.recipes.quora import CALIBRATOR, calibration, held_and_train, measure
from textsiamese.twins.similarity import Similarity

TEACHER = "minilm-quora"
DIM = 384  # the teacher's

INFO = ts.TwinInfo(
    name="lstm-quora",
    description="BiLSTM Siamese twin with a pair head: do two English questions ask the same?",
    language="English",
    trained_on="Quora Question Pairs, train part of the Wang et al. 2017 split, less 20,000 "
    "pairs that fitted the decision; half of PAWS-Wiki dev; questions of train with one thing "
    "changed; unlabelled English questions. Taught by minilm-quora",
    terms="weights for non-commercial use only (Quora's terms for its data)",
    recipe="python -m textsiamese.recipes.lstm_quora --data FOLDER --out FOLDER",
)

TAUGHT: dict[str, list[tuple[float, Loss]]] = {
    "distillation": [
        (1.0, ts.DistillationLoss()),
        (0.2, ts.MultipleNegativesLoss()),
        (1.0, ts.VectorDistillationLoss()),
    ],
    "contrastive+vectors": [
        (1.0, ts.ContrastiveLoss(margin=0.5)),
        (0.2, ts.MultipleNegativesLoss()),
        (1.0, ts.VectorDistillationLoss()),
    ],
}
FROM_LABELS: dict[str, list[tuple[float, Loss]]] = {
    "cross-entropy": [(1.0, ts.PairCrossEntropy()), (0.3, ts.MultipleNegativesLoss())],
    "contrastive": [(1.0, ts.ContrastiveLoss(margin=0.5))],
    "contrastive-euclidean": [(1.0, ts.ContrastiveLoss(margin=1.0, distance="euclidean"))],
    "online-contrastive": [(0.02, ts.OnlineContrastiveLoss(margin=0.5))],
    "multiple-negatives": [(1.0, ts.MultipleNegativesLoss())],
    "triplet": [(1.0, ts.TripletLoss(margin=0.2))],
    "quadruplet": [(1.0, ts.QuadrupletLoss())],
}
LOSSES = TAUGHT | FROM_LABELS
WITH_HEAD = ("distillation", "cross-entropy")


def make(
    data: Annotated[Path, typer.Option(help="folder with quora/, questions/ and paraphrase/")],
    out: Annotated[Path, typer.Option(help="folder for the bundle")],
    loss: Annotated[str, typer.Option(help=f"one of {', '.join(LOSSES)}")] = "distillation",
    label_share: Annotated[
        float, typer.Option(help="what labels count beside the teacher's word, from 0 to 1")
    ] = 0.5,
    vector_epochs: Annotated[int, typer.Option(help="of the first step, at least 1")] = 4,
    mined: Annotated[int, typer.Option(help="how many pairs to mine")] = 150_000,
    near: Annotated[float, typer.Option(help="share of near pairs among the mined")] = 0.7,
    middling: Annotated[float, typer.Option(help="share of middling ones")] = 0.25,
    far: Annotated[float, typer.Option(help="share of random ones")] = 0.05,
    contrasts: Annotated[
        float, typer.Option(help="changed questions, as a share of train; 0: no PAWS-Wiki either")
    ] = 0.05,
    embedding: int = 192,
    hidden: int = 160,
    pieces: int = 28_000,
    epochs: int = 4,
    learning_rate: float = 1.5e-3,
    teacher_vectors: Annotated[
        Path | None, typer.Option(help="where they are kept; OUT.teacher if left out")
    ] = None,
    seed: int = 0,
    resume: bool = False,
) -> None:
    """Learn vectors, mine, train, calibrate, measure, save; prints its measurements as JSON.

    Beside ``out`` lie the teacher's vectors (".teacher", which other runs may be given) and the
    twin of the first step (".vectors").
    """
    pairs = ts.read_pairs(data / "quora" / "train.parquet")
    dev = ts.read_pairs(data / "quora" / "dev.parquet")
    held, train = held_and_train(pairs)
    sizes = ts.LstmConfig(embedding, hidden, DIM, dropout=0.0 if loss in TAUGHT else 0.1)
    begin = partial(new_twin, sizes=sizes, pieces=pieces, seed=seed)
    fit = partial(ts.fit, dev=dev, decide_on=held, resume=resume)
    settings = ts.FitConfig(epochs=epochs, seed=seed, calibrator=CALIBRATOR)
    if loss in TAUGHT:
        teacher = ts.load(TEACHER)
        kept = teacher_vectors or Path(f"{out}.teacher")
        fit = partial(fit, teacher=teacher, teacher_vectors=kept)
        questions = unlabelled(data, [held, dev])
        texts = list(dict.fromkeys([*train.texts, *questions]))
        twin = fit(
            begin(texts, teacher.measure),
            ts.Pairs.of_texts(texts, "questions"),
            loss=ts.VectorDistillationLoss(),
            out=f"{out}.vectors",
            config=replace(settings, epochs=vector_epochs, batch_size=512, learning_rate=3e-3),
        )
        store = ts.VectorStore(kept, teacher, dtype="float16")
        table = with_teachers_word(train, store, label_share)
        table = with_hard_cases(table, data, contrasts, seed)
        if mined:
            mine = partial(ts.mine_pairs, near=near, middling=middling, far=far, seed=seed)
            found = mine(twin, questions, count=mined, avoid=train)  # none is held out
            table = with_mined(table, found, store)
    else:
        twin, table = begin(train.texts, ts.PairHead.new(DIM, seed=seed)), train
    twin = fit(
        twin if loss in WITH_HEAD else ts.Siamese(twin.encoder, ts.Cosine(), info=INFO),
        table,
        loss=LOSSES[loss],
        out=out,
        config=replace(settings, learning_rate=learning_rate),
    )
    scores = measure(twin, dev, set(pairs.texts)) | calibration(twin, held)
    info = replace(INFO, scores=scores, training=twin.info.training)
    twin.with_parts(info=info).save(out)
    print(json.dumps({"loss": loss, "seed": seed, **scores}, indent=2))


def new_twin(
    texts: Iterable[str], measure: Similarity, *, sizes: ts.LstmConfig, pieces: int, seed: int
) -> ts.Siamese:
    """An encoder that knows nothing but the pieces of the texts."""
    torch.manual_seed(seed)
    encoder = ts.LstmEncoder.for_texts(sorted(set(texts)), sizes, pieces)
    return ts.Siamese(encoder, measure, info=INFO)


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    typer.run(make)
