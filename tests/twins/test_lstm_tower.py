from __future__ import annotations

import copy
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.errors import TextsiameseError
from textsiamese.twins.lstm_tower import checked_graph, encoder_weights, lstm_files, open_lstm
from textsiamese.twins.runtime import TorchRuntime


def test_opened_at_once_and_in_torch(encoder: LstmEncoder) -> None:
    tower = open_lstm(asdict(encoder.config), lstm_files(encoder), threads=1)
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


def test_training_the_opened_encoder_leaves_the_runtime_as_it_was(encoder: LstmEncoder) -> None:
    tower = open_lstm(asdict(encoder.config), lstm_files(encoder), threads=1)
    before = tower.runtime.encode(["how do i"]).vectors
    with torch.no_grad():
        for weight in tower.open().parameters():
            weight.add_(1)
    assert np.array_equal(before, tower.runtime.encode(["how do i"]).vectors)


def test_long_texts_are_read_by_windows_at_once_and_in_torch(encoder: LstmEncoder) -> None:
    windowed = copy.deepcopy(encoder)
    windowed.config = replace(encoder.config, max_length=5, windows=3, overlap=1)
    tower = open_lstm(asdict(windowed.config), lstm_files(windowed), threads=1)
    assert tower.open().config == windowed.config
    texts = ["how " * pieces for pieces in (5, 6, 13, 14)]
    found, expected = tower.runtime.encode(texts), TorchRuntime(lambda: windowed).encode(texts)
    np.testing.assert_allclose(found.vectors, expected.vectors, atol=1e-5)
    assert found.cut.tolist() == expected.cut.tolist() == [False, False, False, True]


def test_a_bundle_of_before_there_were_windows_reads_one(encoder: LstmEncoder) -> None:
    config = asdict(encoder.config)
    for name in ("windows", "overlap", "window_pooling"):
        del config[name]
    tower = open_lstm(config, lstm_files(encoder), threads=1)
    assert tower.open().config == encoder.config
    assert tower.runtime.encode(["how " * 40, "how " * 41]).cut.tolist() == [False, True]


def test_weights_come_as_float32(encoder: LstmEncoder) -> None:
    half = copy.deepcopy(encoder).half()
    assert all(value.dtype == np.float32 for value in encoder_weights(half).values())


def test_a_graph_that_differs_from_torch_is_not_handed_out(encoder: LstmEncoder) -> None:
    broken = copy.deepcopy(encoder)
    with torch.no_grad():
        broken.projection.bias[0] = float("nan")
    with pytest.raises(TextsiameseError, match=r"differ by nan; nothing was saved"):
        checked_graph(broken)
