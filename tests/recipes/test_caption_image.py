"""The recipe runs on a handful of drawn pictures; what it comes to there means nothing."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import textsiamese as ts
from tests.backbones import saved_backbone
from tests.drawing import all_scenes, drawn_pairs
from textsiamese.recipes.caption_image import make, of_one_picture, picture_tower, with_pictures

PARTS = {"train": 12, "dev": 26, "extra": 9}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small folder in the place of Flickr8k: 47 pictures with four captions each."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "flickr8k").mkdir()
    pairs = drawn_pairs(all_scenes()[::16][:47], folder / "drawn")
    names = [Path(path).name for path in pairs.right]
    split = np.repeat(list(PARTS), [2 * number for number in PARTS.values()])
    table = pd.DataFrame({"image": names, "caption": pairs.left, "split": split})
    table = pd.concat([table, table.assign(caption="here is " + table["caption"])])
    table.to_csv(folder / "flickr8k" / "captions.csv", index=False)
    with zipfile.ZipFile(folder / "flickr8k" / "images.zip", "w") as packed:
        for path in (folder / "drawn").iterdir():
            packed.write(path, path.name)
    return folder


def test_parts_are_those_of_the_table_and_rows_hold_captions_of_one_picture(
    data: Path, tmp_path: Path
) -> None:
    pairs = with_pictures(data, tmp_path / "twin", "train")
    assert len(set(pairs.right)) == PARTS["train"]
    assert pairs.rows is not None
    table = pd.DataFrame({"row": pairs.rows, "picture": pairs.right})
    assert (table.groupby("row")["picture"].nunique() == 1).all()
    assert (table.groupby("picture")["row"].nunique() == 2).all()
    assert all(Path(path).exists() for path in pairs.right)
    two = of_one_picture(pairs)
    assert two.labels.sum() == PARTS["train"]
    of = dict(zip(pairs.left, pairs.right, strict=True))
    same = [of[a] == of[b] for a, b in zip(two.left, two.right, strict=True)]
    assert same == (two.labels == 1).tolist()


@pytest.mark.parametrize("kind", ["", "resnet"])
def test_it_makes_a_twin(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    backbone = str(saved_backbone(kind, tmp_path / kind)) if kind else ""
    out = tmp_path / "twin"
    short = {"text_epochs": 1, "epochs": 1, "frozen": 0, "size": 16, "also": 24}
    make(data, out, teacher="lstm-quora", backbone=backbone, **short)
    twin = ts.load(out)
    assert isinstance(twin, ts.PseudoSiamese)
    assert twin.picture_sides == ["right"]
    right = twin.encoder.right
    if kind:
        assert isinstance(right, ts.BackboneEncoder)
    else:
        assert (right.config.size, right.config.also) == (16, (24,))
    told = json.loads(capsys.readouterr().out)
    assert told["flickr8k/dev pictures"] == PARTS["dev"]
    recall = "flickr8k/dev caption to picture recall@10"
    assert 0.2 < twin.info.scores[recall] == told[recall] < 1
    assert 0 < twin.score("a red circle", next((data / "drawn").iterdir())) < 1


def test_a_pretrained_model_of_another_kind_is_a_tower_too(tmp_path: Path) -> None:
    tower = picture_tower(str(saved_backbone("convnext", tmp_path / "model")), 64, 0)
    assert isinstance(tower, ts.BackboneEncoder)
    assert tower.config.dim == 384
