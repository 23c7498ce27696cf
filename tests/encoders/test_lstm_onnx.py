from __future__ import annotations

import copy
import os
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from textsiamese.cores import usable_cores
from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.encoders.lstm_graph import lstm_graph
from textsiamese.encoders.lstm_onnx import LstmOnnx
from textsiamese.encoders.tokens import Vocabulary


def opened(encoder: LstmEncoder, threads: int | None = 1) -> LstmOnnx:
    weights = {name: value.numpy() for name, value in encoder.state_dict().items()}
    return LstmOnnx(lstm_graph(encoder.config), weights, threads, encoder.config.windowing)


def in_torch(encoder: LstmEncoder, texts: list[str]) -> np.ndarray:
    """Each text on its own, in torch."""
    with torch.no_grad():
        return np.concatenate(
            [
                encoder(
                    [(torch.from_numpy(t.flat[None].astype(np.int64)), torch.tensor(t.lengths))]
                )
                for t in (encoder.tokens([text]) for text in texts)
            ]
        )


@pytest.fixture(scope="module")
def ours(encoder: LstmEncoder) -> LstmOnnx:
    return opened(encoder)


def test_equals_torch_at_every_length(encoder: LstmEncoder, ours: LstmOnnx) -> None:
    texts = ["how " * n for n in range(1, 44)] + ["?", "<pad>", "你好", "a", "\t"]
    tokens = encoder.tokens(texts)
    assert set(range(1, 41)) <= set(tokens.lengths.tolist())
    assert tokens.cut.sum() >= 3
    np.testing.assert_allclose(ours.encode(tokens), in_torch(encoder, texts), atol=1e-5)


def test_equals_torch_on_the_sample(
    encoder: LstmEncoder, ours: LstmOnnx, sample_texts: list[str]
) -> None:
    vectors = ours.encode(encoder.tokens(sample_texts))
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, in_torch(encoder, sample_texts), atol=1e-5)


@pytest.mark.parametrize("normalize", [True, False])
def test_weights_far_from_those_at_the_start(
    sample_vocabulary: Vocabulary, sample_texts: list[str], normalize: bool
) -> None:
    """Saturated gates, large biases and a projection that does not centre."""
    torch.manual_seed(3)
    config = LstmConfig(embedding=7, hidden=5, dim=3, normalize=normalize)
    encoder = LstmEncoder(sample_vocabulary, config).eval()
    with torch.no_grad():
        for weight in encoder.parameters():
            weight.copy_(torch.randn_like(weight) * 1.5)
    texts = sample_texts[:80]
    expected = in_torch(encoder, texts)
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(
        opened(encoder).encode(encoder.tokens(texts)), expected, atol=1e-5 * scale
    )


@pytest.mark.parametrize("pooling", ["mean", "max"])
@pytest.mark.parametrize("normalize", [True, False])
def test_equals_torch_on_texts_of_many_windows(
    encoder: LstmEncoder, pooling: Any, normalize: bool
) -> None:
    windowed = copy.deepcopy(encoder)
    windowed.config = LstmConfig(9, 12, 10, 6, normalize, 0, 4, 2, pooling)
    texts = [
        *("how do i learn this language and why " * n + "so " * n for n in range(1, 5)),
        *("how " * n for n in range(1, 24)),
    ]
    tokens, ours = windowed.tokens(texts), opened(windowed)
    assert set(range(1, 19)) <= set(tokens.lengths.tolist())
    assert tokens.cut.sum() >= 5
    found = ours.encode(tokens)
    np.testing.assert_allclose(found, in_torch(windowed, texts), atol=1e-5)
    alone = np.concatenate([ours.encode(windowed.tokens([text])) for text in texts])
    np.testing.assert_allclose(found, alone, atol=1e-6)


def test_what_fits_one_window_keeps_its_vector_to_the_bit(
    encoder: LstmEncoder, ours: LstmOnnx, sample_texts: list[str]
) -> None:
    windowed = copy.deepcopy(encoder)
    windowed.config = replace(encoder.config, windows=3)
    tokens = encoder.tokens(sample_texts)
    assert np.array_equal(opened(windowed).encode(tokens), ours.encode(tokens))


@settings(max_examples=30)
@given(data=st.data())
def test_a_row_does_not_feel_its_company(
    encoder: LstmEncoder, ours: LstmOnnx, sample_texts: list[str], data: st.DataObject
) -> None:
    texts = data.draw(st.lists(st.sampled_from(sample_texts), min_size=1, max_size=30))
    alone = np.concatenate([ours.encode(encoder.tokens([text])) for text in texts])
    np.testing.assert_allclose(ours.encode(encoder.tokens(texts)), alone, atol=1e-6)


def test_more_texts_of_one_length_than_a_batch_holds(encoder: LstmEncoder, ours: LstmOnnx) -> None:
    texts = [f"{number:03d}" for number in range(700)]
    vectors = ours.encode(encoder.tokens(texts))
    some = [0, 255, 256, 511, 699]
    np.testing.assert_allclose(
        vectors[some], in_torch(encoder, [texts[row] for row in some]), atol=1e-5
    )


def test_threads_make_no_difference(encoder: LstmEncoder, sample_texts: list[str]) -> None:
    tokens = encoder.tokens(sample_texts)
    one, two = opened(encoder, 1), opened(encoder, 2)
    assert (one.threads, two.threads) == (1, 2)
    assert np.array_equal(one.encode(tokens), two.encode(tokens))


def test_no_texts(encoder: LstmEncoder, ours: LstmOnnx) -> None:
    assert ours.encode(encoder.tokens([])).shape == (0, ours.dim) == (0, encoder.config.dim)


def test_all_usable_cores_unless_told(encoder: LstmEncoder) -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
    assert opened(encoder, None).threads == usable_cores()
