"""What every encoder keeps, in one table."""

from __future__ import annotations

import copy
import inspect
from dataclasses import asdict
from typing import get_args

import numpy as np
import pytest
import torch

from textsiamese.encoders.encoder import Encoder

TEXTS = ["How do I learn Python?", "why", "What is the best way to learn it?", "你好", "."]


@pytest.fixture(params=["encoder", "bert"])
def each(request: pytest.FixtureRequest) -> Encoder:
    return request.getfixturevalue(request.param)


def groups(encoder: Encoder, texts: list[str]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    tokens = encoder.tokens(texts)
    ids = torch.from_numpy(tokens.padded(np.arange(len(texts))))
    return [(ids, torch.from_numpy(tokens.lengths))]


def test_the_table_has_every_encoder(encoder: Encoder, bert: Encoder) -> None:
    assert set(get_args(Encoder)) == {type(encoder), type(bert)}


def test_vectors_are_float32_of_the_width_that_it_says(each: Encoder) -> None:
    with torch.no_grad():
        vectors = each(groups(each, TEXTS))
    assert vectors.shape == (len(TEXTS), each.config.dim)
    assert vectors.dtype == torch.float32
    assert each.config.normalize
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(TEXTS)))


def test_a_row_is_its_own_whatever_its_company(each: Encoder) -> None:
    with torch.no_grad():
        together = each(groups(each, TEXTS))
        apart = torch.cat([each(groups(each, [text])) for text in TEXTS])
        in_groups = each([group for text in TEXTS for group in groups(each, [text])])
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=0)
    torch.testing.assert_close(in_groups, apart, atol=1e-6, rtol=0)


def test_every_weight_that_is_trained_gets_a_gradient(each: Encoder) -> None:
    trained = copy.deepcopy(each).train()
    (trained(groups(trained, TEXTS)) * torch.randn(len(TEXTS), each.config.dim)).sum().backward()
    without = [n for n, p in trained.named_parameters() if p.requires_grad and p.grad is None]
    assert not without


def test_what_it_says_of_itself_is_plain(each: Encoder) -> None:
    for name, value in asdict(each.config).items():
        assert isinstance(value, str | int | float | bool), name
    assert each.group_size >= 1
    assert isinstance(each.vocabulary.to_json(), str)
    assert "groups" in inspect.signature(each.forward).parameters
