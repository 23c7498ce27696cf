"""Counts above and beside right answers: those of a plain loop, whatever the blocks."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.judging import ranks
from textsiamese.judging.ranks import standings


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    """Of two vectors by themselves, rounded alike wherever they stand."""
    dot = math.fsum(a * b for a, b in zip(one.tolist(), other.tolist(), strict=True))
    return dot / (math.hypot(*one.tolist()) * math.hypot(*other.tolist()) or 1)


def slow_standings(
    queries: np.ndarray,
    candidates: np.ndarray,
    relevant: np.ndarray,
    itself: set[tuple[int, int]] = frozenset(),  # type: ignore[assignment]
) -> list[tuple[int, int]]:
    """The full matrix, cell by cell."""
    found = []
    for query, answer in relevant.tolist():
        own = cosine(queries[query], candidates[answer])
        others = [c for i, c in enumerate(candidates) if (query, i) not in itself]
        cosines = [cosine(queries[query], other) for other in others]
        found.append((sum(c > own for c in cosines), sum(c == own for c in cosines)))
    return found


def drawn_rows(random: np.random.Generator, n: int, m: int, r: int) -> np.ndarray:
    return np.stack([random.integers(n, size=r), random.integers(m, size=r)], axis=1)


@given(st.data())
def test_equals_a_plain_loop_on_ties(data: st.DataObject) -> None:
    random = np.random.default_rng(data.draw(st.integers(0, 999)))
    n, m = (data.draw(st.integers(1, 12)) for _ in "nm")
    width = data.draw(st.sampled_from([1, 4, 16]))  # the cosines of signs are exact then
    signs = random.choice(np.array([-1, 1], dtype=np.float32), size=(n + m, width))
    signs[random.random(n + m) < 0.1] = 0
    queries, candidates = signs[:n], signs[n:]
    relevant = drawn_rows(random, n, m, data.draw(st.integers(1, 9)))
    known = dict(drawn_rows(random, n, m, data.draw(st.integers(0, 4))).tolist())
    relevant = np.array([pair for pair in relevant.tolist() if known.get(pair[0]) != pair[1]])
    itself = np.array(list(known.items()), dtype=np.int64).reshape(-1, 2)
    relevant = relevant.astype(np.int64).reshape(-1, 2)
    found = standings(queries, candidates, relevant, itself)
    assert list(zip(*map(np.ndarray.tolist, found), strict=True)) == slow_standings(
        queries, candidates, relevant, set(known.items())
    )


@pytest.mark.parametrize("rows", [1, 7, 1000])
@pytest.mark.parametrize("width", [1, 50, 5000])
def test_equal_candidates_stay_equal_whatever_the_blocks(
    monkeypatch: pytest.MonkeyPatch, rows: int, width: int
) -> None:
    random = np.random.default_rng(0)
    kinds = random.normal(size=(15, 100)).astype(np.float32)
    drawn = random.integers(15, size=203)
    candidates, queries = kinds[drawn], random.normal(size=(17, 100)).astype(np.float32)
    relevant = drawn_rows(random, 17, 203, 60)
    monkeypatch.setattr(ranks, "_ROWS", rows)
    monkeypatch.setattr(ranks, "_WIDTH", width)
    found = standings(queries, candidates, relevant)
    assert found.tied.tolist() == np.bincount(drawn)[drawn[relevant[:, 1]]].tolist()
    slow = np.array(slow_standings(queries, candidates, relevant))
    assert np.array_equal(np.stack(found, axis=1), slow)


def test_a_product_of_matrices_is_exact_here_and_not_in_itself() -> None:
    random = np.random.default_rng(1)
    plain = random.normal(size=(64, 300))
    whole = ranks._whole(plain, "plain")
    unit = plain / np.linalg.norm(plain, axis=1, keepdims=True)
    assert np.abs(whole / 2**26 - unit).max() <= 2.0**-27
    turned = random.permutation(300)
    assert np.array_equal(whole @ whole.T, whole[:, turned] @ whole[:, turned].T)
    assert not np.array_equal(unit @ unit.T, unit[:, turned] @ unit[:, turned].T)


def test_length_makes_no_difference() -> None:
    random = np.random.default_rng(2)
    queries, candidates = random.normal(size=(9, 8)), random.normal(size=(50, 8))
    relevant = drawn_rows(random, 9, 50, 20)
    lengths = 2.0 ** np.arange(-10, 40)[:, None]
    longer = standings(3 * queries, candidates * lengths, relevant)
    assert np.array_equal(standings(queries, candidates, relevant), longer)


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(3).normal(size=(3_000, 8)).astype(np.float32)
    relevant = np.stack([np.arange(3_000)] * 2, axis=1)
    monkeypatch.setattr(ranks, "_ROWS", 128)
    monkeypatch.setattr(ranks, "_WIDTH", 256)
    tracemalloc.start()
    standings(vectors, vectors, relevant, relevant[:5, ::-1])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 50 * peak < 8 * 3_000**2


def test_what_cannot_be_looked_for() -> None:
    good, pair = np.ones((4, 3)), np.array([[0, 1]])
    bad = good.copy()
    bad[1, 1] = np.nan
    with pytest.raises(InputError, match="candidates hold NaN or infinity"):
        standings(good, bad, pair)
    with pytest.raises(InputError, match=r"not \(4, 3\) and \(4, 2\)"):
        standings(good, good[:, :2], pair)
    with pytest.raises(InputError, match=r"a candidate each, not int64 \(2,\)"):
        standings(good, good, pair[0])
    with pytest.raises(InputError, match=r"not float64 \(1, 2\)"):
        standings(good, good, pair * 1.0)
    for row in (4, -1):
        with pytest.raises(InputError, match="there are 4 queries and 2 candidates"):
            standings(good, good[:2], np.array([[row, 0]]))
        with pytest.raises(InputError, match="not there"):
            standings(good, good[:2], pair, np.array([[0, row]]))
