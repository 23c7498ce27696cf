from __future__ import annotations

import copy
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from transformers import AutoModel

from tests.backbones import KINDS, SIZE, saved_backbone
from textsiamese.encoders.backbone import BackboneEncoder
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import BundleError, InputError
from textsiamese.inputs.pictures import read_pictures


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = tmp_path_factory.mktemp("backbones")
    return {kind: saved_backbone(kind, made / kind) for kind in [*KINDS, "vit"]}


@pytest.fixture(params=[*KINDS, "vit"])
def folder(request: pytest.FixtureRequest, folders: dict[str, Path]) -> Path:
    return folders[request.param]


@pytest.fixture(scope="module")
def pixels() -> torch.Tensor:
    noise = np.random.default_rng(0).integers(256, size=(6, SIZE, SIZE, 3), dtype=np.uint8)
    return torch.from_numpy(noise)


def vectors(encoder: BackboneEncoder, *groups: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return encoder(groups)


def statistics(encoder: nn.Module) -> dict[str, torch.Tensor]:
    return {name: values.clone() for name, values in encoder.named_buffers()}


def test_the_vector_is_the_projection_of_what_the_model_pools(
    folder: Path, pixels: torch.Tensor
) -> None:
    encoder = BackboneEncoder(folder, dim=5, normalize=False).eval()
    model, config = AutoModel.from_pretrained(folder).eval(), encoder.config
    for row, picture in enumerate(pixels.double().numpy()):
        values = (picture * config.scale - config.mean) / config.std
        read = torch.from_numpy(values.transpose(2, 0, 1)).float()[None]
        with torch.no_grad():
            found = model(pixel_values=read)
            pooled = found.last_hidden_state.mean(1) if "vit" in folder.name else None
            pooled = found.pooler_output.flatten(1) if pooled is None else pooled
            expected = pooled @ encoder.projection.weight.T + encoder.projection.bias
        torch.testing.assert_close(vectors(encoder, pixels)[row], expected[0])


def test_what_it_is_made_of_is_in_its_config(folders: dict[str, Path]) -> None:
    encoder = BackboneEncoder(folders["convnext"], dim=7)
    said = json.loads(json.dumps(asdict(encoder.config)))
    assert (said["model"], said["dim"], said["normalize"]) == ("convnext", 7, True)
    assert (said["size"], said["fit"], said["part"]) == (SIZE, "crop", SIZE / 36)
    assert (encoder.form.size, encoder.form.fit) == (SIZE, "crop")
    assert not encoder.backbone.training


def test_rows_are_their_own_in_training_too(folder: Path, pixels: torch.Tensor) -> None:
    encoder = BackboneEncoder(folder, dim=5)
    for mode in (False, True):
        encoder.train(mode)
        together = vectors(encoder, pixels)
        apart = vectors(encoder, *pixels.split([1, 2, 1, 2]))
        torch.testing.assert_close(together, apart, atol=1e-5, rtol=0)
        torch.testing.assert_close(together.norm(dim=1), torch.ones(len(pixels)))


def test_a_step_changes_weights_and_no_statistics(folder: Path, pixels: torch.Tensor) -> None:
    encoder = BackboneEncoder(folder, dim=5).train()
    assert encoder.training
    before, weights = statistics(encoder), copy.deepcopy(encoder.state_dict())
    optimizer = torch.optim.SGD(encoder.parameters(), lr=1.0)
    encoder([pixels])[:, 0].sum().backward()
    optimizer.step()
    for name, values in encoder.named_buffers():
        torch.testing.assert_close(values, before[name], rtol=0, atol=0)
    moved = [n for n, w in encoder.named_parameters() if not torch.equal(w, weights[n])]
    assert len(moved) > len(weights) // 4
    assert all(weight.grad is not None for weight in encoder.parameters() if weight.requires_grad)


@pytest.mark.parametrize("kind", ["vit", "resnet"])
def test_kept_activations_or_not_the_gradients_are_the_same(
    kind: str, folders: dict[str, Path], pixels: torch.Tensor
) -> None:
    torch.manual_seed(0)
    one = BackboneEncoder(folders[kind], dim=5).train()
    other = copy.deepcopy(one)
    other.checkpoint_activations()
    for encoder in (one, other):
        encoder([pixels])[:, 0].sum().backward()
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad)


