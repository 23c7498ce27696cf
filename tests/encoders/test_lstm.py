from __future__ import annotations

import copy
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.encoders.tokens import Vocabulary
from textsiamese.encoders.window_groups import Group
from textsiamese.errors import InputError


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def cell_loop(weights: dict[str, Any], name: str, inputs: list[list[float]]) -> list[list[float]]:
    """States of an LSTM over one text, cell by cell (Hochreiter and Schmidhuber 1997; the forget
    gate of Gers et al. 2000), gates in torch's order: input, forget, candidate, output."""
    w, u = weights[f"{name}.weight_ih_l0"].tolist(), weights[f"{name}.weight_hh_l0"].tolist()
    bias = (weights[f"{name}.bias_ih_l0"] + weights[f"{name}.bias_hh_l0"]).tolist()
    width = len(w) // 4
    h, c, states = [0.0] * width, [0.0] * width, []
    for x in inputs:
        z = [
            sum(a * b for a, b in zip(w[row], x, strict=True))
            + sum(a * b for a, b in zip(u[row], h, strict=True))
            + bias[row]
            for row in range(4 * width)
        ]
        i, f, g, o = (z[k * width : (k + 1) * width] for k in range(4))
        c = [sigmoid(f[k]) * c[k] + sigmoid(i[k]) * math.tanh(g[k]) for k in range(width)]
        h = [sigmoid(o[k]) * math.tanh(c[k]) for k in range(width)]
        states.append(h)
    return states


def vector_loop(encoder: LstmEncoder, ids: list[int]) -> list[float]:
    """The vector of one text, in plain Python floats."""
    weights = {name: value.double() for name, value in encoder.state_dict().items()}
    embedded = [weights["embedding.weight"][piece].tolist() for piece in ids]
    forwards = cell_loop(weights, "forwards", embedded)
    backwards = cell_loop(weights, "backwards", embedded[::-1])
    columns = [*zip(*forwards, strict=True), *zip(*backwards, strict=True)]
    pooled = [max(column) for column in columns] + [sum(c) / len(ids) for c in columns]
    vector = [
        sum(a * b for a, b in zip(row, pooled, strict=True)) + bias
        for row, bias in zip(
            weights["projection.weight"].tolist(),
            weights["projection.bias"].tolist(),
            strict=True,
        )
    ]
    norm = math.sqrt(sum(value * value for value in vector))
    return [value / norm for value in vector] if encoder.config.normalize else vector


def group(texts: list[list[int]], width: int = 0, filling: int = 0) -> Group:
    """Texts as ids, padded with ``filling`` to ``width`` at least."""
    width = max(width, *map(len, texts))
    ids = torch.tensor([text + [filling] * (width - len(text)) for text in texts])
    return ids, torch.tensor([len(text) for text in texts])


TEXTS = [[300], [301, 302, 303], [304, 305, 306, 307, 308, 309, 310], [311, 300], [5, 0, 7]]


@pytest.mark.parametrize("normalize", [True, False])
def test_equals_a_slow_cell_by_cell_loop(sample_vocabulary: Vocabulary, normalize: bool) -> None:
    torch.manual_seed(1)
    config = LstmConfig(embedding=5, hidden=4, dim=6, normalize=normalize)
    encoder = LstmEncoder(sample_vocabulary, config).eval()
    expected = [vector_loop(encoder, ids) for ids in TEXTS]
    with torch.no_grad():
        got = encoder([group(TEXTS)])
        exact = copy.deepcopy(encoder).double()([group(TEXTS)])
    np.testing.assert_allclose(got.numpy(), expected, atol=1e-6)
    np.testing.assert_allclose(exact.numpy(), expected, atol=2e-7)  # the mean is taken in float32
    assert np.ptp(expected, axis=0).max() > 0.01


@given(width=st.integers(0, 20), filling=st.integers(0, 500), split=st.integers(1, 4))
def test_padding_and_grouping_make_no_difference(
    encoder: LstmEncoder, width: int, filling: int, split: int
) -> None:
    with torch.no_grad():
        alone = torch.cat([encoder([group([text])]) for text in TEXTS])
        grouped = [group(TEXTS[:split], width, filling), group(TEXTS[split:], 0, filling)]
        together = encoder(grouped)
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)


@pytest.mark.parametrize("filling", [0, 1, 400])
def test_gradients_do_not_depend_on_padding(encoder: LstmEncoder, filling: int) -> None:
    def gradients(groups: list[Group]) -> dict[str, torch.Tensor]:
        trained = copy.deepcopy(encoder)
        mixed = torch.linspace(-1, 1, encoder.config.dim)
        (trained(groups) * mixed).sum().backward()
        return {name: weight.grad for name, weight in trained.named_parameters()}  # type: ignore[misc]

    alone = gradients([group([text]) for text in TEXTS])
    padded = gradients([group(TEXTS, 15, filling)])
    for name, gradient in alone.items():
        assert gradient.abs().max() > 0, name
        torch.testing.assert_close(padded[name], gradient, atol=1e-6, rtol=1e-5)


def test_order_of_pieces_matters(encoder: LstmEncoder) -> None:
    with torch.no_grad():
        one, other = encoder([group([[300, 301, 302], [302, 301, 300]])])
    assert (one - other).abs().max() > 1e-3


def test_unit_length(encoder: LstmEncoder) -> None:
    with torch.no_grad():
        torch.testing.assert_close(encoder([group(TEXTS)]).norm(dim=1), torch.ones(len(TEXTS)))


