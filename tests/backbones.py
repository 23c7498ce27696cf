"""Tiny picture models of several architectures, with random weights, as transformers saves them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel

KINDS = ["resnet", "convnext", "mobilenet_v2", "regnet"]
SIZE = 32


def saved_backbone(kind: str, folder: Path, **processor: object) -> Path:
    """A model of that kind in a folder, and what prepares its pictures beside it.

    Args:
        kind: one of `KINDS`, or "vit".
        folder: made if it is not there.
        processor: settings in place of those that suit the kind.
    """
    import torch
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.convnext.image_processing_pil_convnext import (
        ConvNextImageProcessorPil,
    )

    from textsiamese.encoders.pretrained import quiet

    torch.manual_seed(0)
    model = _model(kind).eval()
    for name, values in model.named_buffers():  # as if it had seen pictures
        if name.endswith("running_mean"):
            values.normal_(0, 0.1)
    with quiet():
        model.save_pretrained(folder)
    if kind in ("resnet", "convnext"):
        made = ConvNextImageProcessorPil(
            **{"size": {"shortest_edge": SIZE}, "crop_pct": 0.875, **processor}
        )
    else:
        square = {"height": SIZE, "width": SIZE}
        made = CLIPImageProcessorPil(
            **{"size": {"shortest_edge": 40}, "crop_size": square, **processor}
        )
    made.save_pretrained(folder)
    return folder


def _model(kind: str) -> PreTrainedModel:
    import transformers as t

    if kind == "resnet":
        return t.ResNetModel(t.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1]))
    if kind == "convnext":
        sizes = {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2}
        return t.ConvNextModel(t.ConvNextConfig(**sizes))
    if kind == "regnet":
        sizes = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "groups_width": 8}
        return t.RegNetModel(t.RegNetConfig(**sizes))
    if kind == "mobilenet_v2":
        sizes = {"depth_multiplier": 0.1, "min_depth": 8, "image_size": SIZE}
        return t.MobileNetV2Model(t.MobileNetV2Config(**sizes))
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    vit = t.ViTConfig(**sizes, intermediate_size=16, image_size=SIZE, patch_size=8)
    return t.ViTModel(vit, add_pooling_layer=False)
