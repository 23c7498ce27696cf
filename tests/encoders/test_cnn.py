from __future__ import annotations

import copy
import json
import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.nn import functional as F

from textsiamese.encoders.cnn import CnnConfig, CnnEncoder, _Block, resized
from textsiamese.errors import InputError
from textsiamese.inputs.pictures import PictureForm

Floats = NDArray[np.float64]
SMALL = CnnConfig(size=24, widths=(8, 16, 24), depth=2, dim=6)
CLASSIC = CnnConfig.classic(dim=6, widths=(4, 8))
COLOURLESS = replace(SMALL, channels=1, normalize=False)
CONFIGS = pytest.mark.parametrize(
    "config", [SMALL, COLOURLESS, CLASSIC], ids=["residual", "grey", "classic"]
)


def encoder_of(config: CnnConfig, seed: int = 0) -> CnnEncoder:
    """A network in evaluation mode whose every weight counts, as after some training."""
    torch.manual_seed(seed)
    encoder = CnnEncoder(config).eval()
    with torch.no_grad():
        for weight in encoder.parameters():
            if not weight.any() or (weight == 1).all():
                weight.add_(torch.randn_like(weight) * 0.1)
    return encoder


def noise(n: int, config: CnnConfig, size: int = 0, seed: int = 0) -> Tensor:
    """Pictures as they are decoded, uint8 (n, size, size, channels), of any brightness."""
    random = np.random.default_rng(seed)
    size = size or config.size
    shades = random.uniform(60, 200, (n, 1, 1, config.channels))
    contrast = random.uniform(20, 80, (n, 1, 1, 1))
    pixels = shades + contrast * random.normal(size=(n, size, size, config.channels))
    return torch.from_numpy(pixels.clip(0, 255).astype(np.uint8))


@torch.no_grad()
def vectors_of(encoder: CnnEncoder, *groups: Tensor) -> Tensor:
    return encoder(groups)


@CONFIGS
def test_a_vector_each(config: CnnConfig) -> None:
    encoder = encoder_of(config)
    assert encoder.form == PictureForm(size=config.size, channels=config.channels)
    assert (encoder.reads, encoder.config) == ("pictures", config)
    vectors = vectors_of(encoder, noise(3, config), noise(2, config, seed=1))
    assert (vectors.shape, vectors.dtype) == ((5, 6), torch.float32)
    lengths = vectors.norm(dim=1)
    assert config.normalize == bool((lengths - 1).abs().max() < 1e-5)
    assert vectors.std(0).min() > 1e-3  # they are of different pictures


@CONFIGS
def test_a_picture_is_its_own_whatever_its_company(config: CnnConfig) -> None:
    encoder, pictures = encoder_of(config), noise(7, config)
    alone = torch.cat([vectors_of(encoder, picture[None]) for picture in pictures])
    for together in (
        vectors_of(encoder, pictures),
        vectors_of(encoder, pictures[:2], pictures[2:]),
        vectors_of(encoder, pictures.flip(0)).flip(0),
        vectors_of(encoder, torch.cat([pictures, noise(60, config, seed=5)]))[:7],
    ):
        torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


