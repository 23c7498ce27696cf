"""Captions and pictures trained for one epoch: with textsiamese, or (--peer) in the plain loop that
people write around sentence-transformers' loss. Both print the seconds in the loop, as JSON.

The loop opens every picture with Pillow when its pair comes, pads the captions of a batch, and
computes in fp32; ours decodes each picture once before it begins, which counts, and changes it at
random each time.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

import textsiamese as ts
from textsiamese.inputs.negatives import add_random_negatives

BATCH, RATE, DIM = 128, 1e-3, 384

given = argparse.ArgumentParser()
given.add_argument("captions", type=Path)
given.add_argument("pictures", type=Path)
given.add_argument("--pairs", type=int, required=True)
given.add_argument("--peer", action="store_true")
asked = given.parse_args()

table = pd.read_csv(asked.captions)
paths = [str(asked.pictures / name) for name in table["image"]]
whole = ts.Pairs(table["caption"].tolist(), paths, np.ones(len(table), np.int8), "captions")
order = np.random.default_rng(0).permutation(len(whole))
train, dev = whole.subset(order[: asked.pairs]), whole.subset(order[asked.pairs :][:200])
torch.manual_seed(0)
text = ts.LstmEncoder.for_texts(train.left, ts.LstmConfig(128, 192, DIM), 6_000)
image = ts.CnnEncoder(ts.CnnConfig(size=64, dim=DIM))


def ours() -> float:
    loss, settings = ts.MultipleNegativesLoss(), ts.FitConfig(1, BATCH, learning_rate=RATE)
    held = add_random_negatives(dev)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        twin = ts.PseudoSiamese(text, image)
        ts.fit(twin, train, held, loss=loss, out=f"{folder}/twin", config=settings)
        return time.perf_counter() - start


def peer() -> float:
    loss = MultipleNegativesRankingLoss(model=None)  # type: ignore[arg-type]
    parameters = [*text.parameters(), *image.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=RATE)
    start = time.perf_counter()
    for first in range(0, len(train), BATCH):
        rows = slice(first, first + BATCH)
        tokens = text.tokens(train.left[rows])
        ids = torch.from_numpy(tokens.padded(np.arange(len(tokens))))
        pictures = [Image.open(path).convert("RGB") for path in train.right[rows]]
        pixels = np.stack([np.asarray(each.resize((64, 64))) for each in pictures])
        vectors = [
            text([(ids, torch.from_numpy(tokens.lengths))]),
            image([torch.from_numpy(pixels)]),
        ]
        loss.compute_loss_from_embeddings(vectors, None).backward()
        optimizer.step()
        optimizer.zero_grad()
    return time.perf_counter() - start


print(json.dumps({"seconds": peer() if asked.peer else ours()}))
