from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModel

from textsiamese.encoders import transformer as encoding
from textsiamese.encoders.lora import add_lora, merge_lora
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import MissingPackageError

TEXTS = ["How do I learn Python?", "why", "What is the best way to learn Python, and why?", "?"]


@pytest.fixture(params=["bert_folder", "roberta_folder"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def changed(folder: Path, rank: int = 3) -> TransformerEncoder:
    """An encoder whose matrices have changes that are not zero, and that drops nothing."""
    torch.manual_seed(0)
    encoder = TransformerEncoder(folder, dropout=0.0)
    encoder.add_lora(rank)
    with torch.no_grad():
        for weight in encoder.parameters():
            if weight.requires_grad:
                weight.normal_(0, 0.2)
    return encoder


def vectors(encoder: TransformerEncoder) -> Tensor:
    tokens = encoder.tokens(TEXTS)
    ids = torch.from_numpy(tokens.padded(np.arange(len(TEXTS))))
    return encoder([(ids, torch.from_numpy(tokens.lengths))])


def test_it_begins_with_the_vectors_of_the_transformer(folder: Path) -> None:
    encoder = TransformerEncoder(folder).eval()
    before = vectors(encoder)
    encoder.add_lora(3)
    torch.testing.assert_close(vectors(encoder), before)


def test_the_changes_learn_and_nothing_else(folder: Path) -> None:
    encoder = changed(folder).train()
    (vectors(encoder) * torch.randn(len(TEXTS), 16)).sum().backward()
    learnt = {name for name, weight in encoder.named_parameters() if weight.requires_grad}
    assert len(learnt) == 2 * 2 * 6  # A and B; two layers; query, key, value and three dense ones
    for name, weight in encoder.named_parameters():
        assert ("lora_" in name) == (name in learnt)
        assert name not in learnt or weight.grad.any(), name  # type: ignore[union-attr]
        assert name in learnt or weight.grad is None, name


@pytest.mark.parametrize("way", ["padded", "recomputed"])
def test_whichever_way_it_is_computed_the_gradients_are_the_same(
    folder: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for other in (False, True):
        encoder = changed(folder)
        if other and way == "padded":
            monkeypatch.setattr(encoding, "can_pack", lambda _: False)
        elif other:
            encoder.checkpoint_activations()
        vectors(encoder.train())[:, 0].sum().backward()
        found.append([w.grad for w in encoder.parameters() if w.requires_grad])
    for one, another in zip(*found, strict=True):
        torch.testing.assert_close(one, another, atol=1e-5, rtol=1e-4)


def test_merged_a_matrix_is_its_old_one_and_twice_the_product(bert_folder: Path) -> None:
    encoder = changed(bert_folder)
    query = encoder.transformer.encoder.layer[1].attention.self.query
    a, b = (part["default"].weight for part in (query.lora_A, query.lora_B))
    expected = query.base_layer.weight + 2 * b @ a
    encoder.merge_lora()
    merged = encoder.transformer.encoder.layer[1].attention.self.query
    assert type(merged) is torch.nn.Linear
    torch.testing.assert_close(merged.weight, expected)


def test_merged_it_is_a_plain_transformer_with_the_same_vectors(folder: Path) -> None:
    encoder = changed(folder).eval()
    before = vectors(encoder)
    encoder.merge_lora()
    torch.testing.assert_close(vectors(encoder), before, atol=1e-5, rtol=1e-5)
    plain = TransformerEncoder(folder)
    assert (vectors(plain.eval()) - before).abs().max() > 0.01
    assert encoder.state_dict().keys() == plain.state_dict().keys()
    kinds = [[type(each) for each in e.modules()] for e in (encoder, plain)]
    assert kinds[0] == kinds[1]
    assert not hasattr(encoder.transformer, "peft_config")


@pytest.mark.parametrize("kind", ["albert", "distilbert", "gpt2"])
def test_in_a_model_of_any_kind_every_change_learns_and_nothing_is_warned_of(kind: str) -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    sizes |= {"intermediate_size": 24, "embedding_size": 8, "vocab_size": 100, "eos_token_id": 1}
    model = AutoModel.from_config(AutoConfig.for_model(kind, **sizes, bos_token_id=1)).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        add_lora(model, 2)
    for weight in model.parameters():
        if weight.requires_grad:
            torch.nn.init.normal_(weight, 0, 0.2)
    ids = torch.randint(5, 90, (2, 7))
    states = model(input_ids=ids).last_hidden_state
    (states * torch.randn_like(states)).sum().backward()
    assert all(w.grad.any() for w in model.parameters() if w.requires_grad)  # type: ignore[union-attr]
    assert sum(w.requires_grad for w in model.parameters()) > 10
    merge_lora(model)
    torch.testing.assert_close(model(input_ids=ids).last_hidden_state, states, atol=1e-5, rtol=0)


def test_without_peft_it_is_said_what_installs_it(
    bert_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = TransformerEncoder(bert_folder)
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingPackageError, match=r'pip install "textsiamese\[lora\]"'):
        encoder.add_lora(4)
