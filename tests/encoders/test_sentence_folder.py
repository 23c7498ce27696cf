from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save as packed
from torch import nn

from textsiamese.encoders.pooling import Dense, Normalize
from textsiamese.encoders.sentence_folder import Layout, read_layout, written_layout
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import BundleError
from textsiamese.twins.bundle import load

TEXTS = ["How do I learn Python?", "why", "What is the best way?"]


def write(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        (folder / name).write_bytes(text)
    return folder


def modules(*kinds: tuple[str, str]) -> list[dict[str, str]]:
    return [{"type": kind, "path": path} for kind, path in kinds]


PLAIN = modules(
    ("sentence_transformers.models.Transformer", ""), ("sentence_transformers.x.Pooling", "1")
)

DENSE = [*PLAIN, *modules(("sentence_transformers.models.Dense", "2"))]


def test_a_bare_transformer_is_pooled_by_the_mean_to_unit_length(tmp_path: Path) -> None:
    layout = read_layout(tmp_path)
    assert layout.pooling == ("mean",)
    assert [type(each) for each in layout.layers] == [Normalize]
    assert layout.max_length is None


def test_every_part_is_written_and_read_back(tmp_path: Path) -> None:
    layers = (Dense(nn.Linear(8, 5), nn.Tanh()), nn.LayerNorm(5), Normalize())
    layout = Layout(("cls", "mean"), layers, 77, True, "query: ")
    again = read_layout(write(tmp_path, dict(written_layout(layout, 4))))
    assert (again.pooling, again.max_length) == (("cls", "mean"), 77)
    assert (again.lower, again.prompt) == (True, "query: ")
    vectors = other = torch.randn(3, 8)
    for one, two in zip(layers, again.layers, strict=True):
        vectors, other = one(vectors), two(other)
    assert torch.equal(vectors, other)


def test_sentence_transformers_own_folder_is_read_and_ours_by_it(
    bert_folder: Path, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense as PeerDense
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    transformer = Transformer(str(bert_folder), max_seq_length=12)
    parts = [transformer, Pooling(16, ("mean", "max")), PeerDense(32, 6)]
    peer = SentenceTransformer(modules=parts)
    peer.save(str(tmp_path / "theirs"), create_model_card=False)
    encoder = TransformerEncoder(tmp_path / "theirs").eval()
    assert (encoder.config.dim, encoder.config.max_length) == (6, 12)
    assert not encoder.config.normalize
    tokens = encoder.tokens(TEXTS)
    ids = torch.from_numpy(tokens.padded(np.arange(len(TEXTS))))
    with torch.no_grad():
        ours = encoder([(ids, torch.from_numpy(tokens.lengths))]).numpy()
    np.testing.assert_allclose(ours, peer.encode(TEXTS), atol=1e-5)
    files = written_layout(encoder.layout, 16)
    again = read_layout(write(tmp_path / "again", dict(files)))
    assert again.pooling == ("mean", "max")
    assert torch.equal(again.layers[0].linear.weight, encoder.layers[0].linear.weight)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"modules.json": modules(("own.Encoder", ""))}, r"own\.Encoder, which is code of its own"),
        (
            {"modules.json": modules(("sentence_transformers.models.StaticEmbedding", ""))},
            "is made of StaticEmbedding; a twin's encoder is made of Transformer",
        ),
        (
            {"modules.json": PLAIN, "1/config.json": {"pooling_mode": "median"}},
            r"pools by \('median',\)",
        ),
        (
            {
                "modules.json": PLAIN,
                "1/config.json": {"include_prompt": False},
                "config_sentence_transformers.json": {
                    "prompts": {"query": "query: "},
                    "default_prompt_name": "query",
                },
            },
            "leaves its prompt out of pooling",
        ),
        (
            {"modules.json": [*PLAIN, *modules(("sentence_transformers.models.CNN", "2"))]},
            "a module of kind CNN, which is not supported",
        ),
        ({"modules.json": b"{"}, r"modules\.json cannot be read"),
        ({"modules.json": {"0": "Transformer"}}, r"modules\.json is no list of modules"),
        ({"modules.json": [{"path": ""}]}, r"modules\.json is no list of modules"),
        (
            {"modules.json": DENSE, "2/config.json": {"in_features": 4, "out_features": 2}},
            r"2 has no model\.safetensors \(pickled weights",
        ),
        ({"modules.json": DENSE, "2/config.json": {}}, "module Dense in .*2 cannot be opened"),
        (
            {
                "modules.json": DENSE,
                "2/config.json": {"in_features": 4, "out_features": 3},
                "2/model.safetensors": packed({"linear.weight": torch.ones(2, 4)}),
            },
            "module Dense in .*2 cannot be opened: .*state_dict",
        ),
    ],
)
def test_what_is_not_understood_is_refused(
    files: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match=said):
        read_layout(write(tmp_path, files))


def test_pooling_without_the_prompt_is_as_good_where_there_is_none(tmp_path: Path) -> None:
    unused = {"prompts": {"query": "query: "}, "default_prompt_name": None}
    files = {"modules.json": PLAIN, "1/config.json": {"include_prompt": False}}
    layout = read_layout(write(tmp_path, {**files, "config_sentence_transformers.json": unused}))
    assert (layout.pooling, layout.prompt) == (("mean",), "")


def test_a_transformer_in_a_folder_of_its_own(bert_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(bert_folder, tmp_path / "0_Transformer")
    said = modules(
        ("sentence_transformers.models.Transformer", "0_Transformer"),
        ("sentence_transformers.models.Pooling", "1_Pooling"),
    )
    write(tmp_path, {"modules.json": said, "1_Pooling/config.json": {"pooling_mode": "cls"}})
    encoder, twin = TransformerEncoder(tmp_path), load(tmp_path)
    assert encoder.config.pooling == "cls"
    weights = TransformerEncoder(bert_folder).transformer.state_dict()
    for name, weight in twin.encoder.transformer.state_dict().items():
        assert torch.equal(weight, weights[name])
