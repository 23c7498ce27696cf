from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import BundleError
from textsiamese.twins.bundle import load
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import PairHead
from textsiamese.twins.transformer_tower import open_transformer, transformer_files

TEXTS = ["How do I learn Python?", "why", "What is the best way?"]


@pytest.fixture(params=["bert_folder", "roberta_folder"], scope="module")
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    encoder = TransformerEncoder(request.getfixturevalue(request.param), max_length=20)
    folder = tmp_path_factory.mktemp("saved") / "twin"
    Siamese(encoder, PairHead.new(16)).save(folder)
    return folder


def test_plain_sentence_transformers_gives_the_same_vectors(saved: Path) -> None:
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(str(saved), trust_remote_code=False)
    assert peer.max_seq_length == 20
    encoder = load(saved).encoder
    for text in TEXTS:
        ids = torch.from_numpy(encoder.tokens([text]).flat[None]).long()
        with torch.inference_mode():
            ours = encoder([(ids, torch.tensor([ids.shape[1]]))])[0].numpy()
        np.testing.assert_allclose(peer.encode(text), ours, atol=1e-6)


def test_saved_again_it_is_the_same_to_the_byte(saved: Path, tmp_path: Path) -> None:
    load(saved).save(tmp_path / "again")
    for file in saved.rglob("*"):
        if file.is_file():
            again = tmp_path / "again" / file.relative_to(saved)
            assert again.read_bytes() == file.read_bytes(), file


@pytest.mark.parametrize("sides", [1, 2])
def test_windows_are_kept_in_the_bundle(bert_folder: Path, tmp_path: Path, sides: int) -> None:
    windowed = TransformerEncoder(
        bert_folder, max_length=9, windows=2, overlap=3, window_pooling="max"
    )
    title = TransformerEncoder(bert_folder)
    twin = Siamese(windowed) if sides == 1 else PseudoSiamese(title, windowed)
    twin.save(tmp_path / "twin")
    again = load(tmp_path / "twin")
    opened = again.encoder if sides == 1 else again.encoder.right
    assert opened.config == windowed.config
    assert (opened.limit, title.limit) == (13, 40)
    assert (title.tokens(TEXTS).lengths > 9).any()
    before, after = (each.encode(TEXTS, side="right") for each in (twin, again))
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_weights_that_fit_are_kept_in_half(saved: Path) -> None:
    twin = load(saved)
    with torch.no_grad():
        for weight in twin.encoder.parameters():
            weight.copy_(weight.half().float())
    files = transformer_files(twin.encoder)
    assert len(files["model.safetensors"]) < 0.7 * (saved / "model.safetensors").stat().st_size
    assert json.loads(files["config.json"])["dtype"] == "float32"


def test_nothing_is_opened_before_it_is_used(tmp_path: Path) -> None:
    tower = open_transformer(tmp_path / "nowhere", None)
    with pytest.raises(BundleError, match=r'there is no folder ".*nowhere"'):
        tower.open()


def test_a_changed_file_is_noticed(saved: Path, tmp_path: Path) -> None:
    load(saved).save(tmp_path / "twin")
    config = tmp_path / "twin" / "1_Pooling" / "config.json"
    config.write_text(config.read_text().replace("true", "false"))
    with pytest.raises(BundleError, match=r"1_Pooling/config\.json has changed"):
        load(tmp_path / "twin")
