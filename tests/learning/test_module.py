from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.encoders.tokens import Vocabulary
from textsiamese.encoders.transformer import TransformerEncoder
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


def test_beside_what_lora_adds_the_pair_head_learns(bert: TransformerEncoder, train: Pairs) -> None:
    whole = module(Siamese(bert, PairHead.new(16, 4)), PairCrossEntropy())
    whole.add_lora(2)
    whole(**PairBatches(train, whole.encoder)(range(50)))["loss"].backward()
    learnt = {name for name, weight in whole.named_parameters() if weight.grad is not None}
    assert {"similarity.gate", "similarity.inner"} <= learnt
    assert all("lora_" in name for name in learnt if name.startswith("encoder."))
    assert not any("lora_" in name for name, _ in bert.named_parameters())


def test_lora_begins_by_its_seed_and_the_twin_is_the_merged_one(
    bert: TransformerEncoder, train: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textsiamese.twins.runtime.has_bf16", lambda _: False)
    one, same, other = (module(Siamese(bert), ContrastiveLoss()) for _ in range(3))
    for whole, seed in ((one, 1), (same, 1), (other, 2)):
        whole.add_lora(2, seed)
    first = [next(w for w in whole.parameters() if w.requires_grad) for whole in (one, same, other)]
    assert torch.equal(first[0], first[1])
    assert not torch.equal(first[0], first[2])
    with torch.no_grad():
        for weight in one.parameters():
            if weight.requires_grad:
                weight.normal_(0, 0.5)
    learnt = one.twin().similarity(train.left, train.right)
    one.merge_lora()
    merged = one.twin().similarity(train.left, train.right)
    np.testing.assert_allclose(merged, learnt, atol=1e-4)
    assert np.abs(merged - Siamese(bert).similarity(train.left, train.right)).max() > 0.1
    assert one.state_dict().keys() == module(Siamese(bert), ContrastiveLoss()).state_dict().keys()


def test_lora_is_for_transformers(own_encoder: LstmEncoder) -> None:
    whole = module(Siamese(own_encoder), ContrastiveLoss())
    with pytest.raises(InputError, match=r"lora is 4, and LoRA is .* a LstmEncoder learns with"):
        whole.add_lora(4)


def test_the_twin_it_starts_from_stays_as_it_is(own_encoder: LstmEncoder) -> None:
    twin = Siamese(own_encoder)
    whole = module(twin, ContrastiveLoss())
    with torch.no_grad():
        whole.encoder.projection.weight.zero_()
    assert own_encoder.projection.weight.abs().sum() > 0
