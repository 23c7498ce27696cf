from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import textsiamese as ts
from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.encoders.lstm import LstmConfig, LstmEncoder

TEXTS = ["a red circle", "a blue square", "a green star"]


@pytest.mark.parametrize(
    "config",
    [CnnConfig(size=16, widths=(8, 16), depth=2, dim=6), CnnConfig.classic(dim=6, widths=(4, 8))],
    ids=["residual", "classic"],
)
def test_a_bundle_gives_the_same_twin(config: CnnConfig, tmp_path: Path) -> None:
    torch.manual_seed(0)
    text = LstmEncoder.for_texts(TEXTS, LstmConfig(embedding=6, hidden=5, dim=6), 400)
    twin = ts.PseudoSiamese(text, CnnEncoder(config))
    twin.save(tmp_path / "twin")
    opened = ts.load(tmp_path / "twin", threads=1)
    assert isinstance(opened, ts.PseudoSiamese)
    assert opened.encoder.right.config == config
    assert opened.picture_sides == ["right"]
    noise = np.random.default_rng(0).integers(256, size=(40, 40, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    for one, other in zip(
        opened.encoder.right.state_dict().items(),
        twin.encoder.right.state_dict().items(),
        strict=True,
    ):
        assert one[0] == other[0]
        torch.testing.assert_close(one[1], other[1], rtol=0, atol=0)
    assert opened.similarity(TEXTS[0], picture) == pytest.approx(
        twin.similarity(TEXTS[0], picture), abs=1e-5
    )


def test_a_siamese_twin_of_pictures_is_saved_too(tmp_path: Path) -> None:
    twin = ts.Siamese(CnnEncoder(CnnConfig.classic(widths=(4, 8))))
    twin.save(tmp_path / "twin")
    assert not (tmp_path / "twin" / "modules.json").exists()
    assert ts.load(tmp_path / "twin").picture_sides == ["left", "right"]
