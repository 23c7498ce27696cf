"""Pictures to vectors by convolution: a residual network of our own, and the tutorials' one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textsiamese.errors import InputError
from textsiamese.inputs.pictures import PictureForm

_NORM_GROUPS = 8  # at most: so many parts of the channels are normalised, each by itself
_NORM_CHANNELS = 8  # at least, of a part; so widths are multiples of 8
_LEAK = 0.01  # slope of LeakyReLU below zero, Maas et al. 2013
_KERNEL = 5  # pixels a side of the classic network's kernels


@dataclass(frozen=True)
class CnnConfig:
    """Sizes of a :class:`CnnEncoder`; saved with it.

    Attributes:
        size: pixels a side of the pictures it is trained on.
        also: further sizes at which a picture is read once training is over: its vector is then the
            mean of those at all sizes.
        channels: 3 reads colours, 1 reads grey.
        widths: channels of each stage; each stage but the first halves the sides.
        depth: residual blocks a stage.
        stem: pixels a side of the patches that the first layer cuts a picture into.
        dim: width of the vector that comes out.
        normalize: whether vectors have unit length.
        dropout: share of pooled values dropped in training, in [0, 1).
        network: ``residual``, or ``classic`` (see :meth:`classic`).
        mean: brightness, of 1, that becomes 0 for the first layer.
        std: step of brightness that becomes 1.
    """

    size: int = 96
    also: tuple[int, ...] = ()
    channels: Literal[1, 3] = 3
    widths: tuple[int, ...] = (64, 128, 256, 384)
    depth: int = 1
    stem: int = 4
    dim: int = 256
    normalize: bool = True
    dropout: float = 0.1
    network: Literal["residual", "classic"] = "residual"
    mean: float = 0.45
    std: float = 0.25

    def __post_init__(self) -> None:
        for name in ("widths", "also"):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # JSON gives a list
        for name in ("size", "depth", "stem", "dim"):
            if getattr(self, name) < 1:
                raise InputError(f"CnnConfig.{name} is {getattr(self, name)}; it must be 1 or more")
        if self.channels not in (1, 3):
            raise InputError(f"CnnConfig.channels is {self.channels}; it must be 1 or 3")
        if not 0 <= self.dropout < 1:
            raise InputError(f"CnnConfig.dropout is {self.dropout}; it must lie in [0, 1)")
        if not self.std > 0:
            raise InputError(f"CnnConfig.std is {self.std}; it must be above 0")
        _check_network(self)

    @classmethod
    def classic(
        cls,
        dim: int = 2,
        size: int = 28,
        widths: tuple[int, int] = (32, 64),
        *,
        normalize: bool = False,
        dropout: float = 0.0,
    ) -> CnnConfig:
        """The tutorials' network of two blocks over grey pictures: convolution, LeakyReLU, pooling.

        Two numbers a picture, not normalised, can be drawn as they are (as in Hadsell et al. 2006);
        give a larger ``dim`` to tell more than a few classes apart.
        """
        return cls(
            size=size,
            channels=1,
            widths=widths,
            dim=dim,
            normalize=normalize,
            dropout=dropout,
            network="classic",
        )


class CnnEncoder(nn.Module):
    """Pictures to vectors: convolutions, the mean over all places, projection.

    The residual kind is the pre-activation network of He et al. 2016 (Identity Mappings in Deep
    Residual Networks) with GroupNorm (Wu and He 2018), so that a picture's vector does not depend
    on the others of its batch; its first layer cuts patches, which keeps it fast on a CPU. It
    takes pictures of any size from ``stem`` up; the classic kind takes ``config.size`` alone.

    Attributes:
        form: what the pictures must be decoded to.
        group_size: pictures that it likes to be trained on side by side.
    """

    reads: Literal["pictures"] = "pictures"
    group_size = 32

    def __init__(self, config: CnnConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or CnnConfig()
        self.form = PictureForm(max(config.size, *config.also, 1), channels=config.channels)
        self.body = _residual(config) if config.network == "residual" else _classic(config)
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(_pooled_width(config), config.dim)
        nn.init.zeros_(self.projection.bias)

    def forward(self, groups: Sequence[Tensor]) -> Tensor:
        """Vectors of all pictures of ``groups``, in order.

        Args:
            groups: pictures of one size together, each uint8 (n, size, size, channels).

        Returns:
            (sum of n, dim) float32; unit length if the config says ``normalize``.
        """
        if self.training or not self.config.also:
            return self._encoded(groups)
        sizes = (self.config.size, *self.config.also)
        at_each = [self._encoded([resized(each, size) for each in groups]) for size in sizes]
        return self._finished(torch.stack(at_each).mean(0))

    def _encoded(self, groups: Sequence[Tensor]) -> Tensor:
        pooled = torch.cat([self.body(self._scaled(pictures)) for pictures in groups])
        return self._finished(self.projection(self.dropout(pooled)).float())

    def _finished(self, vectors: Tensor) -> Tensor:
        return F.normalize(vectors, dim=-1) if self.config.normalize else vectors

    def _scaled(self, pictures: Tensor) -> Tensor:
        """(n, size, size, channels) of 0 to 255 -> (n, channels, size, size) about 0.

        The layout in memory stays: channels last, as convolutions on a CPU are fastest.
        """
        floats = pictures.permute(0, 3, 1, 2).to(self.projection.weight.dtype)
        return (floats / 255 - self.config.mean) / self.config.std


def resized(pictures: Tensor, size: int) -> Tensor:
    """uint8 (n, s, s, channels) -> uint8 (n, size, size, channels)."""
    if pictures.shape[1] == size:
        return pictures
    values = pictures.permute(0, 3, 1, 2).float()
    values = F.interpolate(values, size=(size, size), mode="bicubic", antialias=True)
    return values.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)


class _Block(nn.Module):
    """Twice norm, ReLU and 3 x 3 convolution, added to what came in; begins as the identity."""

    def __init__(self, given: int, width: int, stride: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList([_norm(given), _norm(width)])
        self.first = nn.Conv2d(given, width, 3, stride, padding=1, bias=False)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        nn.init.zeros_(self.second.weight)
        changes = stride > 1 or given != width
        self.shortcut = _shortcut(given, width, stride) if changes else None

    def forward(self, values: Tensor) -> Tensor:
        """(n, given, h, w) -> (n, width, h / stride, w / stride), rounded up."""
        ready = F.relu(self.norms[0](values))
        kept = values if self.shortcut is None else self.shortcut(ready)
        return kept + self.second(F.relu(self.norms[1](self.first(ready))))


def _shortcut(given: int, width: int, stride: int) -> nn.Module:
    """The mean of each patch, then its channels mixed to ``width``."""
    mean = nn.AvgPool2d(stride, ceil_mode=True)
    return nn.Sequential(mean, nn.Conv2d(given, width, 1, bias=False))


def _norm(width: int) -> nn.GroupNorm:
    """Of few channels in fewer parts: of one value alone, where one place is left, 0 would stay."""
    return nn.GroupNorm(min(_NORM_GROUPS, width // _NORM_CHANNELS), width)


def _residual(config: CnnConfig) -> nn.Sequential:
    """Patches, ``depth`` blocks a stage, the mean over all places: (n, C, h, w) -> (n, width)."""
    layers: list[nn.Module] = [
        nn.Conv2d(config.channels, config.widths[0], config.stem, config.stem)
    ]
    given = config.widths[0]
    for stage, width in enumerate(config.widths):
        for block in range(config.depth):
            layers.append(_Block(given, width, stride=2 if stage and not block else 1))
            given = width
    return nn.Sequential(*layers, _norm(given), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def _classic(config: CnnConfig) -> nn.Sequential:
    """Two blocks, and the values of all places side by side: (n, C, size, size) -> (n, values)."""
    first, second = config.widths
    return nn.Sequential(
        *(nn.Conv2d(config.channels, first, _KERNEL), nn.LeakyReLU(_LEAK), nn.MaxPool2d(2)),
        *(nn.Conv2d(first, second, _KERNEL), nn.LeakyReLU(_LEAK), nn.MaxPool2d(2)),
        nn.Flatten(),
    )


def _pooled_width(config: CnnConfig) -> int:
    if config.network == "residual":
        return config.widths[-1]
    return config.widths[-1] * _classic_side(config.size) ** 2


def _classic_side(size: int) -> int:
    """Places a side that the classic network's two blocks leave of ``size`` pixels."""
    for _ in range(2):
        size = (size - _KERNEL + 1) // 2
    return size


def _check_network(config: CnnConfig) -> None:
    """:raises InputError: if widths or size do not suit the kind of network."""
    if config.network == "classic":
        if len(config.widths) != 2 or min(config.widths) < 1:
            raise InputError(
                f"CnnConfig.widths is {config.widths}; a classic network has two, 1 or more each"
            )
        if config.also:
            raise InputError("CnnConfig.also is for residual networks: a classic one has one size")
        if _classic_side(config.size) < 1:
            raise InputError(
                f"CnnConfig.size is {config.size}; a classic network needs 16 pixels or more"
            )
    elif config.network == "residual":
        if not config.widths or any(w < 1 or w % _NORM_CHANNELS for w in config.widths):
            raise InputError(
                f"CnnConfig.widths is {config.widths}; each must be a multiple of {_NORM_CHANNELS}"
            )
        for size in (config.size, *config.also):
            if size < config.stem:
                raise InputError(
                    f"CnnConfig.size is {size}; it must be {config.stem} (its stem) or more"
                )
    else:
        raise InputError(
            f"CnnConfig.network is {config.network!r}; it must be 'residual' or 'classic'"
        )