def test_pictures_of_other_modes(folders: dict[str, Path]) -> None:
    encoder = BackboneEncoder(folders["resnet"], dim=5).eval()
    grey = Image.linear_gradient("L")
    same = [grey, grey.convert("RGB"), grey.convert("RGBA"), grey.convert("LA")]
    decoded, problems = read_pictures(same, encoder.form)
    assert not problems
    found = vectors(encoder, torch.from_numpy(decoded))
    torch.testing.assert_close(found, found[:1].expand(4, -1), atol=1e-5, rtol=0)


def test_convolutions_take_another_size_and_a_vision_transformer_says_why_not(
    folders: dict[str, Path],
) -> None:
    encoder = BackboneEncoder(folders["regnet"], dim=5, size=48).eval()
    assert encoder.form.size == 48
    assert vectors(encoder, torch.zeros(2, 48, 48, 3, dtype=torch.uint8)).shape == (2, 5)
    with pytest.raises(InputError, match=r"vit cannot read pictures of 48 pixels a side: .*32"):
        BackboneEncoder(folders["vit"], size=48)


def test_a_model_that_reads_grey(tmp_path: Path) -> None:
    from transformers import ResNetConfig, ResNetModel

    sizes: dict[str, Any] = {"embedding_size": 8, "hidden_sizes": [8], "depths": [1]}
    ResNetModel(ResNetConfig(num_channels=1, **sizes)).save_pretrained(tmp_path)
    encoder = BackboneEncoder(tmp_path, size=16)
    assert encoder.form.channels == 1
    assert vectors(encoder, torch.zeros(1, 16, 16, 1, dtype=torch.uint8)).shape == (1, 256)


def test_with_a_head_for_classes_the_body_is_taken(tmp_path: Path, pixels: torch.Tensor) -> None:
    from transformers import RegNetConfig, RegNetForImageClassification

    torch.manual_seed(0)
    sizes: dict[str, Any] = {"hidden_sizes": [8, 16], "depths": [1, 1], "groups_width": 8}
    whole = RegNetForImageClassification(RegNetConfig(embedding_size=8, **sizes)).eval()
    whole.save_pretrained(tmp_path)
    encoder = BackboneEncoder(tmp_path, dim=5, size=SIZE).eval()
    one, other = whole.regnet.state_dict(), encoder.backbone.state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_more_channels_than_a_picture_has(tmp_path: Path) -> None:
    from transformers import ResNetConfig, ResNetModel

    sizes: dict[str, Any] = {"embedding_size": 8, "hidden_sizes": [8], "depths": [1]}
    ResNetModel(ResNetConfig(num_channels=13, **sizes)).save_pretrained(tmp_path)
    with pytest.raises(BundleError, match="13 channels"):
        BackboneEncoder(tmp_path)


def test_what_reads_texts_is_refused_and_says_what_opens_it(
    bert_folder: Path, folders: dict[str, Path]
) -> None:
    with pytest.raises(BundleError, match=r"kind bert: no encoder of pictures.*TransformerEncoder"):
        BackboneEncoder(bert_folder)
    with pytest.raises(BundleError, match=r"kind resnet: no encoder of texts.*BackboneEncoder"):
        TransformerEncoder(folders["resnet"])


def test_no_model_no_encoder(tmp_path: Path, folders: dict[str, Path]) -> None:
    with pytest.raises(BundleError, match='there is no folder "nowhere"'):
        BackboneEncoder("nowhere")
    with pytest.raises(BundleError, match=r"no config\.json"):
        BackboneEncoder(tmp_path)
    with pytest.raises(InputError, match="dim is 0"):
        BackboneEncoder(folders["resnet"], dim=0)
    with pytest.raises(InputError, match="size is 0"):
        BackboneEncoder(folders["resnet"], size=0)


def test_opening_says_nothing(folders: dict[str, Path], capfd: pytest.CaptureFixture[str]) -> None:
    BackboneEncoder(folders["resnet"])
    assert capfd.readouterr() == ("", "")
