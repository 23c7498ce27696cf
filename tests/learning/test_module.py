from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.encoders.tokens import Vocabulary
from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.cross_entropy import PairCrossEntropy
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.module import TwinModule
from textsiamese.learning.objectives import Loss, Objective
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import Cosine, PairHead


@pytest.fixture
def own_encoder(sample_vocabulary: Vocabulary) -> LstmEncoder:
    torch.manual_seed(0)
    return LstmEncoder(sample_vocabulary, LstmConfig(8, 6, 5, dropout=0.3))


def module(twin: Siamese, loss: Loss) -> TwinModule:
    return TwinModule(twin, Objective(loss, TripletMiner()))


def test_the_loss_is_that_of_the_twins_own_numbers(own_encoder: LstmEncoder, train: Pairs) -> None:
    twin = Siamese(own_encoder, PairHead.new(5, 4))
    whole = module(twin, PairCrossEntropy()).eval()
    loss = whole(**PairBatches(train, own_encoder)(range(50)))["loss"]
    odds = torch.from_numpy(twin.similarity(train.left[:50], train.right[:50]))
    expected = PairCrossEntropy()(odds, torch.from_numpy(train.labels[:50]))
    assert loss.item() == pytest.approx(expected.item(), abs=1e-5)


def test_every_weight_is_trained_and_the_given_head_stays(
    own_encoder: LstmEncoder, train: Pairs
) -> None:
    head = PairHead.new(5, 4)
    before = copy.deepcopy(dict(head.weights))
    whole = module(Siamese(own_encoder, head), PairCrossEntropy())
    names = {name for name, _ in whole.named_parameters()}
    assert {"similarity.gate", "encoder.embedding.weight", "similarity.inner"} <= names
    optimizer = torch.optim.SGD(whole.parameters(), lr=0.1)
    whole(**PairBatches(train, own_encoder)(range(50)))["loss"].backward()
    assert all(weight.grad is not None for weight in whole.parameters())
    assert all(weight.grad.abs().max() > 0 for weight in whole.parameters())  # type: ignore[union-attr]
    optimizer.step()
    assert all(np.array_equal(head.weights[name], before[name]) for name in before)
    assert not np.array_equal(whole.twin().measure.weights["gate"], before["gate"])


def test_the_twin_has_the_weights_as_they_are_now(own_encoder: LstmEncoder, train: Pairs) -> None:
    twin = Siamese(own_encoder, Cosine(), info=TwinInfo(name="mine"))
    whole = module(twin, ContrastiveLoss())
    now = whole.twin()
    assert now.info.name == "mine"
    before = now.similarity(train.left, train.right)
    np.testing.assert_array_equal(before, twin.similarity(train.left, train.right))
    with torch.no_grad():
        whole.encoder.projection.weight.normal_()
    assert not np.allclose(whole.twin().similarity(train.left, train.right), before)


def test_rounding_to_half(own_encoder: LstmEncoder) -> None:
    whole = module(Siamese(own_encoder, PairHead.new(5, 4)), PairCrossEntropy())
    before = [weight.detach().clone() for weight in whole.parameters()]
    whole.round_to_half()
    for old, new in zip(before, whole.parameters(), strict=True):
        assert torch.equal(new, new.half().float())
        torch.testing.assert_close(new.detach(), old, rtol=1e-3, atol=1e-6)
    assert any(
        not torch.equal(old, new) for old, new in zip(before, whole.parameters(), strict=True)
    )


def test_an_encoder_that_keeps_all_it_computes_says_so(own_encoder: LstmEncoder) -> None:
    whole = module(Siamese(own_encoder), ContrastiveLoss())
    with pytest.raises(
        InputError, match="gradient_checkpointing is true, and a LstmEncoder cannot"
    ):
        whole.checkpoint_activations()


def test_the_twin_it_starts_from_stays_as_it_is(own_encoder: LstmEncoder) -> None:
    twin = Siamese(own_encoder)
    whole = module(twin, ContrastiveLoss())
    with torch.no_grad():
        whole.encoder.projection.weight.zero_()
    assert own_encoder.projection.weight.abs().sum() > 0
