from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from textsiamese.errors import BundleError, OutputError
from textsiamese.twins.cross_encoder_folder import load_cross_encoder, save_cross_encoder


def test_what_is_saved_opens_in_sentence_transformers_and_here(
    pair_model_folder: Path, tmp_path: Path
) -> None:
    from sentence_transformers import CrossEncoder as Peer

    reader = load_cross_encoder(pair_model_folder, "mine")
    assert reader.info.name == "mine"
    save_cross_encoder(reader, tmp_path / "saved")
    again = load_cross_encoder(tmp_path / "saved", "other")
    assert again.info == reader.info
    assert again.max_length == reader.max_length
    pair = ("How do I learn Python?", "why")
    assert again.similarity(*pair) == reader.similarity(*pair)
    assert Peer(str(tmp_path / "saved")).predict([pair]).shape[0] == 1


def test_a_changed_file_is_noticed(pair_model_folder: Path, tmp_path: Path) -> None:
    save_cross_encoder(load_cross_encoder(pair_model_folder, "mine"), tmp_path / "saved")
    config = tmp_path / "saved" / "config.json"
    config.write_text(config.read_text() + " ")
    with pytest.raises(BundleError, match=r"config\.json has changed"):
        load_cross_encoder(tmp_path / "saved", "mine")


def test_nothing_else_is_overwritten(pair_model_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(pair_model_folder, tmp_path / "model")
    with pytest.raises(OutputError, match="exists and is no twin"):
        save_cross_encoder(load_cross_encoder(pair_model_folder, "mine"), tmp_path / "model")


def test_three_labels_are_too_many(tmp_path: Path) -> None:
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        vocab_size=40,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        num_labels=3,
    )
    BertForSequenceClassification(config).save_pretrained(tmp_path / "nli")
    with pytest.raises(BundleError, match="tells 3 labels apart"):
        load_cross_encoder(tmp_path / "nli", "nli")
