from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
from transformers.models.efficientnet.image_processing_pil_efficientnet import (
    EfficientNetImageProcessorPil,
)
from transformers.models.mobilevit.image_processing_pil_mobilevit import MobileViTImageProcessorPil
from transformers.models.poolformer.image_processing_pil_poolformer import (
    PoolFormerImageProcessorPil,
)
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from textsiamese.encoders.picture_processing import FILE, Processing, read_processing
from textsiamese.errors import BundleError
from textsiamese.inputs.pictures import read_pictures

SQUARE = {"height": 32, "width": 32}
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
PEERS = {
    "convnext": ConvNextImageProcessorPil(size={"shortest_edge": 32}, crop_pct=0.875, **IMAGENET),
    "convnext, large": ConvNextImageProcessorPil(size={"shortest_edge": 384}, crop_pct=0.9),
    "clip": CLIPImageProcessorPil(size={"shortest_edge": 40}, crop_size=SQUARE),
    "mobilenet": BitImageProcessorPil(size={"shortest_edge": 36}, crop_size=SQUARE, resample=3),
    "poolformer": PoolFormerImageProcessorPil(
        size={"shortest_edge": 32}, crop_size=SQUARE, crop_pct=0.8
    ),
    "vit": ViTImageProcessorPil(size=SQUARE, resample=3),
    "no rescaling": ViTImageProcessorPil(size=SQUARE, resample=3, do_rescale=False),
    "no normalising": ViTImageProcessorPil(size=SQUARE, resample=3, do_normalize=False),
    "efficientnet": EfficientNetImageProcessorPil(size=SQUARE, image_std=[0.4, 0.5, 0.6]),
    "efficientnet, from -1": EfficientNetImageProcessorPil(size=SQUARE, rescale_offset=True),
    "mobilevit": MobileViTImageProcessorPil(
        size={"shortest_edge": 36}, crop_size=SQUARE, resample=3
    ),
}


@pytest.fixture
def photo() -> Image.Image:
    """Waves of colour, wider than high."""
    x, y = np.meshgrid(np.linspace(0, 6, 90), np.linspace(0, 4, 60))
    waves = [np.sin(x + 1), np.cos(y), np.sin(x * y / 3)]
    return Image.fromarray((127.5 + 120 * np.stack(waves, -1)).astype(np.uint8))


def numbers(processing: Processing, photo: Image.Image) -> np.ndarray:
    """What a model reads of a picture, by the definition: (channels, size, size)."""
    pixels = read_pictures([photo], processing.form)[0][0]
    colours = [pixels[:, :, channel] for channel in range(processing.channels)]
    if processing.bgr:
        colours.reverse()
    return np.stack(
        [
            (colour * processing.scale - mean) / std
            for colour, mean, std in zip(colours, processing.mean, processing.std, strict=True)
        ]
    )


def said(folder: Path, **values: Any) -> Path:
    (folder / FILE).write_text(json.dumps(values))
    return folder


@pytest.mark.parametrize("name", PEERS)
def test_a_model_reads_what_transformers_would_give_it(
    name: str, photo: Image.Image, tmp_path: Path
) -> None:
    peer = PEERS[name]
    peer.save_pretrained(tmp_path)
    processing = read_processing(tmp_path, 3)
    ours, theirs = numbers(processing, photo), np.asarray(peer(photo)["pixel_values"][0])
    assert ours.shape == theirs.shape
    step = processing.scale / min(processing.std)
    assert np.abs(ours - theirs).mean() < 2.5 * step  # of 255
    assert np.abs(ours - theirs).max() < 20 * step


@pytest.mark.parametrize("name", PEERS)
def test_written_it_says_the_same(name: str, photo: Image.Image, tmp_path: Path) -> None:
    PEERS[name].save_pretrained(tmp_path)
    processing = read_processing(tmp_path, 3)
    (tmp_path / FILE).write_bytes(processing.written())
    assert read_processing(tmp_path, 3) == processing


def test_what_is_written_can_be_followed_by_transformers(
    photo: Image.Image, tmp_path: Path
) -> None:
    PEERS["convnext"].save_pretrained(tmp_path)
    (tmp_path / FILE).write_bytes(read_processing(tmp_path, 3).written())
    peer = CLIPImageProcessorPil.from_pretrained(tmp_path)
    np.testing.assert_allclose(
        peer(photo)["pixel_values"][0], PEERS["convnext"](photo)["pixel_values"][0], atol=1e-6
    )


def test_of_a_folder_that_says_nothing_imagenets(tmp_path: Path) -> None:
    found = read_processing(tmp_path, 3)
    assert (found.size, found.fit, found.part) == (224, "crop", 0.875)
    assert [*found.mean, *found.std] == [*IMAGENET["image_mean"], *IMAGENET["image_std"]]
    assert found.scale == pytest.approx(1 / 255)


def test_another_size_keeps_the_share_that_is_cropped(tmp_path: Path) -> None:
    found = read_processing(tmp_path, 3, size=96)
    assert found.size == 96
    assert found.part == pytest.approx(0.875, abs=0.005)


def test_files_as_the_first_versions_wrote_them(tmp_path: Path) -> None:
    old = {"feature_extractor_type": "ConvNextFeatureExtractor", "crop_pct": 0.875, "size": 224}
    found = read_processing(said(tmp_path, **old, **IMAGENET, do_normalize=True), 3)
    assert (found.size, found.fit, found.part) == (224, "crop", 0.875)
    flipped = {"crop_size": 256, "do_center_crop": True, "do_flip_channel_order": True, "size": 288}
    found = read_processing(said(tmp_path, **flipped), 3)
    assert (found.size, found.part, found.bgr) == (256, 256 / 288, True)
    assert (found.mean, found.std) == ((0, 0, 0), (1, 1, 1))


def test_of_colours_a_grey_model_takes_the_mean(tmp_path: Path) -> None:
    found = read_processing(said(tmp_path, image_mean=[0.2, 0.3, 0.4], image_std=0.5), 1)
    assert (found.mean, found.std) == (pytest.approx((0.3,)), (0.5,))
    assert found.form.channels == 1


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"size": {"height": 20, "width": 30}}, "no square"),
        ({"size": {"longest_edge": 20}}, "height"),
        ({"size": "large"}, "no square"),
        ({"size": 0}, "no square"),
        ({"image_mean": [0.1, 0.2]}, "2 values are not one for each of 3"),
        ({"image_mean": 0, "image_std": 0}, "standard deviation"),
        ({"rescale_factor": "much"}, "real number"),
        ({"crop_pct": "much"}, "unsupported operand"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    values: dict[str, Any], told: str, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match=f"preprocessor_config.json says nothing .*{told}"):
        read_processing(said(tmp_path, **values), 3)


@pytest.mark.parametrize("content", ["[]", "{", "\xff"])
def test_a_file_that_is_no_object_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content.encode("latin-1"))
    with pytest.raises(BundleError, match="is no JSON object"):
        read_processing(tmp_path, 3)
