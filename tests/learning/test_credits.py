from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.credits import trained_info
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.siamese import Siamese

TEACHER = TwinInfo(name="wise", terms="for study only")


def named(encoder: LstmEncoder, train: Pairs, *, teacher: bool = False, **known: str) -> TwinInfo:
    fingerprint = known.pop("fingerprint", "")
    twin = Siamese(encoder, info=TwinInfo(**known), fingerprint=fingerprint)
    wise = Siamese(encoder, info=TEACHER, fingerprint="f") if teacher else None
    return trained_info("mine", twin, train, wise)


def test_a_new_twin_is_called_by_its_folder_unless_it_has_a_name(
    encoder: LstmEncoder, train: Pairs
) -> None:
    info = named(encoder, train)
    assert info == TwinInfo(name="mine", trained_on="train.csv (200 pairs)")
    kept = named(encoder, train, name="topics", language="English")
    assert (kept.name, kept.language) == ("topics", "English")
    assert kept.trained_on == "train.csv (200 pairs)"
    whole = TwinInfo(name="ours", trained_on="all we had", recipe="make it")
    assert trained_info("mine", Siamese(encoder, info=whole), train, None) == whole


def test_one_that_was_trained_before_is_the_base(encoder: LstmEncoder, train: Pairs) -> None:
    known = {"name": "first", "language": "English", "terms": "free", "recipe": "make it"}
    info = named(encoder, train, fingerprint="f", trained_on="much", description="good", **known)
    assert (info.name, info.base, info.language, info.terms) == ("mine", "first", "English", "free")
    assert info.trained_on == "train.csv (200 pairs), begun from first"
    assert (info.recipe, info.description, info.scores) == ("", "", {})


def test_whoever_taught_is_named(encoder: LstmEncoder, train: Pairs) -> None:
    assert named(encoder, train, teacher=True).trained_on.endswith(
        ", taught by the vectors of wise"
    )
    taught = replace(train, taught=np.full(200, 0.5))
    assert named(encoder, taught).trained_on.endswith("(200 pairs) with a teacher's probabilities")
    texts = Pairs.of_texts(["a", "b"], "t.csv")
    assert named(encoder, texts, teacher=True).trained_on.startswith("t.csv (2 texts), taught")


@pytest.mark.parametrize(
    ("own", "terms"),
    [
        ("", "for study only"),
        ("for study only", "for study only"),
        ("free; and of its teacher: for study only", "free; and of its teacher: for study only"),
        ("study only", "for study only"),
        ("share alike", "share alike; and of its teacher: for study only"),
    ],
)
def test_the_terms_of_a_teacher_hold_too(
    encoder: LstmEncoder, train: Pairs, own: str, terms: str
) -> None:
    assert named(encoder, train, teacher=True, terms=own).terms == terms
    assert named(encoder, train, terms=own).terms == own
