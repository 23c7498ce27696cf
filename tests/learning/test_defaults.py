from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.backbones import saved_backbone
from textsiamese.encoders.backbone import BackboneEncoder
from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.defaults import config_for, losses_for
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import Cosine, PairHead


def names(pairs: Pairs, *, head: bool = False, teacher: Siamese | None = None) -> list[str]:
    measure = PairHead.new(4, 2) if head else Cosine()
    return [type(loss).__name__ for _, loss in losses_for(measure, pairs, teacher)]


def test_losses_go_by_the_kind_of_table(train: Pairs) -> None:
    assert names(train) == ["ContrastiveLoss"]
    assert names(train, head=True) == ["PairCrossEntropy", "MultipleNegativesLoss"]
    assert names(train.subset(train.labels == 1)) == ["MultipleNegativesLoss"]
    assert names(replace(train, grades=np.linspace(0, 1, 200))) == ["CoSentLoss"]
    triplets = replace(train, rows=np.arange(200) // 2)
    assert "TripletLoss" in names(triplets)
    assert names(replace(train, rows=np.arange(200) * 3)) == ["ContrastiveLoss"]


def test_losses_go_by_what_a_teacher_gives(train: Pairs, encoder: LstmEncoder) -> None:
    taught = replace(train, taught=np.linspace(0, 1, 200))
    both = ["PairCrossEntropy", "DistillationLoss", "MultipleNegativesLoss"]
    assert names(taught, head=True) == both
    assert [weight for weight, _ in losses_for(PairHead.new(4, 2), taught)] == [0.5, 0.5, 0.2]
    assert names(taught) == ["ContrastiveLoss"]
    teacher = Siamese(encoder)
    assert names(taught, head=True, teacher=teacher) == [*both, "VectorDistillationLoss"]
    assert names(train, teacher=teacher) == ["ContrastiveLoss", "VectorDistillationLoss"]
    for head in (True, False):
        texts = Pairs.of_texts(train.left)
        assert names(texts, head=head, teacher=teacher) == ["VectorDistillationLoss"]


@pytest.fixture
def twins(encoder: LstmEncoder, bert: TransformerEncoder) -> dict[str, Siamese]:
    return {
        "new": Siamese(encoder),
        "trained": Siamese(encoder, fingerprint="f"),
        "transformer": Siamese(bert),
    }


@pytest.mark.parametrize("kind", ["new", "trained", "transformer"])
def test_settings_go_by_the_size_of_the_table(kind: str, twins: dict[str, Siamese]) -> None:
    sizes = [100, 5_000, 50_000, 400_000]
    configs = [config_for(size, twins[kind]) for size in sizes]
    epochs, batches = [c.epochs for c in configs], [c.batch_size for c in configs]
    assert epochs == sorted(epochs, reverse=True)
    assert batches == sorted(batches)
    steps = [c.epochs * -(-size // c.batch_size) for c, size in zip(configs, sizes, strict=True)]
    assert steps == sorted(steps)


def test_what_a_twin_knows_is_kept_by_smaller_steps(twins: dict[str, Siamese]) -> None:
    for size in (100, 5_000, 400_000):
        new, known, transformer = (config_for(size, twin) for twin in twins.values())
        assert transformer.learning_rate < known.learning_rate < new.learning_rate


def test_what_lora_adds_learns_ten_times_as_fast(twins: dict[str, Siamese]) -> None:
    for size in (100, 5_000, 400_000):
        full, lora = (config_for(size, twins["transformer"], lora=lora) for lora in (False, True))
        assert lora == replace(full, learning_rate=lora.learning_rate)
        assert lora.learning_rate == pytest.approx(10 * full.learning_rate)
    assert config_for(100, twins["new"], lora=True) == config_for(100, twins["new"])


def test_towers_of_different_kinds_learn_at_their_own_rates(
    encoder: LstmEncoder, bert: TransformerEncoder, tmp_path: Path
) -> None:
    dim = encoder.config.dim
    model = BackboneEncoder(saved_backbone("resnet", tmp_path / "resnet"), dim=dim)
    beside = config_for(5_000, PseudoSiamese(encoder, model))
    alone = config_for(5_000, Siamese(bert))
    assert (beside.learning_rate, beside.right_learning_rate) == (alone.learning_rate, None)
    assert beside.left_learning_rate == 1e-3
    new = config_for(5_000, PseudoSiamese(encoder, CnnEncoder(CnnConfig(dim=dim))))
    assert new.learning_rate > 10 * alone.learning_rate
    assert new.of_two_towers() == []
    assert new.epochs > config_for(5_000, Siamese(encoder)).epochs
