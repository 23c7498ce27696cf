from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

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


def test_arguments_out_of_range(bert_folder: Path) -> None:
    with pytest.raises(InputError, match="pooling is 'median'; the ways known are cls, max"):
        TransformerEncoder(bert_folder, pooling="median")
    with pytest.raises(InputError, match="max_length is 2; at least 3"):
        TransformerEncoder(bert_folder, max_length=2)
    with pytest.raises(InputError, match="max_length is 0; at least 3"):
        TransformerEncoder(bert_folder, max_length=0)


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
