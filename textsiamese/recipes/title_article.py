"""How ``title-article`` was made: does this title belong to this article?

    python -m textsiamese.recipes.title_article --data FOLDER --out FOLDER

FOLDER holds ``articles/fnc1_pairs.parquet`` and ``articles/fnc1_articles.parquet`` (see
``data/README.md``). Both towers begin as ``lstm-quora``, with fewer pieces; the article's reads up
to 16 windows of 96 pieces and takes the mean of their vectors. A batch has 64 articles with all of
their titles; titles and articles of one story, which a chain of related pairs joins, are never each
other's negatives.

How FNC-1 is split is told in :mod:`textsiamese.recipes.news`: train, dev (chooses the epoch), held
(fits the decision), test, and new: the articles of stories that nothing else knows.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

import textsiamese as ts
from textsiamese.learning.objectives import Loss
from textsiamese.recipes.news import read_news

INFO = ts.TwinInfo(
    name="title-article",
    description="two LSTM towers: does this English title belong to this news article?",
    language="English",
    trained_on="FNC-1 headlines and articles, the train part of a split by article; begun from "
    "lstm-quora",
    terms="weights for non-commercial use only (Quora's terms for the data of lstm-quora); FNC-1 "
    "itself is under the Apache License 2.0",
    recipe="python -m textsiamese.recipes.title_article --data FOLDER --out FOLDER",
    base="lstm-quora",
)

LOSSES: dict[str, Loss] = {
    "multiple-negatives": ts.MultipleNegativesLoss(temperature=0.05),
    "contrastive": ts.ContrastiveLoss(margin=0.5),
    "triplet": ts.TripletLoss(margin=0.2),
}
TITLE_PIECES, ARTICLE_PIECES = 6_500, 9_500


def make(
    data: Annotated[Path, typer.Option(help="folder with articles/")],
    out: Annotated[Path, typer.Option(help="folder for the bundle")],
    loss: Annotated[str, typer.Option(help=f"one of {', '.join(LOSSES)}")] = "multiple-negatives",
    epochs: int = 6,
    learning_rate: float = 1e-3,
    seed: int = 0,
    resume: bool = False,
) -> None:
    """Train, calibrate, measure, save; prints its measurements as JSON."""
    news = read_news(data / "articles", seed=0)
    twin = ts.fit(
        begin(news),
        news["train"],
        news["dev"],
        decide_on=news["held"],
        loss=LOSSES[loss],
        out=out,
        config=ts.FitConfig(
            epochs=epochs,
            batch_size=64,
            learning_rate=learning_rate,
            patience=epochs,
            warmup=0.1,
            seed=seed,
        ),
        resume=resume,
    )
    scores = measure(twin, news)
    info = replace(INFO, scores=scores, training=twin.info.training)
    twin.with_parts(info=info).save(out)
    print(json.dumps({"loss": loss, "seed": seed, **scores}, indent=2))


def begin(news: dict[str, ts.Pairs]) -> ts.PseudoSiamese:
    """Two towers that encode as ``lstm-quora`` does, with the pieces that news need."""
    known = ts.load("lstm-quora").encoder
    assert isinstance(known, ts.LstmEncoder)
    texts = list(dict.fromkeys(news["train"].texts))
    whole = with_sizes(known, max_length=2**16, windows=1)  # so that all pieces are counted
    title = ts.trim_vocabulary(whole, texts, TITLE_PIECES)
    article = ts.trim_vocabulary(whole, texts, ARTICLE_PIECES)
    return ts.PseudoSiamese(
        with_sizes(title, max_length=64, windows=1),
        with_sizes(article, max_length=96, windows=16),
        info=INFO,
    )


def with_sizes(encoder: ts.LstmEncoder, *, max_length: int, windows: int) -> ts.LstmEncoder:
    """The same weights, reading so many pieces at once, and so many windows of them."""
    config = replace(encoder.config, max_length=max_length, windows=windows, dropout=0.1)
    other = ts.LstmEncoder(encoder.vocabulary, config)
    other.load_state_dict(encoder.state_dict())
    return other


def measure(twin: ts.PseudoSiamese, news: dict[str, ts.Pairs]) -> dict[str, float]:
    """What the model card quotes, of test and of the stories that no other part knows."""
    scores: dict[str, float] = {}
    for name in ("test", "new"):
        judged = ts.evaluate(twin, news[name])
        found = ts.evaluate_retrieval(twin, news[name]).left_to_right
        told = {
            "pairs": judged.n,
            "accuracy, own threshold": judged.accuracy,
            "accuracy, cross-fitted threshold": judged.cross_fitted_accuracy,
            "average precision": judged.average_precision,
            "ROC AUC": judged.roc_auc,
            "ECE": judged.ece,
            **{f"title to article {measure}": value for measure, value in found.measures.items()},
        }
        scores |= {f"fnc-1/{name} {measure}": value for measure, value in told.items()}
    return scores


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    typer.run(make)
