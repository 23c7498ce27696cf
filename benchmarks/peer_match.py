"""The script people write today: both lists through one model, and util.semantic_search.

With --pictures FOLDER, the right side is pictures, one after the other through Pillow and the CNN
of the twin, as a custom module would read them; the captions go through the twin's LSTM, opened by
sentence-transformers. Prints the seconds that encoding the right side took, as JSON.
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
from sentence_transformers import SentenceTransformer, util

import textsiamese as ts
from textsiamese.twins.places import find

given = argparse.ArgumentParser()
given.add_argument("left")
given.add_argument("right")
given.add_argument("target")
given.add_argument("--twin", required=True)
given.add_argument("--pictures")
given.add_argument("-k", type=int, default=5)
asked = given.parse_args()


def pictures_encoded(encoder: ts.CnnEncoder, paths: list[Path]) -> torch.Tensor:
    size, vectors = encoder.config.size, []
    for start in range(0, len(paths), 32):
        opened = [Image.open(path).convert("RGB") for path in paths[start : start + 32]]
        pixels = np.stack([np.asarray(each.resize((size, size))) for each in opened])
        with torch.no_grad():
            vectors.append(encoder([torch.from_numpy(pixels)]))
    return torch.cat(vectors)


left = pd.read_csv(asked.left, keep_default_na=False).iloc[:, 0].tolist()
with tempfile.TemporaryDirectory() as folder:
    if asked.pictures:
        twin = ts.load(asked.twin)
        ts.Siamese(twin.encoder.left).save(f"{folder}/captions")
        model = SentenceTransformer(f"{folder}/captions", device="cpu", trust_remote_code=True)
        right = sorted(Path(asked.pictures).iterdir())
        encoder = twin.encoder.right.eval()
        start = time.perf_counter()
        known = pictures_encoded(encoder, right)
    else:
        model = SentenceTransformer(str(find(asked.twin)), device="cpu", trust_remote_code=True)
        right = pd.read_csv(asked.right, keep_default_na=False).iloc[:, 0].tolist()
        start = time.perf_counter()
        known = model.encode(right, convert_to_tensor=True)
    seconds = time.perf_counter() - start
    new = model.encode(left, convert_to_tensor=True)
found = util.semantic_search(new, known, top_k=asked.k)
rows = [(i, each["corpus_id"], each["score"]) for i, hits in enumerate(found) for each in hits]
pd.DataFrame(rows, columns=["left", "right", "similarity"]).to_csv(asked.target, index=False)
print(json.dumps({"right": seconds}))
