"""The bundled twins: small enough, their terms beside them, their cards true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import textsiamese as ts
from textsiamese.twins.places import bundled

ROOT = Path(__file__).parent.parent
PRETRAINED = ROOT / "textsiamese" / "pretrained"
MEGABYTES = {"lstm-quora": 20, "minilm-quora": 35, "title-article": 10, "caption-image": 20}
QUORA = ["lstm-quora", "minilm-quora"]
MEASURED = {
    "accuracy, two-fold cross-fitted threshold": "accuracy, cross-fitted threshold",
    "average precision": "average precision",
    "ROC AUC": "ROC AUC",
    "accuracy at the bundle's own threshold, `prior=0.5`": "accuracy, own threshold, prior=0.5",
    "accuracy at the bundle's own threshold, as it comes": "accuracy, own threshold",
    "F1 at the bundle's own threshold, as it comes": "F1, own threshold",
    "ECE (15 bins), `prior=0.5`": "ECE, prior=0.5",
}


@pytest.fixture(params=bundled())
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def test_each_is_small_enough_and_so_are_all(name: str) -> None:
    def megabytes(folder: Path) -> float:
        return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6

    assert megabytes(PRETRAINED / name) <= MEGABYTES[name]
    assert megabytes(PRETRAINED) <= 80


def test_its_terms_lie_beside_it(name: str) -> None:
    assert name in (PRETRAINED / name / "TERMS.md").read_text(encoding="utf-8").splitlines()[0]
    info = ts.load(name).info
    assert info.name == name
    assert "non-commercial" in info.terms
    assert info.recipe.startswith(f"python -m textsiamese.recipes.{name.replace('-', '_')} ")


@pytest.mark.parametrize("name", QUORA)
def test_its_card_says_what_was_measured(name: str) -> None:
    card = (PRETRAINED / name / "README.md").read_text(encoding="utf-8")
    scores = ts.load(name).info.scores
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+ \| [^|]+) \|$", card, flags=re.M))
    for row, key in MEASURED.items():
        for part, shown in zip(["", " of unseen questions"], rows[row].split(" | "), strict=True):
            assert shown == written(shown, scores[f"quora/dev{part} {key}"]), row


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("title-article", ["fnc-1/test", "fnc-1/new"]),
        ("caption-image", ["flickr8k/dev caption to picture", "flickr8k/dev picture to caption"]),
    ],
)
def test_the_card_of_two_towers_says_what_was_measured(name: str, parts: list[str]) -> None:
    card = (PRETRAINED / name / "README.md").read_text(encoding="utf-8")
    scores = ts.load(name).info.scores
    rows = re.findall(r"^\| ([^|]+?) \| ([\d.%]+) \| ([\d.%]+) \|$", card, flags=re.M)
    told = [(row, shown) for row, *shown in rows if f"{parts[0]} {row}" in scores]
    assert len(told) >= 5
    for row, shown in told:
        for part, number in zip(parts, shown, strict=True):
            assert number == written(number, scores[f"{part} {row}"]), row


def written(like: str, value: float) -> str:
    """A number with as many digits as ``like``: a share, or points of a hundred."""
    if like.endswith("%"):
        return f"{value:.1%}"
    return f"{value:.3f}" if re.match(r"[01]\.\d{3}$", like) else f"{100 * value:.1f}"


@pytest.mark.parametrize("name", QUORA)
def test_it_knows_a_paraphrase_from_another_question(name: str) -> None:
    twin = ts.load(name)
    asked = "How do I learn Python?"
    assert twin.predict(asked, "What is the best way to learn Python?")
    assert not twin.predict(asked, "Where can I buy a car?")
    assert twin.similarity(asked, asked) >= twin.similarity(asked, asked.lower() + " fast")


def test_it_knows_the_article_that_a_title_belongs_to() -> None:
    twin = ts.load("title-article")
    article = (
        "A gold edition of the watch will cost up to 5,000 dollars, people with knowledge of the "
        "plans say, and will be kept in safes in the company's stores. "
    ) * 30
    assert twin.predict("Gold watch to cost 5,000 dollars", article)
    assert not twin.predict("Storm hits the coast of Norway", article)
