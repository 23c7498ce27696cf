"""Pictures as they could have been taken too: another part, mirrored, in another light."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textsiamese.encoders.cnn import resized
from textsiamese.errors import InputError


@dataclass(frozen=True)
class AugmentationConfig:
    """What may happen to a picture in training; saved with the twin.

    Attributes:
        crop: share of a picture's area that is kept at least, in (0, 1]; how much is drawn evenly
            from there up to all of it, its place too. 1 keeps all.
        stretch: the part's width may grow or shrink against its height by this factor, 1 or more.
        flip: share of pictures that are mirrored, left for right, in [0, 1]; 0 where sides matter,
            as in writing.
        colour: brightness, contrast and saturation change by up to this share, and each colour by
            a third of it, in [0, 1).
        blend: another picture of the batch shines through by up to this share, in [0, 1).
        patch: share of pictures on which a square of another picture is put, of a fifth to half of
            their side, in [0, 1].

    Raises:
        InputError: naming the first that is out of its range.
    """

    crop: float = 0.35
    stretch: float = 4 / 3
    flip: float = 0.5
    colour: float = 0.3
    blend: float = 0.0
    patch: float = 0.0

    def __post_init__(self) -> None:
        ranges = {"crop": "(0, 1]", "colour": "[0, 1)", "blend": "[0, 1)"}
        for name, value in asdict(self).items():
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self._refuse(name, "a number")
            inside = 1 <= value < math.inf if name == "stretch" else 0 <= value <= 1
            edge = (name == "crop" and value == 0) or (name in ("colour", "blend") and value == 1)
            if not inside or edge:
                self._refuse(
                    name, "1 or more" if name == "stretch" else f"in {ranges.get(name, '[0, 1]')}"
                )

    @property
    def room(self) -> float:
        """How many times as wide as needed to decode a picture, so that its least part is sharp."""
        return self.crop**-0.5

    def _refuse(self, name: str, wanted: str) -> None:
        raise InputError(
            f"AugmentationConfig.{name} is {getattr(self, name)!r}; it must be {wanted}"
        )


class Augmentation(nn.Module):
    """Changes pictures at random while it is in training mode.

    Random resized crops and colour jitter are those of Szegedy et al. 2015 (section 6). Blends and
    patches are those of mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019), but what a picture
    belongs to stays: it is the other picture that disturbs. What is drawn comes from torch's
    generator of the device.
    """

    def __init__(self, config: AugmentationConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, pictures: Tensor, size: int) -> Tensor:
        """Changed pictures; in evaluation mode, only resized ones.

        Args:
            pictures: uint8 (n, s, s, channels), of any size.
            size: pixels a side of what comes out.

        Returns:
            uint8 (n, size, size, channels).
        """
        if not self.training:
            return resized(pictures, size)
        values = self._cropped(pictures.permute(0, 3, 1, 2).float(), size)
        values = self._disturbed(self._coloured(values))
        return values.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)

    def _cropped(self, values: Tensor, size: int) -> Tensor:
        """A part of each, perhaps mirrored: (n, C, s, s) -> (n, C, size, size)."""
        n, config = len(values), self.config
        area = _between(config.crop, 1, n, values)
        aspect = torch.exp(_between(-1, 1, n, values) * math.log(config.stretch))
        width, height = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
        mirrored = 1 - 2 * (_between(0, 1, n, values) < config.flip).float()
        placed = values.new_zeros(n, 2, 3)
        placed[:, 0, 0], placed[:, 1, 1] = width * mirrored, height
        placed[:, 0, 2] = _between(-1, 1, n, values) * (1 - width)
        placed[:, 1, 2] = _between(-1, 1, n, values) * (1 - height)
        grid = F.affine_grid(placed, [n, values.shape[1], size, size], align_corners=False)
        return F.grid_sample(values, grid, padding_mode="reflection", align_corners=False)

    def _coloured(self, values: Tensor) -> Tensor:
        if not self.config.colour:
            return values
        most = self.config.colour
        grey = values.mean(1, keepdim=True)
        values = grey + (values - grey) * _about_1(most, values, 1)
        mean = values.mean((1, 2, 3), keepdim=True)
        values = mean + (values - mean) * _about_1(most, values, 1)
        return values * _about_1(most, values, 1) * _about_1(most / 3, values, values.shape[1])

    def _disturbed(self, values: Tensor) -> Tensor:
        """With other pictures of the batch in the way."""
        n, size = len(values), values.shape[-1]
        if self.config.blend:
            share = _between(0, self.config.blend, n, values)[:, None, None, None]
            values = values + share * (values[_shuffled(values)] - values)
        if self.config.patch:
            side = _between(0.2, 0.5, n, values)
            side = side * (_between(0, 1, n, values) < self.config.patch)
            at = (torch.arange(size, device=values.device) + 0.5) / size
            across, down = (
                (at - _between(0, 1, n, values)[:, None]).abs() < side[:, None] / 2
                for _ in range(2)
            )
            inside = (down[:, :, None] & across[:, None, :])[:, None]
            values = torch.where(inside, values[_shuffled(values)], values)
        return values


def _shuffled(values: Tensor) -> Tensor:
    return torch.randperm(len(values), device=values.device)


def _between(low: float, high: float, n: int, like: Tensor) -> Tensor:
    return torch.rand(n, device=like.device) * (high - low) + low


def _about_1(most: float, like: Tensor, channels: int) -> Tensor:
    """(n, channels, 1, 1) factors from 1 - most to 1 + most."""
    drawn = torch.rand(len(like), channels, 1, 1, device=like.device)
    return 1 + (drawn * 2 - 1) * most
