from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from transformers import T5Config, T5Model, ViTConfig, ViTModel
from transformers.utils import logging

from tests.backbones import saved_backbone
from textsiamese.encoders.pretrained import (
    open_model,
    open_picture_model,
    open_tokenizer,
    position_limit,
    quiet,
    reads_pictures,
)
from textsiamese.errors import BundleError


@pytest.fixture
def copied(bert_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bert_folder, tmp_path / "copied"))


def change(file: Path, **values: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def test_opened_in_float32_whatever_it_was_saved_in(bert_folder: Path, tmp_path: Path) -> None:
    model = open_model(bert_folder)
    model.half().save_pretrained(tmp_path)
    assert {each.dtype for each in open_model(tmp_path).parameters()} == {torch.float32}


def test_the_pooler_that_nothing_reads_is_not_trained(bert_folder: Path) -> None:
    model = open_model(bert_folder)
    untrained = [name for name, weight in model.named_parameters() if not weight.requires_grad]
    assert untrained == ["pooler.dense.weight", "pooler.dense.bias"]


def test_of_a_model_with_a_decoder_the_encoder(tmp_path: Path) -> None:
    sizes = {"d_model": 8, "d_kv": 4, "d_ff": 8, "num_layers": 1, "num_heads": 2}
    T5Model(T5Config(vocab_size=40, **sizes)).save_pretrained(tmp_path)
    assert type(open_model(tmp_path)).__name__ == "T5EncoderModel"


def test_what_a_model_reads_is_told_by_its_config(bert_folder: Path, tmp_path: Path) -> None:
    assert not reads_pictures(bert_folder)
    assert not reads_pictures(tmp_path)
    for kind, said in [("resnet", True), ("vit", True), ("clip", False), ("own", False)]:
        (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
        assert reads_pictures(tmp_path) == said, kind
    (tmp_path / "config.json").write_text("[]")
    assert not reads_pictures(tmp_path)


def test_a_pooler_of_pictures_without_weights_is_left_out(tmp_path: Path) -> None:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = ViTConfig(**sizes, intermediate_size=8, image_size=16, patch_size=8)
    for pooler in (True, False):
        ViTModel(config, add_pooling_layer=pooler).save_pretrained(tmp_path)
        assert (open_picture_model(tmp_path).pooler is not None) == pooler


def test_of_a_picture_model_nothing_else_may_be_missing(tmp_path: Path) -> None:
    saved_backbone("resnet", tmp_path)
    change(tmp_path / "config.json", depths=[1, 2])
    with pytest.raises(BundleError, match="are missing or of another shape, such as encoder"):
        open_picture_model(tmp_path)


def test_code_of_its_own_is_refused(copied: Path) -> None:
    change(copied / "config.json", auto_map={"AutoModel": "own.Model"}, model_type="own")
    with pytest.raises(BundleError, match=r"code of its own \(own\.Model\).* is refused"):
        open_model(copied)


def test_code_of_a_tokenizer_is_refused_without_a_question(copied: Path) -> None:
    own = {"AutoTokenizer": ["own.Tokenizer", None]}
    change(copied / "config.json", auto_map={"AutoModel": "own.Model", **own}, model_type="own")
    with pytest.raises(BundleError, match=r"code of its own \(own\.Model\).* is refused"):
        open_model(copied)
    change(copied / "tokenizer_config.json", auto_map=own, tokenizer_class="Own")
    with pytest.raises(BundleError, match=r"the tokenizer in .*copied cannot be opened: .* code"):
        open_tokenizer(copied)


@pytest.mark.parametrize(
    ("change_of", "said"),
    [
        ({"num_hidden_layers": 3}, "16 are missing or of another shape, such as encoder"),
        ({"hidden_size": 8}, "are missing or of another shape, such as embeddings"),
    ],
)
def test_a_checkpoint_of_another_config(copied: Path, change_of: dict[str, int], said: str) -> None:
    change(copied / "config.json", **change_of)
    with pytest.raises(BundleError, match=said):
        open_model(copied)


def test_weights_of_the_pooler_may_be_missing(bert_folder: Path, tmp_path: Path) -> None:
    model = open_model(bert_folder)
    model.pooler = None
    model.save_pretrained(tmp_path)
    assert torch.equal(
        open_model(tmp_path).get_input_embeddings().weight, model.get_input_embeddings().weight
    )


def test_a_model_that_reads_no_texts(tmp_path: Path) -> None:
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = ViTConfig(image_size=8, patch_size=4, intermediate_size=8, **sizes)
    ViTModel(config).save_pretrained(tmp_path)
    with pytest.raises(BundleError, match="of kind vit: no encoder of texts"):
        open_model(tmp_path)


def test_a_kind_that_transformers_does_not_know(copied: Path) -> None:
    change(copied / "config.json", model_type="own")
    with pytest.raises(BundleError, match=r"the model in .*copied cannot be opened: .*`own`"):
        open_model(copied)


def test_a_tokenizer_without_padding(copied: Path) -> None:
    config = json.loads((copied / "tokenizer_config.json").read_text())
    del config["pad_token"]
    (copied / "tokenizer_config.json").write_text(json.dumps(config))
    with pytest.raises(BundleError, match=r"has no padding piece.*tokenizer\.pad_token = "):
        open_tokenizer(copied)


def test_no_tokenizer(copied: Path) -> None:
    (copied / "tokenizer.json").unlink()
    with pytest.raises(BundleError, match=r"the tokenizer in .*copied cannot be opened: "):
        open_tokenizer(copied)


@pytest.mark.parametrize(
    ("positions", "said", "limit"),
    [(512, 128, 128), (512, 10**30, 512), (None, 10**30, 512), (None, 77, 77), (40, 99, 40)],
)
def test_the_limit_is_the_lesser_of_those_that_are_said(
    positions: int | None, said: int, limit: int
) -> None:
    model = nn.Module()
    model.config = SimpleNamespace(max_position_embeddings=positions)
    assert position_limit(model, SimpleNamespace(model_max_length=said)) == limit


def test_positions_that_no_piece_takes_are_no_part_of_the_limit(roberta_folder: Path) -> None:
    model, said = open_model(roberta_folder), SimpleNamespace(model_max_length=10**30)
    limit = position_limit(model, said)
    assert limit == 42 - 2  # those of padding and of the piece before it
    model(input_ids=torch.full((1, limit), 9))
    with pytest.raises((IndexError, RuntimeError)):
        model(input_ids=torch.full((1, limit + 1), 9))


def test_quiet_for_as_long_as_it_takes() -> None:
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    with quiet():
        assert logging.get_verbosity() == logging.ERROR
        assert not logging.is_progress_bar_enabled()
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
