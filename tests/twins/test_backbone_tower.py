from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoModel

import textsiamese as ts
from tests.backbones import KINDS, saved_backbone
from tests.drawing import all_scenes, drawn_pairs
from textsiamese.encoders.backbone import BackboneEncoder
from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.errors import BundleError
from textsiamese.inputs.negatives import add_random_negatives
from textsiamese.twins.backbone_tower import open_backbone

TEXTS = ["a red circle", "a blue square", "a green star"]


def caption_twin(backbone: BackboneEncoder) -> ts.PseudoSiamese:
    torch.manual_seed(0)
    sizes = LstmConfig(embedding=6, hidden=5, dim=backbone.config.dim)
    return ts.PseudoSiamese(LstmEncoder.for_texts(TEXTS, sizes, 400), backbone)


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    """Noise: wide, grey, half transparent."""
    noise = np.random.default_rng(0).integers(256, size=(40, 60, 4), dtype=np.uint8)
    made = {"wide": Image.fromarray(noise[..., :3]), "grey": Image.fromarray(noise[..., 0])}
    made["clear"] = Image.fromarray(noise, "RGBA")
    for name, picture in made.items():
        picture.save(tmp_path / f"{name}.png")
    return [str(tmp_path / f"{name}.png") for name in made]


@pytest.mark.parametrize("kind", [*KINDS, "vit"])
def test_a_bundle_gives_the_same_twin(kind: str, pictures: list[str], tmp_path: Path) -> None:
    backbone = BackboneEncoder(saved_backbone(kind, tmp_path / "model"), dim=6)
    twin = caption_twin(backbone)
    twin.save(tmp_path / "twin")
    opened = ts.load(tmp_path / "twin", threads=1)
    assert isinstance(opened, ts.PseudoSiamese)
    assert opened.picture_sides == ["right"]
    assert isinstance(opened.encoder.right, BackboneEncoder)
    assert opened.encoder.right.config == backbone.config
    np.testing.assert_allclose(
        opened.encode(pictures, side="right"), twin.encode(pictures, side="right"), atol=1e-6
    )
    before, after = backbone.state_dict(), opened.encoder.right.state_dict()
    assert before.keys() == after.keys()
    for name, value in before.items():
        assert value.dtype == after[name].dtype, name
        torch.testing.assert_close(after[name], value, rtol=0, atol=0)


def test_saved_again_it_is_the_same_to_the_byte(tmp_path: Path) -> None:
    backbone = BackboneEncoder(saved_backbone("resnet", tmp_path / "model"), dim=6, size=20)
    ts.Siamese(backbone).save(tmp_path / "twin")
    ts.load(tmp_path / "twin").save(tmp_path / "again")
    names = sorted(file.name for file in (tmp_path / "twin").iterdir())
    assert names == [
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
        "projection.safetensors",
        "twin.json",
    ]
    for name in names:
        one, other = (tmp_path / folder / name for folder in ("twin", "again"))
        assert one.read_bytes() == other.read_bytes(), name


def test_transformers_opens_the_model_by_itself(tmp_path: Path) -> None:
    backbone = BackboneEncoder(saved_backbone("regnet", tmp_path / "model"), dim=6)
    caption_twin(backbone).save(tmp_path / "twin")
    plain, ours = AutoModel.from_pretrained(tmp_path / "twin" / "right"), backbone.backbone
    for name, value in ours.state_dict().items():
        torch.testing.assert_close(plain.state_dict()[name], value, rtol=0, atol=0)


def test_a_training_changes_weights_and_no_statistics(tmp_path: Path) -> None:
    pairs = drawn_pairs(all_scenes()[::40], tmp_path / "pictures")
    backbone = BackboneEncoder(saved_backbone("resnet", tmp_path / "model"), dim=6)
    twin = caption_twin(backbone)
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    config = ts.FitConfig(epochs=1, batch_size=8, learning_rate=0.01, bf16=False)
    twin = ts.fit(twin, pairs, add_random_negatives(pairs), config=config, out=tmp_path / "twin")
    after = ts.load(tmp_path / "twin").encoder.right.state_dict()
    counted = {name for name, _ in backbone.named_buffers()}
    for name in counted & before.keys():
        torch.testing.assert_close(after[name], before[name], rtol=0, atol=0)
    moved = [name for name in before if name not in counted and (after[name] != before[name]).any()]
    assert "projection.weight" in moved
    assert "backbone.embedder.embedder.convolution.weight" in moved


def test_nothing_is_opened_before_it_is_used(tmp_path: Path) -> None:
    tower = open_backbone({"dim": 6, "normalize": True}, tmp_path / "nowhere", None)
    assert tower.reads == "pictures"
    with pytest.raises(BundleError):
        tower.open()
