"""FNC-1 as its recipe takes it: split by article, copies on one side, stories told apart."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import textsiamese as ts
from textsiamese.inputs.components import connected_components

SHARES = {"train": 0.65, "dev": 0.1, "held": 0.1, "test": 0.15}
NEW_STORIES = {"dev": 0.05, "held": 0.05, "new": 0.1}
_SHINGLE, _ALIKE = 5, 0.5

Ints = NDArray[np.int64]


def read_news(folder: Path, seed: int = 0) -> dict[str, ts.Pairs]:
    """FNC-1, dealt to the parts "train", "dev", "held", "test" and "new"; 1 = related.

    A story is what a chain of related pairs and near-duplicate articles joins. A tenth of the
    stories is "new", which nothing else has an article of; a twentieth each is in dev and in held
    alone, so that these speak of new stories too. The articles of all other stories are dealt to
    train, dev, held and test, near-duplicates together. The pairs of an article are a row.

    FNC-1 puts the titles of every story beside articles of all others, as unrelated. In train,
    those of stories that it has no article of would teach nothing but that they match nothing: they
    are left out there.
    """
    table = pd.read_parquet(folder / "fnc1_pairs.parquet").drop_duplicates(["title", "article_id"])
    known = pd.read_parquet(folder / "fnc1_articles.parquet")
    articles = known["article"].tolist()
    article = pd.Index(known["article_id"]).get_indexer(table["article_id"])
    title = pd.factorize(table["title"])[0]
    related = table["label"].to_numpy() == 1
    copies = near_duplicates(articles)
    size = len(articles) + title.max() + 1
    one = np.concatenate([article[related], copies[:, 0]])
    other = np.concatenate([title[related] + len(articles), copies[:, 1]])
    story = connected_components(one, other, size)  # of each article, then of each title
    cluster = connected_components(copies[:, 0], copies[:, 1], len(articles))
    part = _dealt(story[: len(articles)], cluster, seed)
    trained = np.isin(story[len(articles) :], story[: len(articles)][part == "train"])
    pairs = {}
    for name in dict.fromkeys([*SHARES, *NEW_STORIES]):
        rows = np.flatnonzero((part[article] == name) & ((name != "train") | trained[title]))
        pairs[name] = ts.Pairs(
            table["title"].iloc[rows].tolist(),
            [articles[number] for number in article[rows]],
            related[rows].astype(np.int8),
            f"fnc-1/{name}",
            rows=article[rows],
        )
    return pairs


def near_duplicates(texts: Sequence[str]) -> Ints:
    """(p, 2) texts of which the shorter has half of its runs of five words in the other."""
    shingles = [_shingles(text) for text in texts]
    holders: defaultdict[int, list[int]] = defaultdict(list)
    found: list[tuple[int, int]] = []
    for number, own in enumerate(shingles):
        shared = Counter(other for shingle in own for other in holders[shingle])
        found += [
            (number, other)
            for other, count in shared.items()
            if count >= _ALIKE * min(len(own), len(shingles[other]))
        ]
        for shingle in own:
            holders[shingle].append(number)
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _shingles(text: str) -> set[int]:
    words = re.findall(r"\w+", text.lower())
    runs = range(max(1, len(words) - _SHINGLE + 1))
    return {hash(tuple(words[start : start + _SHINGLE])) for start in runs}


def _dealt(story: Ints, cluster: Ints, seed: int) -> NDArray[np.str_]:
    """The part of each article."""
    random = np.random.default_rng(seed)
    part = np.full(len(story), "", dtype="<U5")
    for groups, shares in ((story, NEW_STORIES), (cluster, SHARES)):
        left = random.permutation(np.unique(groups[part == ""]))
        ends = np.round(np.cumsum(list(shares.values())) * len(left)).astype(int)
        for name, chosen in zip(shares, np.split(left, ends), strict=False):
            part[np.isin(groups, chosen) & (part == "")] = name
    return part
