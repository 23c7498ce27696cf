from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs.conflicts import POLICIES, settle_conflicts
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import question_key

Rows = list[tuple[str, str, int]]


def table(rows: Rows) -> Pairs:
    left, right, labels = zip(*rows, strict=True) if rows else ((), (), ())
    numbers = np.arange(10, 10 + len(rows))
    return Pairs(list(left), list(right), np.array(labels, np.int8), "a.csv", rows=numbers)


def slow(rows: Rows, policy: str) -> list[int]:
    """The rows that stay, one by one."""
    kept = []
    for i, (a, b, label) in enumerate(rows):
        pair = {question_key(a), question_key(b)}
        votes = [y for c, d, y in rows if {question_key(c), question_key(d)} == pair]
        for_it, all_of_them = votes.count(label), len(votes)
        wins = {"keep": True, "drop": False, "majority": for_it > all_of_them - for_it}
        if for_it == all_of_them or wins[policy]:
            kept.append(i)
    return kept


a_text = st.sampled_from(["a", "A?", "b", "c"])
some_rows = st.lists(st.tuples(a_text, a_text, st.integers(0, 1)), max_size=10)


@given(some_rows, st.sampled_from(["drop", "majority", "keep"]))
def test_what_stays_equals_a_slow_search(rows: Rows, policy: str) -> None:
    kept = slow(rows, policy)
    if rows and not kept:
        with pytest.raises(InputError, match=r"a\.csv: all of its .* none stays"):
            settle_conflicts(table(rows), policy)
        return
    pairs, counts = settle_conflicts(table(rows), policy)
    assert (pairs.left, pairs.right) == ([rows[i][0] for i in kept], [rows[i][1] for i in kept])
    assert pairs.labels.tolist() == [rows[i][2] for i in kept]
    assert pairs.rows is not None
    assert pairs.rows.tolist() == [10 + i for i in kept]
    seen = [frozenset({question_key(a), question_key(b)}) for a, b, _ in rows]
    of_each = {
        pair: {y for p, (_, _, y) in zip(seen, rows, strict=True) if p == pair} for pair in seen
    }
    both = {pair for pair, labels in of_each.items() if len(labels) > 1}
    assert counts.pairs == len(rows)
    assert counts.repeated == len(rows) - len(set(seen))
    assert counts.conflicting == len(both)
    assert counts.conflicting_rows == sum(pair in both for pair in seen)
    assert counts.dropped == len(rows) - len(kept)


ROWS = [("a", "b", 1), ("x", "y", 0), ("B?", "A", 0), ("c", "d", 1), ("d", "c", 1), ("c", "D", 0)]


@pytest.mark.parametrize(
    ("policy", "fate"),
    [
        ("drop", "5 of them left out"),
        ("majority", "3 of them left out"),
        ("keep", "all of them kept"),
    ],
)
def test_the_summary(policy: str, fate: str) -> None:
    assert settle_conflicts(table(ROWS), policy)[1].summary == (
        "a.csv: 3 of 6 rows repeat an earlier pair; pairs labelled both ways: 2, in 5 rows, "
        f'{fate} (policy "{policy}")'
    )


def test_rows_that_only_repeat_a_pair_stay() -> None:
    rows = [("a", "b", 1), ("b", "a", 1), ("c", "d", 0)]
    pairs, counts = settle_conflicts(table(rows))
    assert len(pairs) == 3
    assert counts.summary == "a.csv: 1 of 3 rows repeat an earlier pair"
    assert settle_conflicts(table(rows[1:]))[1].summary == ""


def test_refused_on_demand() -> None:
    with pytest.raises(InputError) as caught:
        settle_conflicts(table(ROWS), "error")
    assert str(caught.value) == (
        'a.csv: pairs labelled both ways: 2 (row 11, "a" / "b"; row 14, "c" / "d"); mend their '
        'labels, or choose another policy: "drop", "majority" or "keep"'
    )
    assert len(settle_conflicts(table(ROWS[:2]), "error")[0]) == 2


@pytest.mark.parametrize(
    ("given", "hint"), [("Majorty", "; did you mean 'majority'?"), ("xyz", ""), (None, "")]
)
def test_an_unknown_policy(given: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        settle_conflicts(table(ROWS), given)
    assert str(caught.value).endswith(f"not {given!r}{hint}")
    assert all(repr(policy) in str(caught.value) for policy in POLICIES)
