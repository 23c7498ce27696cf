"""How ``caption-image`` was made: does this caption fit this picture? LSTM and CNN from scratch.

    python -m textsiamese.recipes.caption_image --data FOLDER --out FOLDER

FOLDER holds ``flickr8k/captions.csv`` and ``flickr8k/images.zip`` (see ``data/README.md``), which
is unpacked beside OUT. 6,000 pictures train, 1,000 choose the epoch and are reported on, the other
91 fit the decision. In two steps, each of which resumes:

1. The text tower learns the vectors that a teacher has of the training captions.
2. The CNN learns to find its captions among those of a batch, and they it; other pictures shine
   through and lie on the one that is looked at. The text tower keeps its weights for most epochs,
   and learns slowly after them.

The finished CNN reads a picture at two sizes, and the decision is fitted to that. No weight of
either tower has seen another picture. ``--backbone`` takes a picture encoder that has, by Hub id or
folder (``microsoft/resnet-18``), in place of the new CNN.
"""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import torch
import typer

import textsiamese as ts
from textsiamese.inputs.negatives import add_random_negatives
from textsiamese.learning.objectives import Loss

TEACHER = "sentence-transformers/all-MiniLM-L6-v2"
DIM = 384  # the teacher's

INFO = ts.TwinInfo(
    name="caption-image",
    description="LSTM and CNN, from scratch: does this English caption fit this photograph?",
    language="English",
    trained_on="Flickr8k, 6,000 training pictures with five captions each; the captions' vectors "
    "taught by all-MiniLM-L6-v2 (Apache-2.0)",
    terms="weights for non-commercial research use only (Flickr8k's terms)",
    recipe="python -m textsiamese.recipes.caption_image --data FOLDER --out FOLDER",
)

LOSSES: dict[str, Loss] = {
    "multiple-negatives": ts.MultipleNegativesLoss(temperature=0.05),
    "contrastive": ts.ContrastiveLoss(margin=0.5),
    "triplet": ts.TripletLoss(margin=0.2),
}


BACKBONE_RATE = 1e-4
AUGMENTATION = ts.AugmentationConfig(crop=0.25, colour=0.4, blend=0.3, patch=0.4)


def make(
    data: Annotated[Path, typer.Option(help="folder with flickr8k/")],
    out: Annotated[Path, typer.Option(help="folder for the bundle")],
    loss: Annotated[str, typer.Option(help=f"one of {', '.join(LOSSES)}")] = "multiple-negatives",
    backbone: Annotated[str, typer.Option(help="a pretrained picture encoder")] = "",
    teacher: Annotated[str, typer.Option(help="whose vectors the captions get")] = TEACHER,
    size: Annotated[int, typer.Option(help="pixels a side that the CNN reads")] = 64,
    also: Annotated[int, typer.Option(help="and once it is trained, this as well")] = 96,
    text_epochs: int = 10,
    frozen: Annotated[int, typer.Option(help="epochs that the text tower keeps its weights")] = 85,
    epochs: int = 110,
    learning_rate: float = 2e-3,
    text_rate: float = 3e-4,
    seed: int = 0,
    resume: bool = False,
) -> None:
    """Learn the captions' vectors, train, calibrate, measure, save; prints its scores as JSON.

    Beside ``out`` lie the pictures (".pictures"), the twin of the first step (".text") and the one
    that reads a single size (".trained").
    """
    train, dev, held = (with_pictures(data, out, part) for part in ("train", "dev", "extra"))
    decide_on, settings = add_random_negatives(held), ts.FitConfig(seed=seed)
    wise = ts.load(teacher)
    captions = list(dict.fromkeys(train.left))
    text = ts.fit(
        ts.Siamese(new_text_tower(captions, seed), info=INFO),
        ts.Pairs.of_texts(captions, "captions"),
        of_one_picture(dev),
        loss=ts.VectorDistillationLoss(),
        teacher=wise,
        out=f"{out}.text",
        config=replace(settings, epochs=text_epochs, batch_size=128, learning_rate=2e-3),
        resume=resume,
    )
    twin = ts.fit(
        ts.PseudoSiamese(text.encoder, picture_tower(backbone, size, seed), info=INFO),
        add_random_negatives(train) if loss == "contrastive" else train,
        add_random_negatives(dev),
        decide_on=decide_on,
        loss=LOSSES[loss],
        out=f"{out}.trained",
        config=replace(
            settings,
            epochs=epochs,
            batch_size=640 if loss == "contrastive" else 128,  # 128 pictures or so in each case
            learning_rate=learning_rate / 2 if loss == "contrastive" else learning_rate,
            left_learning_rate=text_rate,
            right_learning_rate=BACKBONE_RATE if backbone else None,
            head_learning_rate=learning_rate,
            freeze_left=frozen,
            warmup=0.1,
            weight_decay=0.2,
            patience=epochs,
            augmentation=AUGMENTATION,
        ),
        resume=resume,
    )
    twin = ts.calibrate(at_both_sizes(twin, also), decide_on)
    scores = measure(twin, dev)
    info = replace(INFO, scores=scores, training=twin.info.training)
    twin.with_parts(info=info).save(out)
    print(json.dumps({"loss": loss, "seed": seed, **scores}, indent=2))


