from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from textsiamese.encoders import transformer
from textsiamese.encoders.sentence_folder import Layout
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import BundleError, InputError
from textsiamese.twins.runtime import TorchRuntime

TEXTS = ["How do I learn Python?", "why", "What is the best way to learn Python, and why?", "?"]


@pytest.fixture(params=["bert_folder", "roberta_folder"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def vectors(encoder: TransformerEncoder, texts: list[str]) -> np.ndarray:
    """In float32, each text by itself."""
    found = []
    for text in texts:
        ids = torch.from_numpy(encoder.tokens([text]).flat[None]).long()
        with torch.inference_mode():
            found.append(encoder([(ids, torch.tensor([ids.shape[1]]))])[0].numpy())
    return np.stack(found)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "lasttoken", "weightedmean"])
def test_the_vectors_of_sentence_transformers(folder: Path, pooling: str) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    transformer = Transformer(str(folder))
    width = transformer.get_embedding_dimension()
    peer = SentenceTransformer(modules=[transformer, Pooling(width, pooling), Normalize()])
    ours = vectors(TransformerEncoder(folder, pooling=pooling).eval(), TEXTS)
    np.testing.assert_allclose(ours, peer.encode(TEXTS), atol=1e-6)


def test_padding_and_company_change_nothing(folder: Path) -> None:
    encoder = TransformerEncoder(folder).eval()
    tokens = encoder.tokens(TEXTS)
    ids = torch.from_numpy(tokens.padded(np.arange(len(TEXTS))))
    with torch.inference_mode():
        together = encoder([(ids, torch.from_numpy(tokens.lengths))])
    np.testing.assert_allclose(together.numpy(), vectors(encoder, TEXTS), atol=1e-5)


def test_bfloat16_stays_within_its_bound(folder: Path) -> None:
    encoder = TransformerEncoder(folder).eval()
    ran = TorchRuntime(lambda: encoder).encode(TEXTS).vectors
    np.testing.assert_allclose(ran, vectors(encoder, TEXTS), atol=2e-2)


def test_unit_length_unless_made_otherwise(folder: Path) -> None:
    lengths = np.linalg.norm(vectors(TransformerEncoder(folder).eval(), TEXTS), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-5)
    free = TransformerEncoder(folder, normalize=False).eval()
    assert not free.config.normalize
    assert (np.abs(np.linalg.norm(vectors(free, TEXTS), axis=1) - 1) > 0.1).all()


def test_long_texts_are_cut_and_counted(folder: Path) -> None:
    encoder = TransformerEncoder(folder, max_length=6)
    tokens = encoder.tokens([TEXTS[0], "why"])
    assert tokens.cut.tolist() == [True, False]
    assert tokens.lengths[0] == 6
    assert tokens.flat[5] == encoder.tokens(["why"]).flat[-1]  # the piece that ends a text stays
    assert TransformerEncoder(folder, max_length=9_999).config.max_length == 40


@pytest.mark.parametrize("prompt", ["", "python: "])
@pytest.mark.parametrize("normalize", [True, False])
def test_long_texts_equal_windows_cut_by_hand(folder: Path, prompt: str, normalize: bool) -> None:
    room = 10
    size = room + sum(prompted(folder, prompt).vocabulary.ends)
    encoder = prompted(folder, prompt, normalize=normalize, max_length=size, windows=3, overlap=2)
    ids = encoder.tokens(TEXTS[2:3]).flat.tolist()
    first, (last,) = ids[: encoder.vocabulary.ends[0]], ids[-1:]
    inner = ids[len(first) : -1]
    assert room < len(inner) <= 2 * room - 2
    over = len(inner) - room
    parts = [[*first, *inner[:room], last], [*first, *inner[over:], last]]
    with torch.inference_mode():
        apart = torch.cat([encoder([(torch.tensor([p]), torch.tensor([size]))]) for p in parts])
    expected = apart.mean(0) / (apart.mean(0).norm() if normalize else 1)
    np.testing.assert_allclose(vectors(encoder, TEXTS)[2], expected, atol=1e-5)


