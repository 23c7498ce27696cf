from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import torch

from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.config import FitConfig
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.runs import describe_run
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import Euclidean


def described(train: Pairs, dev: Pairs, seed: int = 0, **changes: Any) -> dict[str, Any]:
    torch.manual_seed(seed)
    sizes = changes.pop("sizes", LstmConfig(embedding=4, hidden=4, dim=4))
    twin = Siamese(LstmEncoder.for_texts(train.texts, sizes, 400), changes.pop("measure", None))
    given = {"held": dev, "losses": [(1.0, ContrastiveLoss())], "config": FitConfig(), **changes}
    return describe_run(twin, train, dev, **given)


def test_the_same_run_is_described_the_same(train: Pairs, dev: Pairs) -> None:
    one = described(train, dev)
    assert json.loads(json.dumps(one)) == one == described(train, dev, seed=1)


def test_a_run_with_pictures_comes_back_from_a_file_as_it_was(train: Pairs, dev: Pairs) -> None:
    text = LstmEncoder.for_texts(train.left, LstmConfig(embedding=4, hidden=4, dim=4), 400)
    pictures = CnnEncoder(CnnConfig(size=8, widths=(8, 16), dim=4))
    losses = [(1.0, ContrastiveLoss())]
    run = describe_run(PseudoSiamese(text, pictures), train, dev, dev, losses, FitConfig())
    assert run["right"]["encoder"]["widths"] == [8, 16]
    assert json.loads(json.dumps(run)) == run


def test_settings_that_no_weight_depends_on_make_no_other_run(train: Pairs, dev: Pairs) -> None:
    config = FitConfig(save_steps=7, keep_checkpoints=True, gradient_checkpointing=True)
    assert described(train, dev, config=config) == described(train, dev)


@pytest.mark.parametrize(
    "change",
    [
        {"config": FitConfig(seed=1)},
        {"config": FitConfig(accumulation=2)},
        {"config": FitConfig(lora=4)},
        {"config": FitConfig(head_learning_rate=0.1)},
        {"losses": [(1.0, ContrastiveLoss(0.6))]},
        {"losses": [(0.5, ContrastiveLoss())]},
        {"sizes": LstmConfig(embedding=4, hidden=4, dim=5)},
        {"measure": Euclidean()},
    ],
)
def test_what_makes_another_run(train: Pairs, dev: Pairs, change: dict[str, Any]) -> None:
    assert described(train, dev, **change) != described(train, dev)


def test_another_table_makes_another_run(train: Pairs, dev: Pairs) -> None:
    turned = replace(dev, labels=1 - dev.labels)
    assert described(train, turned) != described(train, dev)
    assert described(train, dev, held=turned) != described(train, dev)


def test_another_teacher_makes_another_run(train: Pairs, dev: Pairs, encoder: LstmEncoder) -> None:
    info = TwinInfo(name="wise")
    one, other = (Siamese(encoder, info=info, fingerprint=letter * 64) for letter in "ab")
    assert described(train, dev)["teacher"] is None
    assert described(train, dev, teacher=one)["teacher"] == "wise (aaaaaaaaaaaaaaaa)"
    assert described(train, dev, teacher=one) != described(train, dev, teacher=other)
    taught = replace(train, taught=train.labels)
    assert described(taught, dev) != described(train, dev)