@CONFIGS
def test_how_pictures_lie_in_the_memory_makes_no_difference(config: CnnConfig) -> None:
    encoder, pictures = encoder_of(config), noise(4, config)
    expected = vectors_of(encoder, pictures)
    planes_first = pictures.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)
    every_other = torch.stack([pictures, pictures], 1).flatten(0, 1)[::2]
    for same in (planes_first, every_other):
        torch.testing.assert_close(vectors_of(encoder, same), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("size", [4, 5, 7, 23, 24, 25, 61])
def test_the_residual_network_takes_any_size(size: int) -> None:
    encoder = encoder_of(SMALL)
    vectors = vectors_of(encoder, noise(3, SMALL), noise(2, SMALL, size))
    assert vectors.shape == (5, 6)
    assert (vectors[3] - vectors[4]).abs().max() > 1e-3


@pytest.mark.parametrize("width", [8, 16, 24, 64, 80])
def test_of_a_single_place_something_is_left(width: int) -> None:
    config = replace(SMALL, size=4, widths=(width,), depth=1)
    vectors = vectors_of(encoder_of(config), *noise(4, config).split(1))
    assert (vectors[1:] - vectors[0]).abs().max() > 0.05


def conv_loop(values: Floats, kernels: Floats, stride: int, padding: int) -> Floats:
    """(C, h, w) and (D, C, k, k) -> (D, h', w'), place by place."""
    values = np.pad(values, ((0, 0), (padding,) * 2, (padding,) * 2))
    side = kernels.shape[-1]
    rows, columns = ((n - side) // stride + 1 for n in values.shape[1:])
    out = np.empty((len(kernels), rows, columns))
    for row in range(rows):
        for column in range(columns):
            y, x = row * stride, column * stride
            out[:, row, column] = (kernels * values[:, y : y + side, x : x + side]).sum((1, 2, 3))
    return out


def norm_loop(values: Floats, norm: nn.GroupNorm) -> Floats:
    """Wu and He 2018, equations 1 and 2: each part of the channels by itself."""
    parts = np.split(values, norm.num_groups)
    scaled = [(part - part.mean()) / np.sqrt(part.var() + norm.eps) for part in parts]
    weight, bias = (each.detach().double().numpy() for each in (norm.weight, norm.bias))
    return np.concatenate(scaled) * weight[:, None, None] + bias[:, None, None]


def halved(values: Floats, largest: bool = False) -> Floats:
    """Mean or maximum of each 2 x 2 places; a last odd row or column by itself, or left out."""
    rows, columns = values.shape[1:]
    if largest:
        rows, columns = rows // 2 * 2, columns // 2 * 2
    reduce = np.max if largest else np.mean
    return np.array(
        [
            [
                reduce(values[:, y : min(y + 2, rows), x : min(x + 2, columns)], axis=(1, 2))
                for x in range(0, columns, 2)
            ]
            for y in range(0, rows, 2)
        ]
    ).transpose(2, 0, 1)


@pytest.mark.parametrize("side", [5, 6])
def test_a_block_equals_a_slow_loop(side: int) -> None:
    torch.manual_seed(0)
    block = _Block(8, 16, stride=2)
    for weight in block.parameters():
        nn.init.normal_(weight)
    weights = {name: value.double().numpy() for name, value in block.state_dict().items()}
    given = np.random.default_rng(0).normal(size=(8, side, side))
    ready = np.maximum(norm_loop(given, block.norms[0]), 0)
    inner = conv_loop(ready, weights["first.weight"], 2, 1)
    inner = conv_loop(
        np.maximum(norm_loop(inner, block.norms[1]), 0), weights["second.weight"], 1, 1
    )
    expected = conv_loop(halved(ready), weights["shortcut.1.weight"], 1, 0) + inner
    with torch.no_grad():
        got = block.double()(torch.from_numpy(given)[None])[0]
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


def test_a_block_begins_as_the_identity() -> None:
    values = torch.randn(2, 16, 5, 5)
    assert torch.equal(_Block(16, 16, stride=1)(values), values)


def test_deeper_networks_begin_alike() -> None:
    """Blocks that only add learn to: whatever the depth, the first vectors are the same."""
    shallow, deep = (CnnEncoder(replace(SMALL, depth=depth)).eval() for depth in (1, 3))
    names = {
        name.replace(f"body.{1 + stage}.", f"body.{1 + 3 * stage}."): value
        for name, value in shallow.state_dict().items()
        for stage in range(3)
        if name.startswith(f"body.{1 + stage}.")
    }
    others = {n: v for n, v in shallow.state_dict().items() if n.startswith(("body.0", "proj"))}
    missing = deep.load_state_dict(names | others, strict=False)
    assert not missing.unexpected_keys
    pictures = noise(3, SMALL)
    torch.testing.assert_close(vectors_of(deep, pictures), vectors_of(shallow, pictures))


def test_the_classic_network_equals_a_slow_loop() -> None:
    config = CnnConfig.classic(dim=3, size=17, widths=(2, 3))
    encoder = encoder_of(config)
    weights = {name: value.double().numpy() for name, value in encoder.state_dict().items()}
    (picture,) = noise(1, config)
    values = (picture.permute(2, 0, 1).double().numpy() / 255 - config.mean) / config.std
    for layer in (0, 3):
        values = conv_loop(values, weights[f"body.{layer}.weight"], 1, 0)
        values = values + weights[f"body.{layer}.bias"][:, None, None]
        values = halved(np.where(values > 0, values, 0.01 * values), largest=True)
    expected = weights["projection.weight"] @ values.flatten() + weights["projection.bias"]
    np.testing.assert_allclose(vectors_of(encoder, picture[None])[0], expected, atol=1e-5)


def test_the_classic_network_is_that_of_the_tutorials() -> None:
    encoder = CnnEncoder(CnnConfig.classic())
    kinds = [type(layer) for layer in encoder.body]
    assert kinds == [*[nn.Conv2d, nn.LeakyReLU, nn.MaxPool2d] * 2, nn.Flatten]
    shapes = {name: tuple(value.shape) for name, value in encoder.named_parameters()}
    assert shapes["body.0.weight"] == (32, 1, 5, 5)
    assert shapes["body.3.weight"] == (64, 32, 5, 5)
    assert shapes["projection.weight"] == (2, 64 * 4 * 4)
    assert (encoder.form.size, encoder.form.channels, encoder.config.normalize) == (28, 1, False)


@pytest.mark.parametrize("size", [16, 17, 28, 31, 64])
def test_how_much_the_classic_network_leaves_of_a_picture(size: int) -> None:
    encoder = CnnEncoder(CnnConfig.classic(size=size, widths=(1, 3)))
    side = math.floor((math.floor((size - 4) / 2) - 4) / 2)
    assert encoder.projection.in_features == 3 * side**2
    assert vectors_of(encoder, noise(2, encoder.config)).shape == (2, 2)


@CONFIGS
def test_in_bfloat16_vectors_are_close(config: CnnConfig) -> None:
    encoder, pictures = encoder_of(config), noise(8, config)
    exact = vectors_of(encoder, pictures)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = vectors_of(encoder, pictures)
    assert rounded.dtype == torch.float32
    assert not torch.equal(rounded, exact)
    assert torch.cosine_similarity(rounded, exact).min() > 0.999


@CONFIGS
def test_a_gradient_reaches_every_weight(config: CnnConfig) -> None:
    encoder = encoder_of(config).train()
    (encoder([noise(6, config)]) * torch.randn(6, 6)).sum().backward()
    for name, weight in encoder.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().max() > 0, name


def test_a_new_network_learns_with_every_weight_from_the_second_step() -> None:
    torch.manual_seed(0)
    encoder, pictures = CnnEncoder(SMALL), noise(6, SMALL)
    begun, target = copy.deepcopy(encoder.state_dict()), torch.randn(6, 6)
    optimizer = torch.optim.SGD(encoder.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        (encoder([pictures]) * target).sum().backward()
        optimizer.step()
    for name, value in encoder.state_dict().items():
        assert not torch.equal(value, begun[name]), name


def test_dropout_drops_in_training_only() -> None:
    torch.manual_seed(0)
    encoder, pictures = encoder_of(replace(SMALL, dropout=0.5)), noise(3, SMALL)
    assert torch.equal(vectors_of(encoder, pictures), vectors_of(encoder, pictures))
    encoder.train()
    assert not torch.equal(vectors_of(encoder, pictures), vectors_of(encoder, pictures))


@CONFIGS
def test_config_and_weights_are_all_there_is(config: CnnConfig) -> None:
    encoder = encoder_of(config)
    again = CnnConfig(**json.loads(json.dumps(asdict(config))))
    assert again == config
    other = CnnEncoder(again).eval()
    other.load_state_dict(load(save(encoder.state_dict())))
    pictures = noise(2, config)
    assert torch.equal(vectors_of(other, pictures), vectors_of(encoder, pictures))


def test_the_default_has_few_weights() -> None:
    assert CnnEncoder().config == CnnConfig()
    assert sum(weight.numel() for weight in CnnEncoder().parameters()) < 5_000_000  # 10 MB as fp16


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"size": 0}, "size is 0; it must be 1 or more"),
        ({"depth": -1}, "depth is -1"),
        ({"stem": 0}, "stem is 0"),
        ({"dim": 0}, "dim is 0"),
        ({"channels": 4}, "channels is 4; it must be 1 or 3"),
        ({"dropout": 1.0}, r"dropout is 1.0; it must lie in \[0, 1\)"),
        ({"std": 0.0}, "std is 0.0; it must be above 0"),
        ({"std": float("nan")}, "std is nan"),
        ({"widths": ()}, r"widths is \(\); each must be a multiple of 8"),
        ({"widths": (8, 12)}, r"widths is \(8, 12\); each must be a multiple of 8"),
        ({"widths": (0,)}, "widths is"),
        ({"size": 3}, r"size is 3; it must be 4 \(its stem\) or more"),
        ({"network": "vgg"}, "network is 'vgg'; it must be 'residual' or 'classic'"),
        ({"network": "classic"}, r"widths is \(8, 16, 24\); a classic network has two"),
        ({"network": "classic", "widths": (8, 0)}, "1 or more each"),
        ({"network": "classic", "widths": (8, 8), "size": 15}, "size is 15; .* needs 16 pixels"),
    ],
)
def test_sizes_that_cannot_be_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        replace(SMALL, **change)


def test_at_several_sizes_the_vector_is_the_mean() -> None:
    torch.manual_seed(0)
    one = CnnEncoder(CnnConfig(size=16, widths=(8, 16), depth=1, dim=6)).eval()
    both = CnnEncoder(replace(one.config, also=(32,))).eval()
    both.load_state_dict(one.state_dict())
    assert (one.form.size, both.form.size) == (16, 32)
    large = torch.randint(256, (3, 32, 32, 3), dtype=torch.uint8)
    small = resized(large, 16)
    with torch.no_grad():
        mean = F.normalize(one([small]) + one([large]), dim=-1)
        torch.testing.assert_close(both([large]), mean)
        torch.testing.assert_close(both.train()([small]).shape, one([small]).shape)
        both.dropout.p = 0.0
        torch.testing.assert_close(both.train()([small]), one([small]))


def test_a_classic_network_has_one_size() -> None:
    with pytest.raises(InputError, match="also is for residual networks"):
        replace(CnnConfig.classic(), also=(56,))
    with pytest.raises(InputError, match="size is 2; it must be 4"):
        CnnConfig(also=(2,))
