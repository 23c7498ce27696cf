"""Any pretrained picture model as an encoder, with its own way to prepare pictures."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from textsiamese.encoders.fetching import model_folder
from textsiamese.encoders.picture_processing import Processing, read_processing
from textsiamese.encoders.pretrained import open_picture_model
from textsiamese.errors import BundleError, InputError, tells_of_memory

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class BackboneConfig(Processing):
    """What an encoder makes of its model, and how pictures are prepared; saved with it.

    Attributes:
        model: kind of the model, such as "resnet".
        dim: width of the vector that comes out.
        normalize: whether vectors have unit length.
    """

    model: str
    dim: int
    normalize: bool


class BackboneEncoder(nn.Module):
    """Pictures to vectors: a pretrained model, what it pools of a picture, and a projection.

    Any picture model of transformers will do: ResNet, ConvNeXT, MobileNet, RegNet, EfficientNet,
    ViT. Pictures get the size, mean and standard deviation that its ``preprocessor_config.json``
    says, ImageNet's where there is none. Its pooled output is taken, or the mean over all places
    where it has none. Running statistics (BatchNorm) stay as they were learnt, in training too, so
    that a picture's vector does not depend on the others of its batch.

    Args:
        source: a folder that transformers saved, or a Hub id ("microsoft/resnet-18").
        dim: width of the vector that comes out of the projection, which is new.
        size: pixels a side of the pictures; as the folder says if None. Convolutions take
            others than they were trained on, most transformers do not.
        normalize: whether vectors have unit length.

    Attributes:
        form: what the pictures must be decoded to.
        group_size: pictures that it likes to be trained on side by side.
        backbone: the model of the transformers package.

    Raises:
        BundleError: if there is no such model, or it does not read pictures.
        InputError: if ``dim`` is below 1, or the model cannot read pictures of that size.
    """

    reads: Literal["pictures"] = "pictures"
    group_size = 32

    def __init__(
        self,
        source: str | os.PathLike[str],
        *,
        dim: int = 256,
        size: int | None = None,
        normalize: bool = True,
    ) -> None:
        super().__init__()
        if dim < 1:
            raise InputError(f"dim is {dim}; it must be 1 or more")
        folder = model_folder(source)
        self.backbone = open_picture_model(folder)
        self.config = BackboneConfig(
            **asdict(read_processing(folder, _channels(self.backbone, source), size)),
            model=self.backbone.config.model_type,
            dim=dim,
            normalize=normalize,
        )
        self.form = self.config.form
        self.register_buffer("mean", _column(self.config.mean), persistent=False)
        self.register_buffer("std", _column(self.config.std), persistent=False)
        self.projection = nn.Linear(self._width(source), dim)
        nn.init.zeros_(self.projection.bias)

    def forward(self, groups: Sequence[Tensor]) -> Tensor:
        """Vectors of all pictures of ``groups``, in order.

        Args:
            groups: pictures of one size together, each uint8 (n, size, size, channels).

        Returns:
            (sum of n, dim) float32; unit length if the config says ``normalize``.
        """
        pooled = torch.cat([self._pooled(self._prepared(pictures)) for pictures in groups])
        vectors = self.projection(pooled).float()
        return F.normalize(vectors, dim=-1) if self.config.normalize else vectors

    def train(self, mode: bool = True) -> BackboneEncoder:
        """Set training mode, but for running statistics: those of few pictures are none."""
        super().train(mode)
        for module in self.backbone.modules():
            if isinstance(module, _BatchNorm):
                module.eval()
        return self

    def checkpoint_activations(self) -> None:
        """From now on, keep no activations for the backward pass, if the model can do without."""
        if not self.backbone.supports_gradient_checkpointing:
            return
        with warnings.catch_warnings():  # its new name is not in every version that we work with
            warnings.simplefilter("ignore", FutureWarning)
            self.backbone.gradient_checkpointing_enable({"use_reentrant": False})

    def _pooled(self, values: Tensor) -> Tensor:
        """(n, channels, size, size) -> (n, width of the model)."""
        found = self.backbone(pixel_values=values)
        pooled = getattr(found, "pooler_output", None)
        if pooled is not None:
            return pooled.flatten(1)
        states = found.last_hidden_state  # of a transformer (n, places, width), else (n, width, ..)
        return states.mean(1) if states.dim() == 3 else states.flatten(2).mean(2)

    def _prepared(self, pictures: Tensor) -> Tensor:
        """(n, size, size, channels) of 0 to 255 -> (n, channels, size, size) as the model reads."""
        floats = pictures.permute(0, 3, 1, 2).to(self.projection.weight.dtype)
        values = floats.flip(1) if self.config.bgr else floats
        return (values * self.config.scale - self.mean) / self.std

    def _width(self, source: str | os.PathLike[str]) -> int:
        """Width of what the model pools; it is asked, not believed.

        Raises:
            InputError: if it cannot read such pictures.
        """
        side, channels = self.config.size, self.config.channels
        try:
            with torch.no_grad():
                return self._pooled(torch.zeros(1, channels, side, side)).shape[1]
        except Exception as error:
            if tells_of_memory(error):
                raise
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise InputError(
                f"the model {source} cannot read pictures of {side} pixels a side: {reason}"
            ) from None


def _channels(model: PreTrainedModel, source: str | os.PathLike[str]) -> Literal[1, 3]:
    channels = getattr(model.config, "num_channels", 3)
    if channels == 1:
        return 1
    if channels == 3:
        return 3
    raise BundleError(
        f"the model {source} reads pictures of {channels} channels; of 1 (grey) and 3 (colours) "
        "vectors are made here"
    )


def _column(values: Sequence[float]) -> Tensor:
    """Numbers of the channels, (channels, 1, 1)."""
    return torch.tensor(values).view(-1, 1, 1)
