from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from textsiamese.errors import InputError
from textsiamese.recipes.intent_sets import Intents, intent_sets


def write(folder: Path, name: str, category: list[str]) -> None:
    texts = [f"text {i} of {name}" for i in range(len(category))]
    table = pd.DataFrame({"text": texts, "category": category})
    table.to_parquet(folder / "intents" / f"{name}.parquet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "intents").mkdir()
    write(tmp_path, "banking77_train", ["card", "fee", "card"])
    write(tmp_path, "clinc150_train", ["oos", "timer", "oos", "order"])
    return tmp_path


def test_both_sets_come_without_texts_of_no_intent(folder: Path) -> None:
    banking, clinc = intent_sets(folder)
    assert banking == Intents(
        "Banking77 train",
        [f"text {i} of banking77_train" for i in range(3)],
        ["card", "fee", "card"],
    )
    assert clinc == Intents(
        "CLINC150 train",
        ["text 1 of clinc150_train", "text 3 of clinc150_train"],
        ["timer", "order"],
    )


def test_a_fingerprint_is_of_texts_and_labels_in_their_order() -> None:
    intents = Intents("a", ["x", "y"], ["1", "2"])
    changed = [
        replace(intents, texts=["x", "z"]),
        replace(intents, labels=["1", "1"]),
        Intents("a", ["y", "x"], ["2", "1"]),
        Intents("a", ["x"], ["1"]),
    ]
    assert len({each.fingerprint() for each in (intents, *changed)}) == 5
    assert replace(intents, name="b").fingerprint() == intents.fingerprint()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"banking77_train\.parquet is not there; data/README\.md"):
        intent_sets(tmp_path)
