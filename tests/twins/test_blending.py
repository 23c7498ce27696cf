from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import InputError
from textsiamese.twins.blending import blend
from textsiamese.twins.bundle import load
from textsiamese.twins.siamese import Siamese

TEXTS = ["How do I learn Python?", "why", "What is the best way?"]
SMALL = LstmConfig(embedding=8, hidden=8, dim=8)


def moved(twin: Siamese, seed: int) -> Siamese:
    """The same twin with other weights, as after a training."""
    other = copy.deepcopy(twin.encoder)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in other.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=generator)).copy_(
                weight.half().float()
            )
    return Siamese(other, twin.measure, twin.decision, twin.info)


@pytest.fixture(params=["lstm", "bert"])
def before(request: pytest.FixtureRequest, torch_twin: Siamese, bert_folder: Path) -> Siamese:
    if request.param == "lstm":
        return torch_twin
    return Siamese(TransformerEncoder(bert_folder, max_length=20))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_each_weight_lies_between_its_two(before: Siamese, share: float) -> None:
    after = moved(before, seed=1)
    found = blend(before, after, share).encoder.state_dict()
    old, new = before.encoder.state_dict(), after.encoder.state_dict()
    for name, weight in found.items():
        if not weight.is_floating_point():
            assert torch.equal(weight, new[name])
            continue
        expected = (1 - share) * old[name].double() + share * new[name].double()
        np.testing.assert_allclose(weight, expected, rtol=1e-3, atol=1e-6)  # fp16
        assert torch.equal(weight, weight.half().float())


def test_the_two_stay_as_they_are(before: Siamese) -> None:
    after = moved(before, seed=1)
    old, new = before.encode(TEXTS), after.encode(TEXTS)
    between = blend(before, after, 0.5).encode(TEXTS)
    np.testing.assert_array_equal(before.encode(TEXTS), old)
    np.testing.assert_array_equal(after.encode(TEXTS), new)
    assert not np.allclose(between, old, atol=1e-3)
    assert not np.allclose(between, new, atol=1e-3)


def test_it_decides_nothing_until_it_is_calibrated(torch_twin: Siamese) -> None:
    after = moved(torch_twin, seed=1)
    after = after.with_parts(info=replace(after.info, scores={"test accuracy": 0.9}))
    blended = blend(torch_twin, after, 0.5)
    assert after.decision is not None
    assert blended.decision is None
    assert blended.measure is after.measure
    assert blended.info == replace(after.info, scores={})


def test_a_saved_blend_opens_with_the_same_vectors(before: Siamese, tmp_path: Path) -> None:
    blended = blend(before, moved(before, seed=1), 0.7)
    blended.save(tmp_path / "twin")
    np.testing.assert_allclose(
        load(tmp_path / "twin").encode(TEXTS), blended.encode(TEXTS), atol=2e-3
    )


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_that_is_none(torch_twin: Siamese, share: float) -> None:
    with pytest.raises(InputError, match=r"it must be between 0 \(before\) and 1 \(after\)"):
        blend(torch_twin, torch_twin, share)


def test_encoders_of_two_shapes(torch_twin: Siamese, bert_folder: Path) -> None:
    other = Siamese(TransformerEncoder(bert_folder, max_length=20))
    with pytest.raises(InputError, match=r"one shape only.* LstmEncoder .* TransformerEncoder"):
        blend(torch_twin, other, 0.5)


def test_encoders_that_pool_or_ask_otherwise(bert_folder: Path) -> None:
    one = Siamese(TransformerEncoder(bert_folder, max_length=20))
    other = Siamese(TransformerEncoder(bert_folder, pooling="cls", normalize=False))
    with pytest.raises(InputError, match=r"one way; these differ in pooling, normalize, layers$"):
        blend(one, other, 0.5)
    asking = copy.deepcopy(one.encoder)
    asking.config = replace(asking.config, prompt="query: ")
    with pytest.raises(InputError, match=r"these differ in prompt$"):
        blend(one, Siamese(asking), 0.5)
    blend(one, Siamese(TransformerEncoder(bert_folder, max_length=30)), 0.5)


def test_vocabularies_of_their_own() -> None:
    one, two = (
        Siamese(LstmEncoder.for_texts([text] * 3, SMALL, vocabulary_size=400))
        for text in ("abc abd abe", "xyz xyu xyv")
    )
    assert len(one.encoder.vocabulary) == len(two.encoder.vocabulary)
    with pytest.raises(InputError, match="the one that its training began from"):
        blend(one, two, 0.5)
