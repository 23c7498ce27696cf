from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from textsiamese.recipes.news import near_duplicates, read_news

STORIES, COPIES = 60, 4


def article(story: int, version: int) -> str:
    """Articles of one story share no run of words, but for versions 0 and 1, which are copies."""
    random = np.random.default_rng([story, max(version, 1)])
    words = [f"w{number}" for number in random.integers(5_000, size=60)]
    return " ".join([*words, "more"] if version else words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("articles")
    numbers = [(story, version) for story in range(STORIES) for version in range(COPIES)]
    articles = [{"article_id": 10 * s + v, "article": article(s, v)} for s, v in numbers]
    pairs = [
        {"title": f"title {title}", "article_id": 10 * s + v, "label": int(title == s)}
        for s, v in numbers
        for title in (s, (s + 1) % STORIES, (s + 7) % STORIES)
    ]
    pd.DataFrame(articles).to_parquet(made / "fnc1_articles.parquet")
    pd.DataFrame([*pairs, pairs[0]]).to_parquet(made / "fnc1_pairs.parquet")
    return made


def test_copies_are_found() -> None:
    texts = [article(1, 0), article(2, 0), article(1, 1), article(1, 2)]
    assert near_duplicates(texts).tolist() == [[2, 0]]
    assert near_duplicates(["a b", "c d"]).shape == (0, 2)


def test_every_pair_is_in_one_part_and_an_article_too(folder: Path) -> None:
    news = read_news(folder)
    assert list(news) == ["train", "dev", "held", "test", "new"]
    others = [name for name in news if name != "train"]
    assert all(len(news[name]) == 3 * len(set(news[name].right)) for name in others)
    articles = [set(pairs.right) for pairs in news.values()]
    assert sum(map(len, articles)) == len(set.union(*articles)) == STORIES * COPIES
    for name in others:
        assert news[name].labels.mean() == pytest.approx(1 / 3)


def test_train_has_no_titles_of_stories_without_an_article_there(folder: Path) -> None:
    train = read_news(folder)["train"]
    related = {t for t, label in zip(train.left, train.labels, strict=True) if label}
    assert set(train.left) == related
    assert 0 < len(related) < STORIES


def test_copies_stay_together_and_new_stories_apart(folder: Path) -> None:
    news = read_news(folder)
    where = {text: name for name, pairs in news.items() for text in pairs.right}
    parts = [{where[article(s, v)] for v in range(COPIES)} for s in range(STORIES)]
    assert sum("new" in each for each in parts) == STORIES // 10
    assert all(each == {"new"} for each in parts if "new" in each)
    for story in range(STORIES):
        assert where[article(story, 0)] == where[article(story, 1)]


def test_the_seed_deals(folder: Path) -> None:
    one, again, other = (read_news(folder, seed)["train"].right for seed in (0, 0, 1))
    assert one == again != other
