from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import T5Config, T5Model
from transformers.utils import logging

from textsiamese.encoders.pretrained import open_model, open_tokenizer, position_limit, quiet
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


def test_code_of_its_own_is_refused(copied: Path) -> None:
    change(copied / "config.json", auto_map={"AutoModel": "own.Model"}, model_type="own")
    with pytest.raises(BundleError, match=r"code of its own \(own\.Model\).* is refused"):
        open_model(copied)


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
    config = SimpleNamespace(max_position_embeddings=positions)
    assert position_limit(config, SimpleNamespace(model_max_length=said)) == limit


def test_quiet_for_as_long_as_it_takes() -> None:
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    with quiet():
        assert logging.get_verbosity() == logging.ERROR
        assert not logging.is_progress_bar_enabled()
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
