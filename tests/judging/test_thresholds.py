"""Threshold rules against every possible cut, and never inside a tie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.judging.thresholds import choose_threshold, cross_fitted, parse_rule

RULES = ("accuracy", "f1", "precision=0.6", "false-accept=0.25")
tied = st.lists(st.tuples(st.integers(1, 7), st.booleans()), min_size=2, max_size=25)


def every_answer(chances: np.ndarray) -> list[np.ndarray]:
    """All answers that some threshold gives, from yes to everything to yes to nothing."""
    return [chances >= cut for cut in [0, *np.unique(chances)[1:], 1]]


def counts(answer: np.ndarray, same: np.ndarray) -> tuple[int, int, int]:
    return int((answer & same).sum()), int(answer.sum()), int((answer == same).sum())


@given(tied)
def test_each_rule_does_as_well_as_the_best_of_all_cuts(rows: list) -> None:
    chances = np.array([number / 8 for number, _ in rows])
    same = np.array([label for _, label in rows])
    if same.all() or not same.any():
        same[0] = not same[0]
    answers = every_answer(chances)

    def chosen(rule: str) -> tuple[int, int, int]:
        return counts(chances >= choose_threshold(chances, same, rule), same)

    assert chosen("accuracy")[2] == max(counts(answer, same)[2] for answer in answers)
    hits, accepted, _ = chosen("f1")
    scored = [counts(answer, same) for answer in answers]
    best = max(2 * hit / (yes + same.sum()) for hit, yes, _ in scored)
    assert 2 * hits / (accepted + same.sum()) == pytest.approx(best)
    hits, accepted, _ = chosen("false-accept=0.25")
    allowed = [yes for hit, yes, _ in scored if (yes - hit) / (~same).sum() <= 0.25]
    assert accepted == max(allowed)
    allowed = [yes for hit, yes, _ in scored if yes and hit / yes >= 0.6]
    if allowed:
        assert chosen("precision=0.6")[1] == max(allowed)
    else:
        with pytest.raises(InputError, match=r"No threshold keeps 'precision=0\.6'"):
            choose_threshold(chances, same, "precision=0.6")


def test_a_tie_is_never_cut() -> None:
    # four equal scores: a search over rows in file order would claim accuracy 1.0
    threshold = choose_threshold([0.6, 0.6, 0.6, 0.6, 0.2], [1, 1, 0, 0, 0], "accuracy")
    answers = np.array([0.6, 0.6, 0.6, 0.6, 0.2]) >= threshold
    assert len(set(answers[:4])) == 1


@pytest.mark.parametrize(
    ("chances", "labels", "expected"),
    [
        ([0.2, 0.6], [0, 1], 0.4),
        ([0.2, 0.6], [1, 1], 0.1),
        ([0.2, 0.6], [0, 0], 0.8),
        ([0.1, 0.3, 0.7, 0.9], [0, 1, 0, 1], 0.2),  # as good as 0.8: both 0.3 from 0.5
        ([0.1, 0.4, 0.5, 0.9], [0, 1, 0, 1], 0.7),  # nearer 0.5 than 0.25
    ],
)
def test_the_threshold_lies_halfway_and_nearest_one_half(
    chances: list, labels: list, expected: float
) -> None:
    assert choose_threshold(chances, labels, "accuracy") == pytest.approx(expected)


@pytest.mark.parametrize("rule", RULES)
def test_the_order_of_the_rows_is_no_matter(rule: str) -> None:
    random = np.random.default_rng(2)
    chances = random.integers(1, 50, 400) / 50
    same = random.random(400) < chances
    order = random.permutation(400)
    expected = choose_threshold(chances, same, rule)
    assert choose_threshold(chances[order], same[order], rule) == expected
    assert 0 <= expected <= 1


def test_neighbouring_floats_are_told_apart() -> None:
    low = 0.3
    high = np.nextafter(low, 1)
    for pair in ([low, high], [np.nextafter(low, 0), low], [0.0, 5e-324], [1 - 2**-53, 1.0]):
        threshold = choose_threshold(pair, [0, 1], "accuracy")
        assert (np.array(pair) >= threshold).tolist() == [False, True]


def test_the_ends_of_the_scale_can_be_scores() -> None:
    assert choose_threshold([0.0, 1.0], [1, 1], "accuracy") == 0.0
    assert choose_threshold([1.0, 1.0, 0.4], [0, 1, 0], "accuracy") == pytest.approx(0.7)
    with pytest.raises(InputError, match="No threshold keeps"):
        choose_threshold([1.0, 0.5], [0, 1], "false-accept=0.1")


def test_stricter_rules_accept_less() -> None:
    random = np.random.default_rng(4)
    chances = random.random(5000)
    same = random.random(5000) < chances
    rates = [0.3, 0.1, 0.01, 0.001]
    thresholds = [choose_threshold(chances, same, f"false-accept={rate}") for rate in rates]
    assert thresholds == sorted(thresholds)
    for rate, threshold in zip(rates, thresholds, strict=True):
        assert np.mean(chances[~same] >= threshold) <= rate
    threshold = choose_threshold(chances, same, "precision=0.9")
    assert same[chances >= threshold].mean() >= 0.9
    assert threshold == pytest.approx(0.8, abs=0.05)  # mean of the uniform above t is (1 + t) / 2


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("acuracy", "is 'acuracy': did you mean 'accuracy'"),
        ("best", r"Give 'accuracy', 'f1', 'precision=0.95' or 'false-accept=0.001'"),
        ("precision", "Give 'accuracy'"),
        ("f1=0.3", "Give 'accuracy'"),
        ("precision=high", "share in the threshold rule 'precision=high' is 'high'"),
        ("precision=1.5", "is 1.5: give a number from 0 to 1"),
        ("false-accept=nan", "is nan: give a number"),
        ("false_accept=0.1", "did you mean 'false-accept'"),
        ("", "Give 'accuracy'"),
    ],
)
def test_unknown_rules_are_refused_with_the_known_ones(rule: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_rule(rule)
    with pytest.raises(InputError, match=message):
        choose_threshold([0.1, 0.9], [0, 1], rule)


def test_rules_are_read() -> None:
    assert parse_rule("precision=0.95") == ("precision", 0.95)
    assert parse_rule("false-accept=1e-3") == ("false-accept", 0.001)
    assert parse_rule("f1")[0] == "f1"


@pytest.mark.parametrize(
    ("rule", "labels"),
    [("f1", [0, 0]), ("precision=0.5", [0, 0]), ("false-accept=0.1", [1, 1])],
)
def test_a_rule_without_its_class_is_refused(rule: str, labels: list) -> None:
    with pytest.raises(InputError, match="give pairs of both kinds"):
        choose_threshold([0.2, 0.4], labels, rule)
    with pytest.raises(InputError, match="give pairs of both kinds"):
        choose_threshold([], [], rule)


def test_cross_fitting_gives_no_pair_a_say_in_its_own_answer() -> None:
    random = np.random.default_rng(5)
    scores = np.round(random.normal(size=60) * 1e3, -2)
    same = random.random(60) < 0.5
    answers = cross_fitted(scores, same, folds=3, seed=7)
    fold = np.random.default_rng(7).permutation(60) % 3
    for held in range(3):
        rest = fold != held
        cuts = [*np.unique(scores[rest]), np.inf]
        best = max(np.sum((scores[rest] >= cut) == same[rest]) for cut in cuts)
        mine = answers[~rest]
        # the answers of a fold are those of one threshold that is best on the rest
        fits = [
            np.array_equal(scores[~rest] >= cut, mine)
            and np.sum((scores[rest] >= cut) == same[rest]) == best
            for cut in np.concatenate([scores, scores + 1, [np.inf, -np.inf]])
        ]
        assert any(fits)


def test_cross_fitting_takes_scores_of_any_size() -> None:
    scores = np.array([-1.7e308, -1.6e308, 1.6e308, 1.7e308] * 10)
    same = scores > 0
    assert np.array_equal(cross_fitted(scores, same), same)


@pytest.mark.parametrize("folds", [1, 0, 5])
def test_impossible_folds_are_refused(folds: int) -> None:
    with pytest.raises(InputError, match="folds of 4 pairs"):
        cross_fitted([1, 2, 3, 4], [0, 1, 0, 1], folds=folds)
