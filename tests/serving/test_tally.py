from __future__ import annotations

import json
import math

from textsiamese.serving.tally import Summary, Tally

TALLY = Tally(rows=10, problems=2, predicted=4, labelled=5, correct=3, texts=16, cut=1, foreign=4)


def test_counts_of_two_parts_add_up() -> None:
    doubled = TALLY + TALLY
    assert doubled.to_json() == {name: 2 * count for name, count in TALLY.to_json().items()}
    assert sum([TALLY, TALLY], Tally()) == doubled


def test_counts_come_back_from_json() -> None:
    assert Tally(**json.loads(json.dumps(TALLY.to_json()))) == TALLY


def test_shares() -> None:
    summary = Summary(TALLY, resumed=4, seconds=2.0)
    assert summary.share_predicted == 4 / 8
    assert summary.share_foreign == 4 / 16
    assert summary.accuracy == 3 / 5
    assert summary.rows_per_second == 3.0


def test_one_label_that_nobody_understands_spoils_the_accuracy() -> None:
    assert math.isnan(Summary(TALLY + Tally(rows=1, odd_labels=1)).accuracy)


def test_shares_of_nothing_are_nan() -> None:
    empty = Summary(Tally())
    assert math.isnan(empty.share_predicted)
    assert math.isnan(empty.share_foreign)
    assert math.isnan(empty.accuracy)
    assert empty.rows_per_second == 0.0
