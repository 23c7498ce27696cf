"""A new decision on other pairs: the twin stays what it is, and says honestly what was gained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import textsiamese as ts
from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.calibration import Beta, Isotonic, Platt
from textsiamese.judging.crossfitting import Quality
from textsiamese.judging.fitting import calibrator_for
from textsiamese.twins import calibrate as calibrating
from textsiamese.twins.calibrate import calibrate, calibrate_and_compare
from textsiamese.twins.siamese import Siamese


@pytest.fixture(scope="module")
def pairs(sample_texts: list[str], torch_twin: Siamese) -> Pairs:
    """120 pairs whose labels follow the twin's own similarities, with noise."""
    random = np.random.default_rng(0)
    left = [sample_texts[i] for i in random.integers(len(sample_texts), size=120)]
    right = [sample_texts[i] for i in random.integers(len(sample_texts), size=120)]
    similarity = torch_twin.similarity(left, right)
    noisy = similarity + random.normal(scale=similarity.std() / 2, size=120)
    return Pairs(left, right, (noisy > np.median(noisy)).astype(np.int8), name="sample")


def test_only_the_decision_changes(torch_twin: Siamese, pairs: Pairs) -> None:
    old = torch_twin.decision
    new = calibrate(torch_twin, pairs)
    similarity = torch_twin.similarity(pairs.left, pairs.right)
    assert np.array_equal(new.similarity(pairs.left, pairs.right), similarity)
    assert new.decision == ts.Decision.fit(similarity, pairs.labels, calibrator="beta")
    assert torch_twin.decision is old
    assert new.decision.n == 120  # type: ignore[union-attr]
    assert new.decision.prior == 0.5  # type: ignore[union-attr]
    assert ts.calibrate is calibrate


@pytest.mark.parametrize(
    ("name", "kind"), [("platt", Platt), ("beta", Beta), ("isotonic", Isotonic), (None, Beta)]
)
def test_the_calibrator_is_the_one_asked_for(
    torch_twin: Siamese, pairs: Pairs, name: str | None, kind: type
) -> None:
    decision = calibrate(torch_twin, pairs, calibrator=name, rule="f1").decision
    assert decision is not None
    assert type(decision.calibrator) is kind
    assert decision.rule == "f1"


def test_the_number_of_pairs_chooses_the_calibrator(
    torch_twin: Siamese, pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert calibrator_for(len(pairs)) == "beta"
    monkeypatch.setattr(calibrating, "calibrator_for", lambda n: "platt" if n == 120 else "?")
    decision = calibrate(torch_twin, pairs).decision
    assert decision is not None
    assert type(decision.calibrator) is Platt


def test_before_is_the_old_decision_and_after_is_better(torch_twin: Siamese, pairs: Pairs) -> None:
    found = calibrate_and_compare(torch_twin, pairs)
    probability = torch_twin.score(pairs.left, pairs.right)
    answers = torch_twin.predict(pairs.left, pairs.right)
    assert found.before == Quality.of(probability, answers, pairs.labels == 1)
    assert found.after is not None
    assert found.before is not None
    assert found.after.log_loss < found.before.log_loss
    own = found.twin.score(pairs.left, pairs.right)
    flattered = Quality.of(own, found.twin.predict(pairs.left, pairs.right), pairs.labels == 1)
    assert flattered.log_loss < found.after.log_loss


def test_a_twin_without_a_decision(torch_twin: Siamese, pairs: Pairs) -> None:
    bare = Siamese(torch_twin.encoder, torch_twin.measure)
    found = calibrate_and_compare(bare, pairs)
    assert found.before is None
    assert found.twin.predict(pairs.left, pairs.right).mean() == pytest.approx(0.5, abs=0.2)
    with pytest.raises(InputError, match="no decision"):
        bare.score("a", "b")


def test_what_it_says_of_itself(torch_twin: Siamese, pairs: Pairs) -> None:
    found = calibrate_and_compare(torch_twin, pairs)
    info = found.twin.info
    assert info.name == "small, calibrated anew"
    assert info.base == "small"
    assert info.language == "English"
    assert "dev accuracy" not in info.scores
    assert info.scores["calibration pairs"] == 120
    assert found.after is not None
    assert info.scores["calibration pairs accuracy, cross-fitted"] == found.after.accuracy
    again = calibrate(found.twin, pairs).info
    assert (again.name, again.base) == (info.name, info.base)


def test_it_comes_back_from_its_folder(torch_twin: Siamese, pairs: Pairs, tmp_path: Path) -> None:
    new = calibrate(torch_twin, pairs, rule="precision=0.8")
    new.save(tmp_path / "twin")
    opened = ts.load(tmp_path / "twin", threads=1)
    assert opened.decision == new.decision
    assert opened.info == new.info


def test_pairs_that_cannot_carry_it_are_refused(torch_twin: Siamese, pairs: Pairs) -> None:
    with pytest.raises(InputError, match="49 labelled pairs cannot carry a decision"):
        calibrate(torch_twin, pairs.subset(range(49)))
    with pytest.raises(InputError, match="All 60 labels say 'same'"):
        calibrate(torch_twin, pairs.subset(np.flatnonzero(pairs.labels)[:60]))
    with pytest.raises(InputError, match="'platt', 'beta' or 'isotonic'"):
        calibrate(torch_twin, pairs, calibrator="magic")
    with pytest.raises(InputError, match="did you mean 'accuracy'"):
        calibrate(torch_twin, pairs, rule="acuracy")
    with pytest.raises(InputError, match=r"pairs are a tuple; give what ts\.read_pairs"):
        calibrate(torch_twin, ("a", "b"))  # type: ignore[arg-type]