def with_pictures(data: Path, out: Path, part: str) -> ts.Pairs:
    """The captions of a part of Flickr8k beside their pictures: two rows for each picture."""
    folder = Path(f"{out}.pictures")
    if not folder.exists():
        unpacked = Path(f"{folder}.part")
        with zipfile.ZipFile(data / "flickr8k" / "images.zip") as packed:
            packed.extractall(unpacked)
        unpacked.rename(folder)  # so that it is there whole or not at all
    table = pd.read_csv(data / "flickr8k" / "captions.csv")
    table = table[table["split"] == part]
    pictures = [str(folder / name) for name in table["image"]]
    number = table.groupby("image").cumcount()
    rows = pd.factorize(table["image"])[0] * 2 + number.to_numpy() % 2
    labels = np.ones(len(table), np.int8)
    return ts.Pairs(table["caption"].tolist(), pictures, labels, f"flickr8k/{part}", rows=rows)


def of_one_picture(pairs: ts.Pairs) -> ts.Pairs:
    """Two captions of each picture, and as many of two pictures."""
    table = pd.DataFrame({"text": pairs.left, "picture": pairs.right})
    number = table.groupby("picture").cumcount()
    left, right = (table["text"][number == each].tolist() for each in (0, 1))
    labels = np.ones(len(left), np.int8)
    return add_random_negatives(ts.Pairs(left, right, labels, pairs.name))


def new_text_tower(captions: list[str], seed: int) -> ts.LstmEncoder:
    """An LSTM that knows nothing but the pieces of the captions."""
    torch.manual_seed(seed)
    sizes = ts.LstmConfig(embedding=128, hidden=192, dim=DIM, dropout=0.1)
    return ts.LstmEncoder.for_texts(sorted(captions), sizes, 6_000)


def picture_tower(backbone: str, size: int, seed: int) -> ts.CnnEncoder | ts.BackboneEncoder:
    """A new CNN; or a pretrained model, which reads pictures of its own size."""
    torch.manual_seed(seed)
    if backbone:
        return ts.BackboneEncoder(backbone, dim=DIM)
    return ts.CnnEncoder(ts.CnnConfig(size=size, dim=DIM))


def at_both_sizes(twin: ts.PseudoSiamese, also: int) -> ts.PseudoSiamese:
    """The twin, whose CNN reads a picture at another size too; a pretrained one stays as it is."""
    left, right = twin.encoder.left, twin.encoder.right
    if not isinstance(right, ts.CnnEncoder):
        return twin
    both = ts.CnnEncoder(replace(right.config, also=(also,)))
    both.load_state_dict(right.state_dict())
    return ts.PseudoSiamese(left, both, twin.measure, info=twin.info)


def measure(twin: ts.PseudoSiamese, dev: ts.Pairs) -> dict[str, float]:
    """What the model card quotes of the 1,000 dev pictures and their 5,000 captions."""
    found = ts.evaluate_retrieval(twin, dev)
    ways = {"caption to picture": found.left_to_right, "picture to caption": found.right_to_left}
    scores: dict[str, float] = {
        "flickr8k/dev pictures": len(set(dev.right)),
        "flickr8k/dev captions": len(dev),
    }
    for way, one in ways.items():
        scores |= {f"flickr8k/dev {way} {name}": value for name, value in one.measures.items()}
    return scores


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    typer.run(make)
