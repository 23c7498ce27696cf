"""Retrieval: the mean over all orders of what is tied, and what chance gets where all is tied."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.judging import ranks
from textsiamese.judging.retrieval import measure_retrieval, retrieve_both_ways

Pairs = set[tuple[int, int]]


def slow_measures(cosines: np.ndarray, relevant: Pairs, itself: Pairs) -> dict[str, float]:
    """The full matrix, each row sorted once for every order that its candidates can come in."""
    relevant, (n, m) = relevant - itself, cosines.shape
    queries = [i for i in range(n) if any(i == query for query, _ in relevant)]
    told: dict[str, list[float]] = {}
    for i in queries:
        candidates = [j for j in range(m) if (i, j) not in itself]
        orders: dict[str, list[float]] = {}
        for order in itertools.permutations(candidates):
            ranking = sorted(order, key=lambda j: -cosines[i, j])  # stable
            right = [(i, j) in relevant for j in ranking]
            for name, value in measured(right):
                orders.setdefault(name, []).append(value)
        for name, values in orders.items():
            told.setdefault(name, []).append(math.fsum(values) / len(values))
    found = {name: math.fsum(values) / len(values) for name, values in told.items()}
    return found | {"median_rank": float(np.median(told["median_rank"]))}


def measured(right: list[bool]) -> Iterator[tuple[str, float]]:
    """Of one ranking."""
    rank = right.index(True) + 1
    for k in (1, 2, 3):
        yield f"recall@{k}", float(rank <= k)
    yield "median_rank", rank
    yield "mrr", 1 / rank
    gain = sum(1 / math.log2(2 + i) for i, each in enumerate(right[:10]) if each)
    yield "ndcg@10", gain / sum(1 / math.log2(2 + i) for i in range(min(sum(right), 10)))


def pairs_of(rows: Pairs) -> np.ndarray:
    return np.array(sorted(rows), dtype=np.int64).reshape(-1, 2)


@given(st.data())
def test_equals_the_mean_over_all_orders_of_what_is_tied(data: st.DataObject) -> None:
    random = np.random.default_rng(data.draw(st.integers(0, 999)))
    n, m = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 5))
    width = data.draw(st.sampled_from([1, 4]))  # the cosines of signs are exact then
    signs = random.choice(np.array([-1.0, 1.0]), size=(n + m, width))
    queries, candidates = signs[:n], signs[n:]
    cells = st.tuples(st.integers(0, n - 1), st.integers(0, m - 1))
    relevant = data.draw(st.sets(cells, min_size=1))
    itself = {*dict(data.draw(st.sets(cells, max_size=2))).items()}
    rows = np.concatenate([pairs_of(relevant)[::-1], pairs_of(relevant)])  # twice, out of order
    if not relevant - itself:
        with pytest.raises(InputError, match="no query has a right answer"):
            measure_retrieval(queries, candidates, rows, itself=pairs_of(itself))
        return
    found = measure_retrieval(queries, candidates, rows, k=(1, 2, 3), itself=pairs_of(itself))
    expected = slow_measures(queries @ candidates.T, relevant, itself)
    assert found.measures == pytest.approx(expected, abs=1e-12)
    answered = {query for query, _ in relevant - itself}
    assert found.counts == {
        "queries": len(answered),
        "without_match": n - len(answered),
        "candidates": m,
    }


def test_scikit_learn_finds_the_same_gains() -> None:
    from sklearn.metrics import ndcg_score

    random = np.random.default_rng(4)
    queries = random.choice([-1.0, 1.0], size=(30, 4))
    candidates = random.choice([-1.0, 1.0], size=(60, 4))
    is_right = random.random((30, 60)) < random.choice([0.02, 0.5], size=(30, 1))
    is_right[:, 0] = True
    found = measure_retrieval(queries, candidates, np.argwhere(is_right))
    assert found.ndcg == pytest.approx(ndcg_score(is_right, queries @ candidates.T, k=10))


def test_without_ties_ranks_are_places() -> None:
    random = np.random.default_rng(5)
    left = random.normal(size=(40, 8))
    right = left + random.normal(size=(40, 8))
    both = np.stack([np.arange(40)] * 2, axis=1)
    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (left, right)]
    cosines = unit[0] @ unit[1].T
    found = retrieve_both_ways(left, right, both)
    for way, matrix in ((found.left_to_right, cosines), (found.right_to_left, cosines.T)):
        places = 1 + (matrix > np.diag(matrix)[:, None]).sum(axis=1)
        assert len(set(places)) > 5
        assert way.recall == {k: (places <= k).mean() for k in (1, 5, 10)}
        assert way.median_rank == np.median(places)
        assert way.mrr == pytest.approx((1 / places).mean())
    assert found.left_to_right != found.right_to_left


@pytest.mark.parametrize("fill", [0.0, 0.3])
def test_a_collapsed_twin_gets_what_chance_gets(fill: float) -> None:
    n, m = 30, 200
    relevant = np.stack([np.arange(n), np.zeros(n, dtype=np.int64)], axis=1)  # the first row
    found = measure_retrieval(np.full((n, 7), fill), np.full((m, 7), fill), relevant)
    assert found.recall == pytest.approx({1: 1 / m, 5: 5 / m, 10: 10 / m})
    assert found.median_rank == (m + 1) / 2
    assert found.mrr == pytest.approx(sum(1 / i for i in range(1, m + 1)) / m)
    assert found.ndcg == pytest.approx(sum(1 / math.log2(1 + i) for i in range(1, 11)) / m)


def test_any_of_several_right_answers_counts() -> None:
    candidates = np.array([[0, 1.0], [1, 0], [1, 0], [1, 0.1], [-1, 0]])
    found = measure_retrieval(
        np.array([[1.0, 0]]), candidates, np.array([[0, 1], [0, 3], [0, 4]]), k=(1, 2, 4)
    )
    assert found.recall == {1: 0.5, 2: 1.0, 4: 1.0}  # one of the two that are tied at the top
    assert found.median_rank == 1.5
    assert found.mrr == pytest.approx((1 + 1 / 2) / 2)
    third, last = 1 / math.log2(4), 1 / math.log2(6)
    first = (1 + 1 / math.log2(3)) / 2
    best = 1 + 1 / math.log2(3) + third
    assert found.ndcg == pytest.approx((first + third + last) / best)


def test_blocks_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(6)
    left = random.normal(size=(300, 20)).astype(np.float32)[random.integers(50, size=300)]
    right = left[random.permutation(300)] + np.float32(0.1)
    relevant = random.integers(300, size=(500, 2))
    whole = retrieve_both_ways(left, right, relevant, itself=relevant[:1])
    monkeypatch.setattr(ranks, "_ROWS", 33)
    monkeypatch.setattr(ranks, "_WIDTH", 47)
    assert retrieve_both_ways(left, right, relevant[::-1], itself=relevant[:1]) == whole


def test_intervals_hold_the_value_and_the_seed_decides() -> None:
    random = np.random.default_rng(7)
    vectors, relevant = random.normal(size=(200, 6)), random.integers(200, size=(150, 2))
    found = measure_retrieval(vectors, vectors[::-1] + vectors, relevant)
    assert found.intervals.keys() == found.measures.keys() - {"median_rank"}
    for name, (low, high) in found.intervals.items():
        assert low < found.measures[name] < high
    again = measure_retrieval(vectors, vectors[::-1] + vectors, relevant, seed=1)
    assert again.measures == found.measures
    assert again.intervals != found.intervals


def test_a_table_for_people_and_plain_values() -> None:
    left = np.eye(12)
    found = retrieve_both_ways(left, left[:11], np.array([[i, i] for i in range(11)]), k=(1, 3))
    assert str(found).splitlines() == [
        "retrieval             left to right                  right to left",
        "queries                      11                             11",
        "without match                 1                              0",
        "candidates                   11                             12",
        "recall@1                 1.0000  1.0000 to 1.0000       1.0000  1.0000 to 1.0000",
        "recall@3                 1.0000  1.0000 to 1.0000       1.0000  1.0000 to 1.0000",
        "median rank                 1.0                            1.0",
        "mrr                      1.0000  1.0000 to 1.0000       1.0000  1.0000 to 1.0000",
        "ndcg@10                  1.0000  1.0000 to 1.0000       1.0000  1.0000 to 1.0000",
    ]
    told = json.loads(json.dumps(found.to_json()))
    assert told == found.to_json()
    assert told["left_to_right"]["without_match"] == 1
    assert told["right_to_left"]["recall@3"] == 1.0
    assert told["right_to_left"]["intervals"]["ndcg@10"] == [1.0, 1.0]


def test_what_cannot_be_measured() -> None:
    one = np.ones((2, 3))
    with pytest.raises(InputError, match="no query has a right answer"):
        measure_retrieval(one, one, np.zeros((0, 2), dtype=np.int64))
    for k in ((), (0, 5)):
        with pytest.raises(InputError, match="each 1 or more"):
            measure_retrieval(one, one, np.array([[0, 0]]), k=k)
    with pytest.raises(InputError, match="not there"):
        measure_retrieval(one, one, np.array([[0, 2]]))
    with pytest.raises(InputError, match="not there"):
        measure_retrieval(one, one, np.array([[0, 0]]), itself=np.array([[2, 0]]))