def test_dropout_drops_whole_columns_of_a_text_in_training_only(
    sample_vocabulary: Vocabulary,
) -> None:
    torch.manual_seed(0)
    sizes = LstmConfig(embedding=8, hidden=8, dim=8, dropout=0.5)
    encoder = LstmEncoder(sample_vocabulary, sizes)
    batch = [group(TEXTS)]
    assert not torch.equal(encoder(batch), encoder(batch))
    encoder.eval()
    assert torch.equal(encoder(batch), encoder(batch))


def test_for_texts_learns_its_vocabulary_from_them() -> None:
    encoder = LstmEncoder.for_texts(["how do i reset it"] * 2, LstmConfig(4, 4, 4), 400)
    assert encoder.vocabulary.pieces("reset") == ["▁reset"]
    assert len(encoder.vocabulary) == encoder.embedding.num_embeddings


def test_tokens_are_cut_at_the_limit(sample_vocabulary: Vocabulary) -> None:
    encoder = LstmEncoder(sample_vocabulary, LstmConfig(4, 4, 4, max_length=5))
    tokens = encoder.tokens(["how do i " * 4, "how"])
    assert tokens.lengths.tolist() == [5, 1]
    assert tokens.cut.tolist() == [True, False]


WINDOWED = LstmConfig(embedding=5, hidden=4, dim=6, max_length=4, windows=3)
LONG = list(range(300, 310))  # ten pieces: windows begin at 0, 3 and 6


@pytest.mark.parametrize("pooling", ["mean", "max"])
@pytest.mark.parametrize("normalize", [True, False])
def test_long_texts_equal_windows_cut_by_hand(
    sample_vocabulary: Vocabulary, normalize: bool, pooling: Any
) -> None:
    torch.manual_seed(1)
    config = replace(WINDOWED, normalize=normalize, window_pooling=pooling)
    encoder = LstmEncoder(sample_vocabulary, config).eval()
    with torch.no_grad():
        encoder.embedding.weight.mul_(25)
        found = encoder([group([[311], LONG, LONG[:4]], 12, filling=7), group([LONG[:5]])])
    windows = [[LONG[start : start + 4] for start in starts] for starts in ((0, 3, 6), (0, 1))]
    for row, parts in ((1, windows[0]), (3, windows[1])):
        vectors = np.array([vector_loop(encoder, part) for part in parts])
        expected = getattr(vectors, pooling)(0)
        expected /= np.linalg.norm(expected) if normalize else 1
        np.testing.assert_allclose(found[row].numpy(), expected, atol=1e-6)
    for row, ids in ((0, [311]), (2, LONG[:4])):
        np.testing.assert_allclose(found[row].numpy(), vector_loop(encoder, ids), atol=1e-6)


@given(width=st.integers(0, 20), filling=st.integers(0, 500), split=st.integers(1, 7))
def test_padding_and_grouping_make_no_difference_to_long_texts(
    encoder: LstmEncoder, width: int, filling: int, split: int
) -> None:
    windowed = copy.deepcopy(encoder)
    windowed.config = replace(encoder.config, max_length=4, windows=3, overlap=1)
    texts = [*TEXTS, LONG, LONG[:5], LONG[2:]]
    with torch.no_grad():
        alone = torch.cat([windowed([group([text])]) for text in texts])
        grouped = [group(texts[:split], width, filling), group(texts[split:], 0, filling)]
        together = windowed(grouped)
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)
    assert not torch.allclose(alone, encoder([group(texts)]), atol=1e-3)


def test_what_fits_one_window_keeps_its_vector_to_the_bit(encoder: LstmEncoder) -> None:
    windowed = copy.deepcopy(encoder)
    windowed.config = replace(encoder.config, max_length=7, windows=3)
    with torch.no_grad():
        assert torch.equal(windowed([group(TEXTS)]), encoder([group(TEXTS)]))


def test_texts_longer_than_all_windows_are_cut_and_counted(sample_vocabulary: Vocabulary) -> None:
    encoder = LstmEncoder(sample_vocabulary, replace(WINDOWED, overlap=1))
    assert encoder.limit == 4 + 2 * 3
    tokens = encoder.tokens(["how " * pieces for pieces in (4, 5, 10, 11)])
    assert tokens.lengths.tolist() == [4, 5, 10, 10]
    assert tokens.cut.tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"embedding": 0}, "embedding is 0"),
        ({"hidden": -1}, "hidden is -1"),
        ({"dim": 0}, "dim is 0"),
        ({"max_length": 0}, "max_length is 0"),
        ({"dropout": 1.0}, r"dropout is 1.0; it must lie in \[0, 1\)"),
        ({"dropout": -0.1}, "dropout is -0.1"),
        ({"windows": 0}, "windows is 0"),
        ({"windows": 2, "max_length": 8, "overlap": 8}, "overlap is 8; .* less than the 8 pieces"),
        ({"window_pooling": "sum"}, "window_pooling is 'sum'; the ways known are mean, max"),
    ],
)
def test_sizes_that_cannot_be_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        LstmConfig(**change)


def test_a_new_encoder_begins_without_biases(sample_vocabulary: Vocabulary) -> None:
    new = LstmEncoder(sample_vocabulary, LstmConfig(embedding=9, hidden=12, dim=10))
    biases = {name: each for name, each in new.named_parameters() if "bias" in name}
    assert len(biases) == 5
    assert all(not bias.any() for bias in biases.values())
    rows = new.projection.weight @ new.projection.weight.T
    torch.testing.assert_close(rows, torch.eye(10), atol=1e-5, rtol=0)
