"""What every encoder keeps, in one table."""

from __future__ import annotations

import copy
import inspect
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from tests.backbones import saved_backbone
from textsiamese.encoders.backbone import BackboneEncoder
from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.encoders.encoder import Encoder

TEXTS = ["How do I learn Python?", "why", "What is the best way to learn it?", "你好", "."]


PICTURES = np.random.default_rng(0).integers(256, size=(5, 24, 24, 3), dtype=np.uint8)


@pytest.fixture
def cnn() -> Encoder:
    torch.manual_seed(0)
    return CnnEncoder(CnnConfig(size=24, widths=(8, 16), dim=10)).eval()


@pytest.fixture
def backbone(tmp_path: Path) -> Encoder:
    return BackboneEncoder(saved_backbone("mobilenet_v2", tmp_path), dim=10, size=24).eval()


@pytest.fixture(params=["encoder", "bert", "cnn", "backbone"])
def each(request: pytest.FixtureRequest) -> Encoder:
    return request.getfixturevalue(request.param)


def groups(encoder: Encoder, rows: range = range(len(TEXTS))) -> list[Any]:
    """Some of the inputs, as one group."""
    if encoder.reads == "pictures":
        return [torch.from_numpy(PICTURES[list(rows)])]
    tokens = encoder.tokens([TEXTS[row] for row in rows])
    ids = torch.from_numpy(tokens.padded(np.arange(len(rows))))
    return [(ids, torch.from_numpy(tokens.lengths))]


def test_the_table_has_every_encoder(
    encoder: Encoder, bert: Encoder, cnn: Encoder, backbone: Encoder
) -> None:
    assert set(get_args(Encoder)) == {type(each) for each in (encoder, bert, cnn, backbone)}


def test_vectors_are_float32_of_the_width_that_it_says(each: Encoder) -> None:
    with torch.no_grad():
        vectors = each(groups(each))
    assert vectors.shape == (len(TEXTS), each.config.dim)
    assert vectors.dtype == torch.float32
    assert each.config.normalize
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(TEXTS)))


def test_a_row_is_its_own_whatever_its_company(each: Encoder) -> None:
    with torch.no_grad():
        together = each(groups(each))
        singles = [groups(each, range(row, row + 1)) for row in range(len(TEXTS))]
        apart = torch.cat([each(single) for single in singles])
        in_groups = each([group for single in singles for group in single])
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=0)
    torch.testing.assert_close(in_groups, apart, atol=1e-6, rtol=0)


def test_every_weight_that_is_trained_gets_a_gradient(each: Encoder) -> None:
    trained = copy.deepcopy(each).train()
    (trained(groups(trained)) * torch.randn(len(TEXTS), each.config.dim)).sum().backward()
    without = [n for n, p in trained.named_parameters() if p.requires_grad and p.grad is None]
    assert not without


def test_what_it_says_of_itself_is_plain(each: Encoder) -> None:
    for name, value in asdict(each.config).items():
        values = value if isinstance(value, tuple) else (value,)
        assert all(isinstance(one, str | int | float | bool) for one in values), name
    assert each.group_size >= 1
    if each.reads == "texts":
        assert isinstance(each.vocabulary.to_json(), str)
    else:
        assert each.form.size == each.config.size
    assert "groups" in inspect.signature(each.forward).parameters
