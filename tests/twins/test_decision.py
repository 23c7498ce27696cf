"""The decision: fitted, shifted, changed, saved."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.judging.calibration import Beta, Isotonic, Platt
from textsiamese.twins.decision import Decision


def pairs(n: int = 2000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Similarities in [-1, 1]; log-odds of same 6 s - 1."""
    random = np.random.default_rng(seed)
    similarity = random.uniform(-1, 1, n)
    return similarity, (random.random(n) < Platt(6.0, -1.0)(similarity)).astype(np.int8)


CURVES = [
    Platt(6.0, -1.0),
    Beta(6.0, -1.0, 0.8, 1.3, 0.1),
    Isotonic((-0.5, 0.1, 0.7), (-3.0, 0.1, 2.5), 4.0),
]
decisions = st.builds(
    Decision,
    st.sampled_from(CURVES),
    st.floats(0, 1),
    st.sampled_from(["accuracy", "f1", "precision=0.95", "false-accept=0.001", "given"]),
    st.floats(1e-6, 1 - 1e-6),
    st.floats(1e-6, 1 - 1e-6),
    st.integers(0, 10**9),
)


@pytest.mark.parametrize("calibrator", ["platt", "beta", "isotonic"])
def test_a_fit_keeps_what_it_was_fitted_on(calibrator: str) -> None:
    similarity, labels = pairs()
    decision = Decision.fit(similarity, labels, calibrator=calibrator, rule="f1")
    assert (decision.n, decision.rule) == (2000, "f1")
    assert decision.prior == decision.fitted_prior == labels.mean()
    chances = decision.probability(similarity)
    assert chances.mean() == pytest.approx(labels.mean(), abs=0.01)
    assert np.array_equal(decision.decide(chances), chances >= decision.threshold)


def test_the_default_threshold_is_near_the_likelier_answer() -> None:
    decision = Decision.fit(*pairs(20_000))
    assert decision.rule == "accuracy"
    assert decision.threshold == pytest.approx(0.5, abs=0.06)


def test_rules_reach_what_they_promise() -> None:
    similarity, labels = pairs(5000)
    careful = Decision.fit(similarity, labels, rule="precision=0.95")
    said = careful.decide(careful.probability(similarity))
    assert labels[said].mean() >= 0.95
    strict = Decision.fit(similarity, labels, rule="false-accept=0.01")
    assert strict.decide(strict.probability(similarity))[labels == 0].mean() <= 0.01


def test_a_lower_prior_lowers_probabilities_and_turns_answers() -> None:
    similarity, labels = pairs()
    decision = Decision.fit(similarity, labels)
    rare = decision.with_changes(prior=0.01)
    before, after = decision.probability(similarity), rare.probability(similarity)
    assert np.all(after < before)
    assert rare.decide(after).sum() < decision.decide(before).sum()
    assert (rare.threshold, rare.rule) == (decision.threshold, decision.rule)
    assert (rare.fitted_prior, rare.prior) == (decision.fitted_prior, 0.01)
    assert np.array_equal(np.argsort(after), np.argsort(before))


def test_shifted_probabilities_are_calibrated_where_same_pairs_are_rare() -> None:
    similarity, labels = pairs(200_000, seed=1)
    decision = Decision.fit(similarity[:20_000], labels[:20_000])
    same, rest = labels == 1, labels == 0
    kept = rest | (same & (np.random.default_rng(2).random(len(labels)) < 0.05))
    share = float(labels[kept].mean())
    assert share < 0.06
    rare = decision.with_changes(prior=share).probability(similarity[kept])
    assert rare.mean() == pytest.approx(share, rel=0.05)
    high = rare > 0.2
    assert high.sum() > 1000
    assert rare[high].mean() == pytest.approx(labels[kept][high].mean(), abs=0.04)


@given(decisions, st.floats(1e-4, 1 - 1e-4))
def test_changing_the_prior_there_and_back_changes_nothing(
    decision: Decision, prior: float
) -> None:
    assert decision.with_changes(prior=prior).with_changes(prior=decision.prior) == decision
    points = np.linspace(-1, 1, 20)
    assert np.all(np.diff(decision.with_changes(prior=prior).probability(points)) >= 0)


def test_at_its_fitted_prior_the_calibrator_speaks_alone() -> None:
    decision = Decision(CURVES[1], 0.5, "accuracy", 0.37, 0.37, 100)
    points = np.linspace(-1, 1, 50)
    assert np.array_equal(decision.probability(points), CURVES[1](points))


def test_a_named_threshold_is_kept_as_given() -> None:
    decision = Decision(CURVES[0], 0.5, "accuracy", 0.37, 0.37, 100)
    changed = decision.with_changes(threshold=0.8)
    assert (changed.threshold, changed.rule) == (0.8, "given")
    assert decision.threshold == 0.5
    assert decision.with_changes() == decision
    assert decision.with_changes(threshold=0, prior=0.1).threshold == 0.0


