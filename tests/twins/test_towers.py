from __future__ import annotations

import copy
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.errors import BundleError, TextsiameseError
from textsiamese.twins.towers import checked_graph, encoder_weights, open_tower


def config(encoder: LstmEncoder, **changes: Any) -> dict[str, Any]:
    return {"kind": "lstm", **asdict(encoder.config), **changes}


def test_opened_at_once_and_in_torch(encoder: LstmEncoder) -> None:
    weights = encoder_weights(encoder)
    graph = checked_graph(encoder)
    tower = open_tower(config(encoder), encoder.vocabulary, weights, graph, threads=1)
    again = tower.open()
    assert tower.open() is again
    assert not again.training
    assert again.config == encoder.config
    for name, value in encoder.state_dict().items():
        assert torch.equal(again.state_dict()[name], value)
    vectors = tower.runtime.encode(["how do i", "why"]).vectors
    with torch.no_grad():
        tokens = again.tokens(["why"])
        expected = again([(torch.from_numpy(tokens.flat[None]).long(), torch.tensor([1]))])
    np.testing.assert_allclose(vectors[1], expected[0], atol=1e-6)


def test_training_the_opened_encoder_leaves_the_weights_given(encoder: LstmEncoder) -> None:
    weights = encoder_weights(encoder)
    kept = {name: value.copy() for name, value in weights.items()}
    graph = checked_graph(encoder)
    opened = open_tower(config(encoder), encoder.vocabulary, weights, graph, threads=1).open()
    with torch.no_grad():
        for weight in opened.parameters():
            weight.add_(1)
    assert all(np.array_equal(weights[name], kept[name]) for name in kept)


def test_an_unknown_kind_is_refused(encoder: LstmEncoder) -> None:
    for kind in ("cnn", None):
        with pytest.raises(BundleError, match=f"kind {kind!r}; this version opens 'lstm'"):
            open_tower(config(encoder, kind=kind), encoder.vocabulary, {}, b"", None)


def test_a_graph_that_differs_from_torch_is_not_handed_out(encoder: LstmEncoder) -> None:
    broken = copy.deepcopy(encoder)
    with torch.no_grad():
        broken.projection.bias[0] = float("nan")
    with pytest.raises(TextsiameseError, match=r"differ by nan; nothing was saved"):
        checked_graph(broken)
