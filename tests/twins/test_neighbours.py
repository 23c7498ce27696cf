from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from textsiamese.errors import InputError
from textsiamese.twins.neighbours import Neighbours, nearest

Floats = NDArray[np.float32]


def cosines(queries: Floats, known: Floats) -> NDArray[np.float64]:
    """The full matrix."""
    unit = []
    for vectors in (queries.astype(np.float64), known.astype(np.float64)):
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit.append(vectors / np.where(lengths, lengths, 1))
    return unit[0] @ unit[1].T


def same(one: Neighbours, other: Neighbours) -> bool:
    return np.array_equal(one.indices, other.indices) and np.array_equal(
        one.similarities, other.similarities
    )


@given(st.data())
def test_the_full_matrix_sorted_stably_finds_the_same_with_many_ties(data: st.DataObject) -> None:
    random = np.random.default_rng(data.draw(st.integers(0, 999)))
    n, m, k = (data.draw(st.integers(1, top)) for top in (9, 60, 12))
    width = data.draw(st.sampled_from([1, 4, 16]))
    signs = random.choice(np.array([-1, 1], dtype=np.float32), size=(n + m, width))
    queries, known = signs[:n], signs[n:]  # the cosines of signs are exact in float32
    known[random.random(m) < 0.1] = 0
    itself = data.draw(st.booleans())
    if itself:
        queries, known = known, known
    expected = cosines(queries, known)
    if itself:
        np.fill_diagonal(expected, -3)
    k_found = min(k, m - itself)
    order = np.argsort(-expected, axis=1, kind="stable")[:, :k_found]
    found = nearest(
        queries,
        known,
        k,
        exclude=np.arange(m) if itself else None,
        block_bytes=data.draw(st.sampled_from([1, 2_000, 1 << 26])),
    )
    assert found.indices.dtype == np.int64
    assert found.similarities.dtype == np.float32
    assert found.indices.tolist() == order.tolist()
    assert np.array_equal(found.similarities, np.take_along_axis(expected, order, axis=1))


@pytest.mark.parametrize("block_bytes", [20_000, 300_000])
def test_equal_vectors_stay_equal_wherever_they_stand(block_bytes: int) -> None:
    random = np.random.default_rng(0)
    kinds = random.normal(size=(150, 100)).astype(np.float32)
    known = kinds[random.integers(150, size=1003)]
    queries = random.normal(size=(77, 100)).astype(np.float32)
    found = nearest(queries, known, 20, block_bytes=block_bytes)
    assert same(found, nearest(queries, known, 20))
    np.testing.assert_allclose(
        found.similarities, -np.sort(-cosines(queries, known), axis=1)[:, :20], atol=1e-7
    )
    equal = (known[found.indices[:, 1:]] == known[found.indices[:, :-1]]).all(axis=2)
    assert equal.mean() > 0.7
    assert np.array_equal(np.diff(found.similarities, axis=1) == 0, equal)
    assert (np.diff(found.indices, axis=1)[equal] > 0).all()


def test_a_query_does_not_find_the_row_that_it_is() -> None:
    known = np.random.default_rng(1).normal(size=(40, 8)).astype(np.float32)
    queries = np.array([7, 3, 39])
    with_itself = nearest(known[queries], known, 3)
    assert with_itself.indices[:, 0].tolist() == [7, 3, 39]
    assert with_itself.similarities[:, 0].tolist() == [1, 1, 1]
    found = nearest(known[queries], known, 2, exclude=queries)
    assert found.indices.tolist() == with_itself.indices[:, 1:].tolist()
    assert nearest(known, known, 99, exclude=np.arange(40)).indices.shape == (40, 39)


def test_length_makes_no_difference() -> None:
    known = np.random.default_rng(2).normal(size=(50, 8)).astype(np.float32)
    lengths = np.float32(2) ** np.arange(-10, 40)[:, None]
    assert same(nearest(known[:5], known, 4), nearest(known[:5], known * lengths, 4))


def test_nothing_to_find() -> None:
    one = np.ones((1, 3), dtype=np.float32)
    assert nearest(one, one[:0], 2).indices.shape == (1, 0)
    assert nearest(one, one, 2, exclude=np.array([0])).indices.shape == (1, 0)
    assert nearest(one[:0], one, 2).similarities.shape == (0, 1)


def test_the_memory_is_bounded() -> None:
    known = np.random.default_rng(3).normal(size=(6_000, 32)).astype(np.float32)
    nearest(known[:10], known, 3)
    tracemalloc.start()
    nearest(known, known, 10, exclude=np.arange(6_000), block_bytes=1 << 22)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * (1 << 22) + 6_000 * 10 * 12
    assert 20 * peak < 6_000 * 6_000 * 4


def test_what_cannot_be_searched() -> None:
    good = np.ones((4, 3), dtype=np.float32)
    bad = good.copy()
    bad[2, 1] = np.nan
    with pytest.raises(InputError, match="queries hold NaN"):
        nearest(bad, good, 1)
    with pytest.raises(InputError, match="known hold NaN"):
        nearest(good, bad, 1)
    with pytest.raises(InputError, match=r"not \(4, 3\) and \(4, 2\)"):
        nearest(good, good[:, :2], 1)
    with pytest.raises(InputError, match="k is 0"):
        nearest(good, good, 0)
    for exclude in (np.array([0]), np.array([0, 1, 2, 4])):
        with pytest.raises(InputError, match="exclude names one row of the 4"):
            nearest(good, good, 1, exclude=exclude)
