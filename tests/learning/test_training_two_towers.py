from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import textsiamese as ts
from tests.learning.conftest import TOPICS
from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.config import FitConfig
from textsiamese.learning.fit import fit
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.module import TwinModule
from textsiamese.learning.objectives import EncodedPairs, Objective
from textsiamese.learning.sharing import Share
from textsiamese.twins.pseudo_siamese import PseudoSiamese

CONFIG = FitConfig(epochs=3, batch_size=25, learning_rate=0.02, bf16=False)


def two_towers(train: Pairs) -> PseudoSiamese:
    torch.manual_seed(0)
    sizes = LstmConfig(embedding=12, hidden=10, dim=12, dropout=0.1)
    towers = [LstmEncoder.for_texts(side, sizes, 400) for side in (train.left, train.right)]
    return PseudoSiamese(*towers, info=ts.TwinInfo(name="topics", language="English"))


def same_topic(n: int, seed: int) -> Pairs:
    """Questions on a topic beside its other name: all pairs are the same."""
    random = np.random.default_rng(seed)
    topics = [TOPICS[i] for i in random.integers(len(TOPICS), size=n)]
    left = [f"what is {one} number {random.integers(50)}" for one, _ in topics]
    return Pairs(left, [other for _, other in topics], np.ones(n, np.int8), "topics.csv")


def state(twin: PseudoSiamese) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in twin.encoder.state_dict().items()}


def test_a_batch_holds_the_inputs_of_each_side_once(train: Pairs) -> None:
    twin = two_towers(train)
    batches = PairBatches(train, twin.encoder)
    rows = [3, 1, 4, 1 + 20, 5 + 50]
    batch = batches(rows)
    lefts = [pieces for ids, n in batch["groups"][0] for pieces in unpadded(ids, n)]
    rights = [pieces for ids, n in batch["groups"][1] for pieces in unpadded(ids, n)]
    assert batch["lefts"] == len(lefts) == len({train.left[row] for row in rows})
    assert len(rights) == len({train.right[row] for row in rows})
    for place, row in enumerate(rows):
        left, right = int(batch["left"][place]), int(batch["right"][place]) - batch["lefts"]
        assert lefts[left] == twin.encoder.left.tokens([train.left[row]]).flat.tolist()
        assert rights[right] == twin.encoder.right.tokens([train.right[row]]).flat.tolist()


def unpadded(ids: torch.Tensor, lengths: torch.Tensor) -> list[list[int]]:
    return [row[:length].tolist() for row, length in zip(ids, lengths, strict=True)]


def test_a_text_on_both_sides_is_encoded_by_both_towers() -> None:
    table = Pairs(["bread", "dough"], ["dough", "bread"], np.ones(2, np.int8))
    batch = PairBatches(table, two_towers(table).encoder)([0, 1])
    assert (batch["lefts"], len(batch["alike"])) == (2, 4)
    assert batch["left"].max() < 2 <= batch["right"].min()


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_processes_share_both_sides(train: Pairs, processes: int) -> None:
    encoder = two_towers(train).encoder.eval()
    rows = list(range(12))
    whole = encoder(PairBatches(train, encoder)(rows)["groups"])
    hands = [
        encoder(PairBatches(train, encoder, Share(process, processes))(rows)["groups"])
        for process in range(processes)
    ]
    for row in range(len(whole)):
        torch.testing.assert_close(hands[row % processes][row // processes], whole[row])


def test_only_inputs_of_different_sides_are_compared() -> None:
    left, right = torch.tensor([0, 1, 2]), torch.tensor([3, 3, 4])
    batch = EncodedPairs(
        torch.eye(5), left, right, torch.ones(3), torch.tensor([0, 0, 1, 0, 1]), torch.dot, lefts=3
    )
    found = batch.relations()
    assert found.positives.nonzero().tolist() == [[0, 3], [1, 3], [2, 4], [3, 0], [3, 1], [4, 2]]
    assert found.negatives.nonzero().tolist() == [[0, 4], [1, 4], [2, 3], [3, 2], [4, 0], [4, 1]]


def test_it_learns_to_match(tmp_path: Path) -> None:
    train, dev = same_topic(400, 0), same_topic(100, 1)
    negatives = Pairs(dev.left, [*dev.right[1:], dev.right[0]], np.zeros(len(dev), np.int8))
    other = [TOPICS_OF[a] != TOPICS_OF[b] for a, b in zip(dev.right, negatives.right, strict=True)]
    away = negatives.subset(np.array(other))
    judged = dev.followed_by(away.left, away.right, away.labels, "dev.csv")
    config = FitConfig(epochs=8, batch_size=40, learning_rate=0.02)
    twin = fit(two_towers(train), train, judged, out=tmp_path / "twin", config=config)
    assert isinstance(twin, PseudoSiamese)
    assert ts.evaluate(twin, judged).accuracy > 0.95


TOPICS_OF = {name: number for number, names in enumerate(TOPICS) for name in names}


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_frozen_tower_keeps_its_weights_and_the_other_learns(
    train: Pairs, dev: Pairs, tmp_path: Path, side: str
) -> None:
    before = two_towers(train)
    config = CONFIG.with_settings({f"freeze_{side}": 3, "half_weights": False})
    after = fit(before, train, dev, out=tmp_path / "twin", config=config)
    first, last = state(before), state(after)
    for name, value in first.items():
        assert torch.equal(value, last[name]) == (name.startswith(side) or "padding" in name), name


def test_a_tower_thaws_after_its_epochs(train: Pairs, dev: Pairs, tmp_path: Path) -> None:
    before = two_towers(train)
    config = CONFIG.with_settings({"freeze_left": 2, "keep_checkpoints": True})
    fit(before, train, dev, out=tmp_path / "twin", config=config)
    from safetensors.torch import load_file

    first = before.encoder.left.projection.weight
    for epoch, frozen in ((2, True), (3, False)):
        kept = load_file(
            tmp_path / "twin.checkpoints" / f"checkpoint-{epoch * 8}" / "model.safetensors"
        )
        assert torch.equal(kept["encoder.left.projection.weight"], first) == frozen


def test_settings_of_towers_are_refused_where_there_is_one(
    train: Pairs, dev: Pairs, tmp_path: Path
) -> None:
    twin = ts.Siamese(two_towers(train).encoder.left)
    with pytest.raises(InputError, match="freeze_left is for one of two towers"):
        fit(twin, train, dev, out=tmp_path / "t", config=FitConfig(freeze_left=1))


def test_both_towers_cannot_be_frozen() -> None:
    with pytest.raises(InputError, match="freeze_right is 2; it must be 0 with freeze_left=1"):
        FitConfig(freeze_left=1, freeze_right=2)


def test_a_teacher_of_vectors_is_refused(train: Pairs, dev: Pairs, tmp_path: Path) -> None:
    teacher = ts.load()
    with pytest.raises(InputError, match="Siamese twin only"):
        fit(
            two_towers(train),
            train,
            dev,
            loss="vector-distillation",
            teacher=teacher,
            out=tmp_path / "t",
        )


def test_lora_is_for_transformers(train: Pairs) -> None:
    module = TwinModule(two_towers(train), Objective(ts.ContrastiveLoss(), TripletMiner("all")))
    with pytest.raises(InputError, match="a LstmEncoder and a LstmEncoder"):
        module.add_lora(4)