def test_ends_are_the_special_pieces_and_the_prompt(folder: Path) -> None:
    assert prompted(folder, "").vocabulary.ends == (1, 1)
    encoder = prompted(folder, "python: ")
    first, second = (encoder.tokens([text]).flat.tolist() for text in ("why", "how"))
    before, after = encoder.vocabulary.ends
    assert before > 1
    assert first[:before] == second[:before]
    assert first[:-after] != second[:-after]


@pytest.mark.parametrize("packs", [True, False])
def test_padding_and_company_change_nothing_of_long_texts(
    folder: Path, packs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transformer, "can_pack", lambda model: packs)
    encoder = TransformerEncoder(folder, max_length=9, windows=4).eval()
    tokens = encoder.tokens(TEXTS)
    assert (tokens.lengths > 9).any()
    ids = torch.from_numpy(tokens.padded(np.arange(len(TEXTS))))
    with torch.inference_mode():
        together = encoder([(ids, torch.from_numpy(tokens.lengths))])
    np.testing.assert_allclose(together.numpy(), vectors(encoder, TEXTS), atol=1e-5)


def test_what_fits_one_window_keeps_its_vector_to_the_bit(folder: Path) -> None:
    plain, windowed = (TransformerEncoder(folder, windows=n).eval() for n in (1, 3))
    assert np.array_equal(vectors(plain, TEXTS), vectors(windowed, TEXTS))


def test_texts_longer_than_all_windows_are_cut_and_counted(bert_folder: Path) -> None:
    encoder = TransformerEncoder(bert_folder, max_length=6, windows=3, overlap=1)
    assert encoder.limit == 6 + 2 * (4 - 1)
    tokens = encoder.tokens(["? " * pieces for pieces in (4, 5, 10, 11)])
    assert tokens.lengths.tolist() == [6, 7, 12, 12]
    assert tokens.cut.tolist() == [False, False, False, True]
    assert tokens.flat[-1] == tokens.flat[5]  # the piece that ends a text stays


def prompted(folder: Path, prompt: str, **settings: Any) -> TransformerEncoder:
    """An encoder that puts a prompt before each text, as it would be opened from such a folder."""
    layout = Layout(prompt=prompt)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformer, "read_layout", lambda folder: layout)
        return TransformerEncoder(folder, **settings).eval()


def test_arguments_out_of_range(bert_folder: Path) -> None:
    with pytest.raises(InputError, match="pooling is 'median'; the ways known are cls, max"):
        TransformerEncoder(bert_folder, pooling="median")
    with pytest.raises(InputError, match="max_length is 2; at least 3"):
        TransformerEncoder(bert_folder, max_length=2)
    with pytest.raises(InputError, match="max_length is 0; at least 3"):
        TransformerEncoder(bert_folder, max_length=0)
    with pytest.raises(InputError, match="windows is 0; it must be 1 or more"):
        TransformerEncoder(bert_folder, windows=0)
    with pytest.raises(
        InputError, match=r"overlap is 8; .* less than the 8 pieces that a window h"
    ):
        TransformerEncoder(bert_folder, max_length=10, windows=2, overlap=8)


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"is no model: it has no config\.json"):
        TransformerEncoder(tmp_path)


def test_weights_of_another_model(bert_folder: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(bert_folder, tmp_path / "copied")
    (copied / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(BundleError, match=r"the model in .*copied cannot be opened: "):
        TransformerEncoder(copied)


def test_recomputing_activations_gives_the_same_gradients(bert_folder: Path) -> None:
    found = []
    for recomputed in (False, True):
        encoder = TransformerEncoder(bert_folder)
        for module in encoder.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        if recomputed:
            encoder.checkpoint_activations()
        encoder.train()
        tokens = encoder.tokens(TEXTS)
        ids = torch.from_numpy(tokens.padded(np.arange(len(TEXTS))))
        encoder([(ids, torch.from_numpy(tokens.lengths))])[:, 0].sum().backward()
        found.append([p.grad.clone() for p in encoder.parameters() if p.grad is not None])
    assert len(found[0]) > 10
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)
