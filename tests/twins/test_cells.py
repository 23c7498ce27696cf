from __future__ import annotations

import numpy as np
import pytest

from textsiamese.twins.cells import Cells
from textsiamese.twins.neighbours import Neighbours, nearest


def heaps(n: int, count: int, spread: float = 0.5) -> np.ndarray:
    """Unit vectors in heaps."""
    random = np.random.default_rng(0)
    middles = random.normal(size=(count, 16))
    found = middles[random.integers(count, size=n)] + spread * random.normal(size=(n, 16))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def cells(vectors: np.ndarray, size: int, seed: int = 0) -> Cells:
    return Cells(vectors, np.random.default_rng(seed), size)


def exact(vectors: np.ndarray, queries: np.ndarray, k: int) -> Neighbours:
    return nearest(vectors[queries], vectors, k, exclude=queries)


@pytest.mark.parametrize("size", [1, 7, 40, 1000])
def test_all_cells_give_what_comparing_all_gives(size: int) -> None:
    vectors, queries = heaps(300, 5), np.array([299, 0, 7, 150, 8])
    found = cells(vectors, size).nearest(queries, 4, probes=300)
    best = exact(vectors, queries, 4)
    np.testing.assert_array_equal(found.indices, best.indices)
    np.testing.assert_array_equal(found.similarities, best.similarities)


def test_a_few_cells_give_most_of_it() -> None:
    vectors = heaps(4000, 60, spread=1.0)
    queries = np.random.default_rng(1).permutation(4000)[:500]
    best, hidden = exact(vectors, queries, 3), cells(vectors, 40)
    hits = [
        np.mean(hidden.nearest(queries, 3, probes).indices[:, 0] == best.indices[:, 0])
        for probes in (1, 10, 100)
    ]
    assert 0.3 < hits[0] < hits[1] < hits[2] == 1
    assert hits[1] > 0.8
    found = hidden.nearest(queries, 3, 1)
    assert (found.indices != queries[:, None]).all()
    assert (found.similarities <= best.similarities).all()
    assert (np.diff(found.similarities, axis=1) <= 0).all()


def test_where_there_are_fewer_there_is_minus_one() -> None:
    vectors = np.eye(3, dtype=np.float32)
    found = cells(vectors, 2).nearest(np.array([1]), 4)
    assert sorted(found.indices[0]) == [-1, -1, 0, 2]
    assert cells(vectors[:1], 5).nearest(np.array([0]), 2).indices.tolist() == [[-1, -1]]


def test_no_query_at_all() -> None:
    assert cells(heaps(50, 3), 5).nearest(np.arange(0), 2).indices.shape == (0, 2)


def test_the_seed_decides() -> None:
    vectors, queries = heaps(3000, 9), np.arange(3000)
    one, again, other = (
        cells(vectors, 20, seed).nearest(queries, 1, 1).indices for seed in (1, 1, 2)
    )
    assert (one == again).all()
    assert (one != other).any()


@pytest.mark.parametrize("length", [0, 1])
def test_equal_vectors_and_vectors_of_zeros(length: int) -> None:
    vectors = np.zeros((60, 3), dtype=np.float32)
    vectors[:, 0] = length
    found = cells(vectors, 5).nearest(np.arange(60), 2, 12)
    assert (found.similarities == length).all()
    assert (found.indices >= 0).all()
