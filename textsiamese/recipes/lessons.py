"""What recipes learn from beside Quora's pairs: hard cases, questions, a teacher's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import textsiamese as ts
from textsiamese.inputs.contrasts import add_contrast_pairs
from textsiamese.inputs.fresh import fresh_questions
from textsiamese.recipes.robustness_sets import paws_halves


def unlabelled(data: Path, held_out: Sequence[ts.Pairs]) -> list[str]:
    """Questions without labels, none of which stands in a table that is held out."""
    table = pd.read_parquet(data / "questions" / "unlabelled.parquet")
    return fresh_questions(table["question"].tolist(), held_out=held_out).texts


def with_teachers_word(train: ts.Pairs, store: ts.VectorStore, label_share: float) -> ts.Pairs:
    """The pairs, to be learnt from their labels and from what the teacher says of them.

    Cross-entropy is linear in what it learns from, so its mean over two of these, with weights, is
    that of one: label_share * label + (1 - label_share) * probability.
    """
    word = store.score(train.left, train.right)
    return replace(train, taught=label_share * train.labels + (1 - label_share) * word)


def with_mined(train: ts.Pairs, mined: pd.DataFrame, store: ts.VectorStore) -> ts.Pairs:
    """The pairs, and after them mined ones, of which the teacher's word is all that is known."""
    left, right = mined["question1"].tolist(), mined["question2"].tolist()
    word = store.score(left, right)
    whole = train.followed_by(left, right, word >= 0.5, f"{train.name} + {len(mined):,} mined")
    return replace(whole, taught=np.concatenate([train.taught, word]))


def with_hard_cases(train: ts.Pairs, data: Path, contrasts: float, seed: int) -> ts.Pairs:
    """The pairs, and after them changed questions and half of PAWS-Wiki; their labels teach them.

    Args:
        train: the pairs.
        data: the folder with ``paraphrase/paws_wiki.parquet``.
        contrasts: how many changed questions, as a share of the pairs; 0: no PAWS-Wiki either.
        seed: draws the changes.
    """
    if not contrasts:
        return train
    paws = paws_halves(data).train
    changed = add_contrast_pairs(train, share=contrasts, seed=seed)
    return changed.followed_by(paws.left, paws.right, paws.labels, train.name)
