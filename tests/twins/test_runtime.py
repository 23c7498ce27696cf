from __future__ import annotations

import copy
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.encoders.lstm_graph import lstm_graph
from textsiamese.encoders.lstm_onnx import LstmOnnx
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.twins.runtime import OnnxRuntime, Runtime, TorchRuntime


@pytest.fixture(params=["torch", "onnx"])
def runtime(request: pytest.FixtureRequest, encoder: LstmEncoder) -> Runtime:
    if request.param == "torch":
        return TorchRuntime(lambda: encoder)
    weights = {name: value.numpy() for name, value in encoder.state_dict().items()}
    opened = LstmOnnx(lstm_graph(encoder.config), weights, 1)
    return OnnxRuntime(encoder.vocabulary, opened, encoder.config.max_length)


def test_rows_come_in_the_order_of_the_texts(runtime: Runtime, sample_texts: list[str]) -> None:
    texts = [*sample_texts, "how " * 60, "你好"]
    encoded = runtime.encode(texts)
    assert encoded.vectors.shape == (len(texts), 10)
    assert encoded.vectors.dtype == np.float32
    assert len(texts) > 512  # more than a batch of torch
    for row in (0, 1, 100, 511, 512, len(texts) - 2, len(texts) - 1):
        alone = runtime.encode([texts[row]])
        np.testing.assert_allclose(encoded.vectors[row], alone.vectors[0], atol=1e-6)
    assert np.flatnonzero(encoded.cut).tolist() == [len(texts) - 2]
    assert encoded.unknown[-1] == 1
    assert encoded.unknown[:-1].mean() < 0.3


def test_no_texts(runtime: Runtime) -> None:
    encoded = runtime.encode([])
    assert encoded.vectors.shape == (0, 10)
    assert len(encoded.cut) == len(encoded.unknown) == 0


@pytest.mark.parametrize("training", [True, False])
def test_torch_runs_without_dropout_or_gradients_and_leaves_no_trace(
    encoder: LstmEncoder, training: bool
) -> None:
    trained = copy.deepcopy(encoder).train(training)
    before = torch.get_rng_state()
    one, other = (
        TorchRuntime(lambda: trained).encode(["how do i", "why"]).vectors for _ in range(2)
    )
    assert np.array_equal(one, other)
    assert trained.training == trained.dropout.training == training
    assert torch.equal(before, torch.get_rng_state())
    assert torch.is_grad_enabled()


def test_threads_that_encode_at_once_get_what_each_gets_alone(
    bert: TransformerEncoder, sample_texts: list[str]
) -> None:
    runtime = TorchRuntime(lambda: bert)
    parts = [[*sample_texts[start : start + 6], "how " * 60] for start in range(0, 48, 6)]
    alone = [runtime.encode(part).vectors for part in parts]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda part: runtime.encode(part).vectors, parts))
    finally:
        sys.setswitchinterval(before)
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one, other)


def test_weights_are_cast_once_and_not_for_every_batch(
    bert: TransformerEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textsiamese.twins.runtime.has_bf16", lambda device: True)

    def casts(texts: list[str]) -> int:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
            TorchRuntime(lambda: bert).encode(texts)
        return next(each.count for each in seen.key_averages() if each.key == "aten::_to_copy")

    one, both = casts(["how"]), casts(["how", "how do i learn"])
    linear = 2 * sum(isinstance(each, torch.nn.Linear) for each in bert.modules())
    assert both - one < linear < both
