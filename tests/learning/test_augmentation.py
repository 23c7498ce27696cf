from __future__ import annotations

import numpy as np
import pytest
import torch

from textsiamese.errors import InputError
from textsiamese.learning.augmentation import Augmentation, AugmentationConfig
from textsiamese.learning.config import FitConfig

NOTHING = {"crop": 1, "stretch": 1, "flip": 0, "colour": 0}


def changed(pictures: torch.Tensor, size: int, seed: int = 0, **settings: float) -> torch.Tensor:
    torch.manual_seed(seed)
    return Augmentation(AugmentationConfig(**(NOTHING | settings)))(pictures, size)


@pytest.fixture
def pictures() -> torch.Tensor:
    """30 smooth pictures, brighter to the right, redder to the bottom."""
    across, down = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="xy")
    one = torch.stack([60 + 8 * down, 60 + 8 * across, torch.full((16, 16), 100)], -1)
    return one.to(torch.uint8).expand(30, -1, -1, -1).contiguous()


def test_with_nothing_to_do_pictures_stay(pictures: torch.Tensor) -> None:
    assert torch.equal(changed(pictures, 16), pictures)


def test_a_flip_mirrors_left_and_right(pictures: torch.Tensor) -> None:
    assert torch.equal(changed(pictures, 16, flip=1), pictures.flip(2))
    some = changed(pictures, 16, flip=0.5)
    mirrored = (some == pictures.flip(2)).all(-1).all(-1).all(-1)
    assert 5 < mirrored.sum() < 25
    assert torch.equal(some[~mirrored], pictures[~mirrored])


def test_a_part_is_what_lies_there(pictures: torch.Tensor) -> None:
    """On straight slopes, the values at the edges say which part was taken, and all between fit."""
    found = changed(pictures, 16, crop=0.3).float()
    green, red = found[:, :, :, 1].mean(1), found[:, :, :, 0].mean(2)
    for slope in (green, red):  # (n, 16), along the axis it grows on
        steps = slope.diff(dim=1)[:, 2:-2]  # beyond the edge nothing is known
        assert (steps.std(1) < 0.7).all()
        assert (steps.mean(1) <= 8.05).all()
        share = steps.mean(1) / 8
        assert share.min() > 0.5
        assert share.std() > 0.05
    area = green.diff(dim=1)[:, 2:-2].mean(1) * red.diff(dim=1)[:, 2:-2].mean(1) / 64
    assert area.min() > 0.28
    assert area.max() <= 1.02


def test_colours_change_as_in_a_plain_loop(pictures: torch.Tensor) -> None:
    found = changed(pictures, 16, seed=5, colour=0.4)
    torch.manual_seed(5)
    torch.rand(30), torch.rand(30), torch.rand(30), torch.rand(30), torch.rand(30)
    draws = [torch.rand(30, 1, 1, 1) * 0.8 + 0.6 for _ in range(3)]
    tint = 1 + (torch.rand(30, 3, 1, 1) * 2 - 1) * (0.4 / 3)
    for number in range(30):
        saturation, contrast, brightness = (float(draw[number]) for draw in draws)
        x = pictures[number].double().numpy()
        grey = x.mean(-1, keepdims=True)
        x = grey + (x - grey) * saturation
        x = x.mean() + (x - x.mean()) * contrast
        x = x * brightness * tint[number, :, 0, 0].double().numpy()
        assert np.abs(found[number].numpy() - x.round().clip(0, 255)).max() <= 1


def test_a_square_of_another_picture_is_put_on_it(pictures: torch.Tensor) -> None:
    shades = torch.arange(30, dtype=torch.uint8)[:, None, None, None].expand(30, 16, 16, 3)
    found = changed(shades, 16, patch=1)
    others = 0
    for number, one in enumerate(found):
        foreign = (one != number).any(-1)
        rows, columns = foreign.any(1), foreign.any(0)
        assert torch.equal(foreign, rows[:, None] & columns)
        assert int(rows.sum()) <= 9
        assert len(one[foreign].unique()) <= 1
        others += bool(foreign.any())
    assert others > 24
    assert torch.equal(changed(pictures, 16, patch=0), pictures)


def test_another_picture_shines_through(pictures: torch.Tensor) -> None:
    shades = torch.tensor([0, 200], dtype=torch.uint8).repeat(15)[:, None, None, None]
    found = changed(shades.expand(30, 4, 4, 3), 4, blend=0.4).float()
    assert torch.equal(found.amax((1, 2, 3)), found.amin((1, 2, 3)))
    black, white = found[::2, 0, 0, 0], found[1::2, 0, 0, 0]
    assert 20 < black.max() <= 80
    assert 120 <= white.min() < 180


def test_each_picture_has_its_own_chance_and_seeds_repeat(pictures: torch.Tensor) -> None:
    one, other = (changed(pictures, 12, seed=1, crop=0.4, colour=0.3) for _ in range(2))
    assert torch.equal(one, other)
    assert len({picture.numpy().tobytes() for picture in one}) == 30
    assert one.shape == (30, 12, 12, 3)


def test_grey_pictures_stay_grey(pictures: torch.Tensor) -> None:
    assert changed(pictures[..., :1], 8, crop=0.5, colour=0.3, patch=1).shape == (30, 8, 8, 1)


def test_out_of_training_pictures_are_only_resized(pictures: torch.Tensor) -> None:
    augmentation = Augmentation(AugmentationConfig(colour=0.9)).eval()
    assert augmentation(pictures, 16) is not None
    assert torch.equal(augmentation(pictures, 16), pictures)
    half = augmentation(pictures, 8).float()
    means = pictures.float().view(30, 8, 2, 8, 2, 3).mean((2, 4))
    assert (half - means).abs()[:, 1:-1, 1:-1].max() < 2


def test_what_is_out_of_range_is_refused() -> None:
    for name, value in (("crop", 0), ("crop", 1.1), ("stretch", 0.9), ("flip", -1), ("blend", 1)):
        with pytest.raises(InputError, match=f"AugmentationConfig.{name} is {value}"):
            AugmentationConfig(**{name: value})
    with pytest.raises(InputError, match="patch is 'no'; it must be a number"):
        AugmentationConfig(patch="no")  # type: ignore[arg-type]


def test_settings_of_a_training_take_it_by_name() -> None:
    config = FitConfig().with_settings({"augmentation": {"crop": 0.5}})
    assert config.augmentation == AugmentationConfig(crop=0.5)
    assert config.to_json()["augmentation"]["crop"] == 0.5
    with pytest.raises(InputError, match="no setting 'crops'; did you mean 'crop'"):
        FitConfig().with_settings({"augmentation": {"crops": 0.5}})
