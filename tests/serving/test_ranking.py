"""What is found is what a slow loop finds: all compared, sorted, the first k."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textsiamese.serving import ranking
from textsiamese.serving.known import Known, know
from textsiamese.serving.ranking import best_matches, rank
from textsiamese.twins.twin import Twin

THINGS = ["shoes", "bread", "a parcel", "my age", "the oven", "a box", "the lawn", "no tea"]
WORDS = ["Can I return", "How do I learn", "Where is", "Why not", "What about"]
RIGHT = [f"{word} {thing}?" for thing in THINGS for word in WORDS]
LEFT = ["Where do I find my box?", "Why does bread rise?", "Where is my age?", "No tea?"]


def slow(twin: Twin, left: list[str], right: list[str], k: int, most: int) -> list[list[Any]]:
    """The rows (query, rank, row, similarity), one after the other, by loops."""
    asked, known = twin.encode(left), twin.encode(right)
    distinct = list(dict.fromkeys(right))
    rows = []
    for query, vector in enumerate(asked):
        cosine = {text: float(vector @ known[right.index(text)]) for text in distinct}
        near = sorted(distinct, key=lambda text: -cosine[text])[:most]
        found = []
        for row, text in enumerate(right):
            if text in near:
                alike = float(twin.measure(vector[None], known[row][None])[0])
                found.append((round(-alike, 5), row))
        for number, (alike, row) in enumerate(sorted(found)[:k], 1):
            rows.append([query, number, row, -alike])
    return rows


def rows_of(found: ranking.Ranked) -> list[list[Any]]:
    alike = found.similarity.round(5).tolist()
    return [
        list(row)
        for row in zip(
            found.query.tolist(), found.rank.tolist(), found.row.tolist(), alike, strict=True
        )
    ]


@pytest.mark.parametrize("k", [1, 3, 12, 40, 100])
@pytest.mark.parametrize("name", ["lstm_twin", "head_twin"])
def test_it_finds_what_a_slow_loop_finds(name: str, k: int, request: pytest.FixtureRequest) -> None:
    twin = request.getfixturevalue(name)
    right = [*RIGHT, *RIGHT[3:9], RIGHT[0]]
    found, faults, _ = best_matches(twin, LEFT, know(twin, right), k)
    assert not faults
    expected = slow(twin, LEFT, right, k, max(4 * k, 64))
    np.testing.assert_allclose(rows_of(found), expected, atol=1e-4)


@pytest.mark.parametrize("candidates", [1, 130])
def test_blocks_of_queries_leave_no_trace(
    head_twin: Twin, candidates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = know(head_twin, RIGHT)
    whole, _, _ = best_matches(head_twin, LEFT, known, 3)
    monkeypatch.setattr(ranking, "_CANDIDATES", candidates)
    found, _, _ = best_matches(head_twin, LEFT, known, 3)
    np.testing.assert_allclose(rows_of(found), rows_of(whole), atol=1e-5)
    assert found.probability is not None
    np.testing.assert_allclose(found.probability, whole.probability, atol=1e-6)


def test_the_head_ranks_otherwise_than_the_cosine(lstm_twin: Twin, head_twin: Twin) -> None:
    known = know(lstm_twin, RIGHT)
    by_cosine, by_head = (best_matches(t, LEFT, known, 5)[0] for t in (lstm_twin, head_twin))
    assert by_cosine.row.tolist() != by_head.row.tolist()


@pytest.mark.parametrize("least", [1, 10, 40])
def test_no_more_than_the_nearest_are_looked_at(
    head_twin: Twin, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "LEAST", least)
    found, _, _ = best_matches(head_twin, LEFT, know(head_twin, RIGHT), 2)
    np.testing.assert_allclose(
        rows_of(found), slow(head_twin, LEFT, RIGHT, 2, max(8, least)), atol=1e-4
    )


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_equal_inputs_are_ranked_in_the_order_of_their_rows(data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=12))
    k = data.draw(st.integers(1, 14))
    twin: Any = Letters()
    vectors = Letters.vectors(texts)
    distinct = list(dict.fromkeys(texts))
    rows = [row for text in distinct for row, other in enumerate(texts) if other == text]
    starts = np.cumsum([0, *(texts.count(text) for text in distinct)])
    known = Known(Letters.vectors(distinct), np.array(rows), starts, {}, 0)
    queries = Letters.vectors(["a", "c"])
    found = rank(twin, queries, known, k)
    for query in range(2):
        alike = [round(float(queries[query] @ vector), 5) for vector in vectors]
        expected = sorted(range(len(texts)), key=lambda row: (-alike[row], row))[:k]
        mine = found.query == query
        assert found.row[mine].tolist() == expected
        assert found.rank[mine].tolist() == list(range(1, len(expected) + 1))


class Letters:
    """A twin of single letters, some of which are equally far from others."""

    decision = None

    @staticmethod
    def vectors(texts: list[str]) -> Any:
        angles = np.array([{"a": 0, "b": 1, "c": 2, "d": 3, "e": 1.0}[text] for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    @staticmethod
    def measure(left: Any, right: Any) -> Any:
        return (left * right).sum(axis=1).round(5)


def test_matches_below_a_probability_are_left_out(lstm_twin: Twin) -> None:
    known = know(lstm_twin, RIGHT)
    every, _, _ = best_matches(lstm_twin, LEFT, known, 6)
    assert every.probability is not None
    least = float(np.sort(every.probability)[10])
    some, _, _ = best_matches(lstm_twin, LEFT, known, 6, least)
    kept = every.probability >= least
    assert len(some.row) == 14
    assert some.row.tolist() == every.row[kept].tolist()
    assert some.rank.tolist() == every.rank[kept].tolist()
    none, _, _ = best_matches(lstm_twin, LEFT, known, 6, 1.0)
    assert len(none.row) == 0


def test_a_twin_without_a_decision_gives_no_probability(lstm_twin: Twin) -> None:
    undecided = lstm_twin.with_parts(measure=lstm_twin.measure)
    found, _, _ = best_matches(undecided, LEFT, know(undecided, RIGHT), 2)
    assert found.probability is None
    assert len(found.row) == 8


def test_what_is_noticed_about_the_left_texts(lstm_twin: Twin) -> None:
    left = ["How old are you?", "word " * 60, "\u4f60\u5e7e\u6b72\uff1f", "How old are you?", None]
    _, _, noticed = best_matches(lstm_twin, left, know(lstm_twin, RIGHT), 1)
    said = lstm_twin.compare(left[:3], left[:3])  # type: ignore[arg-type]
    assert (noticed.texts, noticed.cut, noticed.foreign) == (3, 1, said.foreign)
    assert said.foreign > 0
    assert noticed.rows == 0


def test_what_is_none_has_no_match(lstm_twin: Twin) -> None:
    known = know(lstm_twin, RIGHT)
    whole, _, _ = best_matches(lstm_twin, [LEFT[0], LEFT[1]], known, 3)
    found, faults, _ = best_matches(lstm_twin, [None, LEFT[0], None, LEFT[1]], known, 3)
    assert found.query.tolist() == [1, 1, 1, 3, 3, 3]
    assert found.row.tolist() == whole.row.tolist()
    assert not faults
    nothing, _, _ = best_matches(lstm_twin, [None, None], known, 3)
    assert len(nothing.row) == 0
