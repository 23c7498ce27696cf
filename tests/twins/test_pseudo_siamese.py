from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import textsiamese as ts
from tests.conftest import TEXTS
from tests.twins.conftest import DECISION
from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.errors import BundleError, InputError
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.similarity import Euclidean, PairHead

TITLES = ["Learn Python", "Bread that rises", "Shoes returned"]


def tower(dim: int = 8, seed: int = 0) -> LstmEncoder:
    torch.manual_seed(seed)
    return LstmEncoder.for_texts(TEXTS, LstmConfig(embedding=6, hidden=5, dim=dim), 400)


@pytest.fixture(scope="module")
def twin() -> PseudoSiamese:
    info = ts.TwinInfo(name="two", language="English")
    return PseudoSiamese(tower(), tower(seed=1), PairHead.new(8, 4), DECISION, info)


@pytest.fixture(scope="module")
def folder(twin: PseudoSiamese, tmp_path_factory: pytest.TempPathFactory) -> Path:
    saved = tmp_path_factory.mktemp("bundles") / "two"
    twin.save(saved)
    return saved


def test_each_side_has_its_own_vectors(twin: PseudoSiamese) -> None:
    left, right = (twin.encode(TEXTS, side=side) for side in ("left", "right"))
    for side, vectors in (("left", left), ("right", right)):
        alone = ts.Siamese(getattr(twin.encoder, side)).encode(TEXTS)
        np.testing.assert_array_equal(vectors, alone)
    assert np.abs(left - right).max() > 0.01


def test_a_score_is_what_the_measure_makes_of_both_vectors(twin: PseudoSiamese) -> None:
    lefts, rights = [TITLES[0], TITLES[1], TITLES[0]], [TEXTS[0], TEXTS[0], TEXTS[4]]
    vectors = twin.encode(lefts, side="left"), twin.encode(rights, side="right")
    expected = twin.measure(*vectors)
    np.testing.assert_allclose(twin.similarity(lefts, rights), expected, atol=1e-6)
    np.testing.assert_allclose(twin.score(lefts, rights), DECISION.probability(expected), atol=1e-6)
    assert twin.similarity(lefts[0], rights[0]) == twin.similarity(lefts, rights)[0]


def test_sides_are_not_exchanged(twin: PseudoSiamese) -> None:
    assert twin.score(TITLES[0], TEXTS[0]) != twin.score(TEXTS[0], TITLES[0])


def test_what_was_noticed_counts_both_sides(twin: PseudoSiamese) -> None:
    found = twin.compare([TITLES[0], TITLES[0]], [TEXTS[0], "Ω ж ю щ"])
    assert (found.texts, found.foreign, found.problems) == (3, 1, {})


def test_a_bundle_gives_the_same_twin(twin: PseudoSiamese, folder: Path) -> None:
    opened = ts.load(folder)
    assert isinstance(opened, PseudoSiamese)
    assert (opened.info, opened.decision) == (twin.info, twin.decision)
    assert opened.fingerprint
    lefts, rights = TITLES, TEXTS[:3]
    np.testing.assert_allclose(opened.score(lefts, rights), twin.score(lefts, rights), atol=1e-5)
    for side in ("left", "right"):
        again = getattr(opened.encoder, side).state_dict()
        for name, value in getattr(twin.encoder, side).state_dict().items():
            torch.testing.assert_close(again[name], value, rtol=0, atol=0)


def test_a_bundle_is_replaced_by_one_of_the_other_kind(
    twin: PseudoSiamese, folder: Path, tmp_path: Path
) -> None:
    twin.save(tmp_path / "twin")
    ts.Siamese(tower()).save(tmp_path / "twin")
    assert isinstance(ts.load(tmp_path / "twin"), ts.Siamese)
    assert not (tmp_path / "twin" / "left").exists()


def test_a_changed_tower_is_refused(twin: PseudoSiamese, tmp_path: Path) -> None:
    twin.save(tmp_path / "twin")
    weights = tmp_path / "twin" / "right" / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(BundleError, match=r"right/model\.safetensors has changed"):
        ts.load(tmp_path / "twin")


def test_one_encoder_is_no_pair_of_towers() -> None:
    encoder = tower()
    with pytest.raises(InputError, match=r"Siamese\(encoder\)"):
        PseudoSiamese(encoder, encoder)


def test_vectors_must_be_as_wide() -> None:
    with pytest.raises(InputError, match="8 values and the right one's 6"):
        PseudoSiamese(tower(), tower(dim=6))


def test_there_are_two_sides(twin: PseudoSiamese) -> None:
    with pytest.raises(InputError, match="side is 'top'"):
        twin.encode(TEXTS, side="top")  # type: ignore[arg-type]


def test_other_parts(twin: PseudoSiamese) -> None:
    other = twin.with_parts(measure=Euclidean())
    assert (other.measure.name, other.decision) == ("euclidean", None)
    assert twin.decision is DECISION
    assert "PseudoSiamese('two', pair-head, threshold=0.6)" in repr(twin)
    assert other.to("cpu").similarity(TITLES[0], TEXTS[0]) == other.similarity(TITLES[0], TEXTS[0])
