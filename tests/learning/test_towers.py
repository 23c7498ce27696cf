from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import textsiamese as ts
from tests.backbones import saved_backbone
from tests.conftest import TEXTS
from textsiamese.encoders.backbone import BackboneEncoder
from textsiamese.encoders.cnn import CnnEncoder
from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.errors import BundleError, InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.beginning import first_twin, picture_sides_of
from textsiamese.learning.towers import Towers, towers_named


def test_new_towers_are_as_wide_and_read_what_they_are_for(train: Pairs) -> None:
    towers = Towers("lstm", "cnn")
    assert towers.picture_sides == ["right"]
    twin = towers.twin(train)
    assert isinstance(twin.encoder.left, LstmEncoder)
    assert isinstance(twin.encoder.right, CnnEncoder)
    assert (twin.reads("left"), twin.reads("right")) == ("texts", "pictures")
    assert twin.info == ts.TwinInfo()


def test_a_vocabulary_is_learnt_from_its_own_side() -> None:
    left, right = ["zebra zebra apple"] * 9, ["xylophone xylophone"] * 9
    twin = Towers("lstm", "lstm").twin(Pairs(left, right, [1] * 9))
    lengths = [
        twin.tower(side).open().tokens(["xylophone"]).lengths[0] for side in ("left", "right")
    ]
    assert lengths[0] > lengths[1] == 1


def test_a_tower_of_a_bundled_twin_brings_its_width_and_its_terms(train: Pairs) -> None:
    twin = Towers("lstm-quora", "lstm").twin(train)
    known = ts.load()
    assert twin.dim == known.dim
    assert (twin.info.terms, twin.info.base) == (known.info.terms, "lstm-quora")
    np.testing.assert_allclose(twin.encode(TEXTS), known.encode(TEXTS), atol=1e-5)


def test_a_picture_model_becomes_as_wide_as_the_other_tower(train: Pairs, tmp_path: Path) -> None:
    folder = saved_backbone("convnext", tmp_path / "convnext")
    towers = Towers("lstm-quora", str(folder))
    assert towers.picture_sides == ["right"]
    assert not towers.new
    twin = towers.twin(train)
    assert isinstance(twin.encoder.right, BackboneEncoder)
    assert twin.encoder.right.config.dim == ts.load().dim
    assert twin.info.base == f"lstm-quora and {folder}"
    assert twin.info.terms == ts.load().info.terms


def test_beside_a_new_tower_a_picture_model_is_known(train: Pairs, tmp_path: Path) -> None:
    towers = Towers(str(saved_backbone("regnet", tmp_path)), "lstm")
    assert (towers.picture_sides, towers.new) == (["left"], False)
    assert towers.twin(train).reads("left") == "pictures"


def test_a_twin_with_a_picture_model_keeps_its_projection(train: Pairs, tmp_path: Path) -> None:
    saved = BackboneEncoder(saved_backbone("resnet", tmp_path / "resnet"), dim=6)
    ts.Siamese(saved).save(tmp_path / "twin")
    opened = Towers("lstm", str(tmp_path / "twin")).twin(train).encoder.right
    np.testing.assert_array_equal(
        opened.projection.weight.detach().numpy(), saved.projection.weight.detach().numpy()
    )


def test_equal_seeds_give_equal_towers(train: Pairs) -> None:
    one, other, third = (Towers("lstm", "lstm").twin(train, seed) for seed in (1, 1, 2))
    texts = ["how do i learn", "why"]
    assert (one.encode(texts, side="right") == other.encode(texts, side="right")).all()
    assert (one.encode(texts, side="right") != third.encode(texts, side="right")).any()


def test_two_names_or_none() -> None:
    assert towers_named("lstm", None, None) is None
    assert towers_named(None, "lstm", "cnn") == Towers("lstm", "cnn")
    with pytest.raises(InputError, match="--right-encoder is missing"):
        towers_named(None, "lstm", None)
    with pytest.raises(InputError, match="leave it out, or them"):
        towers_named("lstm", "lstm", "cnn")


def test_towers_are_a_beginning(train: Pairs) -> None:
    twin = first_twin(Towers("lstm", "lstm"), train)
    assert isinstance(twin, ts.PseudoSiamese)
    assert twin.measure.name == "cosine"
    head = first_twin(Towers("lstm", "lstm"), train, [(1.0, ts.PairCrossEntropy())])
    assert head.measure.name == "pair-head"


def test_a_name_of_nothing_is_refused() -> None:
    with pytest.raises(BundleError, match="nowhere"):
        picture_sides_of(Towers("lstm", "nowhere"))


def test_a_tower_reads_its_long_texts_in_windows() -> None:
    words = [f"word{number}" for number in range(50)]
    articles = [" ".join(words[number % 50] for number in range(400))] * 40
    twin = Towers("lstm", "lstm").twin(Pairs(["a title"] * 40, articles, [1] * 40))
    left, right = twin.encoder.left, twin.encoder.right
    assert left.config.windows == 1
    assert 1 < right.config.windows < 16
    assert not right.tokens(articles).cut.any()
    longer = Pairs(["a title"] * 40, [each * 20 for each in articles], [1] * 40)
    assert Towers("lstm", "lstm-quora").twin(longer).encoder.right.config.windows == 16
