"""How a pretrained picture model wants its pictures: what preprocessor_config.json says of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from textsiamese.errors import BundleError
from textsiamese.inputs.pictures import Fit, PictureForm
from textsiamese.writing import json_bytes

FILE = "preprocessor_config.json"
SIZE = 224
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pictures
_PLAIN, _BGR = "CLIP", "MobileViT"  # processors of transformers that do what their file says
_WARPED = 384  # from this size on, ConvNeXT's pictures are not cropped


@dataclass(frozen=True)
class Processing:
    """From a picture to the numbers that a model reads: ``(pixels * scale - mean) / std``.

    Attributes:
        size: pixels of each side.
        channels: 3 for colours, 1 for grey.
        fit: how a picture that is not square becomes so: see
            :class:`textsiamese.inputs.pictures.PictureForm`.
        part: share of the shorter side that "crop" keeps.
        scale: what pixels of 0 to 255 are multiplied by.
        mean: what becomes 0, by channel.
        std: step that becomes 1, by channel.
        bgr: whether blue is the first colour that the model reads, and not red.
    """

    size: int
    channels: Literal[1, 3]
    fit: Fit
    part: float
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    bgr: bool

    @property
    def form(self) -> PictureForm:
        """What pictures must be decoded to."""
        return PictureForm(self.size, self.channels, self.fit, self.part)

    def written(self) -> bytes:
        """The file that says so, as transformers and :func:`read_processing` read it."""
        square = {"height": self.size, "width": self.size}
        crops = self.fit == "crop"
        said = {
            "image_processor_type": f"{_BGR if self.bgr else _PLAIN}ImageProcessor",
            "do_convert_rgb": self.channels == 3,
            "do_resize": True,
            "size": {"shortest_edge": round(self.size / self.part)} if crops else square,
            "resample": 3,  # bicubic
            "do_center_crop": crops,
            "crop_size": square,
            "do_rescale": True,
            "rescale_factor": self.scale,
            "do_normalize": True,
            "image_mean": self.mean,
            "image_std": self.std,
        }
        return json_bytes(said | ({"do_flip_channel_order": True} if self.bgr else {}))


def read_processing(folder: Path, channels: Literal[1, 3], size: int | None = None) -> Processing:
    """What the folder of a model says; ImageNet's size, mean and standard deviation if nothing.

    Pictures are made smaller by bicubic interpolation whatever it says of that.

    Args:
        folder: where it may lie.
        channels: colours that the model reads.
        size: pixels a side, if they shall be others than the folder says.

    Raises:
        BundleError: if the file cannot be read, or pictures would not become squares.
    """
    said = _said(folder / FILE)
    try:
        own, fit, edge = _geometry(said)
        scale, mean, std = _colours(said, channels)
    except (TypeError, ValueError, KeyError, ZeroDivisionError) as error:
        reason = str(error) or type(error).__name__
        raise BundleError(f"{folder / FILE} says nothing that can be followed: {reason}") from None
    wanted = own if size is None else size
    part = 1.0
    if fit == "crop" and wanted > 0:
        part = wanted / max(wanted, round(edge * wanted / own))
    bgr = bool(said.get("do_flip_channel_order")) and channels == 3
    return Processing(wanted, channels, fit, part, scale, mean, std, bgr)


def _said(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {
            "size": SIZE,
            "do_center_crop": True,
            "crop_pct": 0.875,
            "image_mean": MEAN,
            "image_std": STD,
        }
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        said = None
    if not isinstance(said, dict):
        raise BundleError(f"{file} is no JSON object that says how pictures are prepared")
    return said


def _geometry(said: Mapping[str, Any]) -> tuple[int, Fit, int]:
    """Pixels a side, how a picture becomes square, and its shorter side before it is cropped."""
    kind = str(said.get("image_processor_type") or said.get("feature_extractor_type") or "")
    side = _side(said.get("size", SIZE))
    edge = int(side / (said.get("crop_pct") or 1))
    if kind.startswith("ConvNext"):
        return (side, "crop", edge) if side < _WARPED else (side, "squash", side)
    if said.get("do_center_crop"):
        return _side(said.get("crop_size", side)), "crop", edge
    shortest = isinstance(said.get("size"), dict) and "shortest_edge" in said["size"]
    return side, "crop" if shortest else "squash", side


def _side(size: Any) -> int:
    """Pixels a side of what is said in one of the ways that there are."""
    if isinstance(size, dict) and "shortest_edge" in size:
        size = size["shortest_edge"]
    elif isinstance(size, dict):
        size = [size["height"], size["width"]]
    sides = size if isinstance(size, list) else [size]
    if len({*sides}) != 1 or not isinstance(sides[0], int) or sides[0] < 1:
        raise ValueError(f"a size of {size} is no square of whole pixels")
    return int(sides[0])


def _colours(
    said: Mapping[str, Any], channels: int
) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
    """Scale, mean and standard deviation."""
    scale = said.get("rescale_factor", 1 / 255) if said.get("do_rescale", True) else 1.0
    mean, std = (0.0,) * channels, (1.0,) * channels
    flips = said.get("do_flip_channel_order")  # MobileViT's, which never normalises
    if said.get("do_normalize", "image_mean" in said) and not flips:
        mean = _by_channel(said.get("image_mean", MEAN), channels)
        std = _by_channel(said.get("image_std", STD), channels)
    if said.get("rescale_offset"):  # EfficientNet's: from -1 on, and divided twice
        mean = tuple(one + 1 for one in mean)
    if said.get("include_top"):
        std = tuple(one * one for one in std)
    if not (math.isfinite(scale) and all(math.isfinite(m) for m in mean) and min(std) > 0):
        raise ValueError(f"scale {scale}, mean {mean} and standard deviation {std} are no such")
    return float(scale), mean, std


def _by_channel(values: Any, channels: int) -> tuple[float, ...]:
    """One number for each channel: of one for all, that; for grey, the mean of the colours'."""
    given = [float(v) for v in values] if isinstance(values, list | tuple) else [float(values)]
    if len(given) == channels:
        return tuple(given)
    if len(given) == 1:
        return tuple(given * channels)
    if channels == 1:
        return (math.fsum(given) / len(given),)
    raise ValueError(f"{len(given)} values are not one for each of {channels} channels")