def test_ties_with_the_threshold_mean_yes_and_nan_means_no() -> None:
    decision = Decision(CURVES[0], 0.5, "accuracy", 0.37, 0.37, 100)
    assert decision.decide([0.5, np.nextafter(0.5, 0), np.nan]).tolist() == [True, False, False]
    assert np.isnan(decision.with_changes(prior=0.1).probability([np.nan])).all()


@given(decisions)
def test_json_brings_back_the_same_decision(decision: Decision) -> None:
    plain = decision.to_json()
    again = Decision.from_json(json.loads(json.dumps(plain)))
    assert again == decision
    assert json.loads(json.dumps(plain)) == plain


def test_a_fitted_decision_scores_the_same_after_json() -> None:
    similarity, labels = pairs(300)
    for calibrator in ("platt", "beta", "isotonic"):
        decision = Decision.fit(similarity, labels, calibrator=calibrator).with_changes(prior=0.1)
        again = Decision.from_json(json.loads(json.dumps(decision.to_json())))
        assert np.array_equal(again.probability(similarity), decision.probability(similarity))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treshold": 0.5}, "unknown key 'treshold': did you mean 'threshold'"),
        ({"threshold": 1.5}, r"The threshold is 1\.5: give a number from 0 to 1"),
        ({"prior": 0}, r"The prior is 0\.0: give a number between 0 and 1"),
        ({"fitted_prior": 1.0}, "The fitted prior is 1"),
        ({"rule": "best"}, "threshold rule is 'best'"),
        ({"n": -1}, "n is -1"),
        ({"n": 2.5}, r"n is 2\.5"),
        ({"calibrator": {"kind": "magic"}}, "kind is 'magic'"),
        ({"calibrator": None}, "kind is None"),
    ],
)
def test_json_that_is_no_decision_is_refused(change: dict, message: str) -> None:
    plain = Decision(CURVES[0], 0.5, "accuracy", 0.37, 0.37, 100).to_json()
    with pytest.raises(InputError, match=message):
        Decision.from_json({**plain, **change})


def test_json_with_a_key_less_or_no_object_is_refused() -> None:
    plain = Decision(CURVES[0], 0.5, "accuracy", 0.37, 0.37, 100).to_json()
    del plain["prior"]
    with pytest.raises(InputError, match="lacks the key 'prior'"):
        Decision.from_json(plain)
    with pytest.raises(InputError, match="must be an object"):
        Decision.from_json([1])


@pytest.mark.parametrize("threshold", [-0.01, 1.01, math.nan, "half"])
def test_thresholds_outside_their_range_are_refused(threshold: float) -> None:
    decision = Decision(CURVES[0], 0.5, "accuracy", 0.37, 0.37, 100)
    with pytest.raises(InputError, match=r"The threshold is .*: give a number from 0 to 1"):
        decision.with_changes(threshold=threshold)


@pytest.mark.parametrize("prior", [0, 1, -1, math.nan])
def test_priors_outside_their_range_are_refused(prior: float) -> None:
    decision = Decision(CURVES[0], 0.5, "accuracy", 0.37, 0.37, 100)
    with pytest.raises(InputError, match=r"The prior is .*: give a number between 0 and 1"):
        decision.with_changes(prior=prior)


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (49, {}, "49 labelled pairs cannot carry a decision: hold at least 50 out"),
        (0, {}, "0 labelled pairs"),
        (50, {"calibrator": "plat"}, "calibrator is 'plat': it must be 'platt'"),
        (50, {"rule": "acc"}, "threshold rule is 'acc'"),
        (50, {"rule": "given"}, "threshold rule is 'given'"),
    ],
)
def test_what_cannot_carry_a_decision_is_refused(rows: int, options: dict, message: str) -> None:
    similarity, labels = pairs()
    with pytest.raises(InputError, match=message):
        Decision.fit(similarity[:rows], labels[:rows], **options)


def test_bad_labels_and_similarities_are_refused() -> None:
    similarity, labels = pairs(60)
    with pytest.raises(InputError, match="All 60 labels say 'same'"):
        Decision.fit(similarity, np.ones(60))
    with pytest.raises(InputError, match="label at index 0 is -1"):
        Decision.fit(similarity, np.full(60, -1))
    with pytest.raises(InputError, match="60 scores stand beside 59 labels"):
        Decision.fit(similarity, labels[:59])
    similarity[7] = np.nan
    with pytest.raises(InputError, match="score at index 7 is nan"):
        Decision.fit(similarity, labels)


def test_fifty_pairs_are_enough() -> None:
    similarity, labels = pairs(50)
    assert Decision.fit(similarity, labels).n == 50


@given(st.sampled_from(CURVES), st.lists(st.floats(allow_nan=False), min_size=1, max_size=10))
def test_no_similarity_is_too_large(curve: Platt, similarity: list) -> None:
    decision = Decision(curve, 0.5, "accuracy", 1e-6, 0.37, 100)
    with np.errstate(all="raise", under="ignore"):
        chances = decision.probability(similarity)
    assert np.all((chances > 0) & (chances < 1))
