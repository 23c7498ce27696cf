from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from textsiamese.errors import BundleError
from textsiamese.twins import similarity
from textsiamese.twins.similarity import (
    Cosine,
    Euclidean,
    PairHead,
    Similarity,
    measure_pairs,
    similarity_from,
)

DIM = 6


def trained_head() -> PairHead:
    """A head none of whose weights is at its start."""
    random = np.random.default_rng(5)
    new = PairHead.new(DIM, 4).weights
    return PairHead(
        {
            name: (value + random.normal(size=value.shape) / 2).astype(np.float32)
            for name, value in new.items()
        }
    )


MEASURES: list[Similarity] = [Cosine(), Euclidean(), PairHead.new(DIM, 4), trained_head()]
every_measure = pytest.mark.parametrize(
    "measure", MEASURES, ids=["cosine", "euclidean", "new head", "trained head"]
)
vectors = arrays(
    np.float32,
    (3, DIM),
    elements=st.floats(-4, 4, width=32, allow_subnormal=False).map(lambda x: round(x, 3)),
)


def head_loop(weights: dict[str, Any], u: list[float], v: list[float]) -> float:
    """The formula of PairHead's docstring, number by number."""
    d = len(u)
    p = [d * a * b for a, b in zip(u, v, strict=True)]
    a = [math.sqrt(d) * abs(x - y) for x, y in zip(u, v, strict=True)]
    x = p + a
    w = {name: value.astype(np.float64).tolist() for name, value in weights.items()}
    hidden = [
        max(0.0, sum(x[i] * w["inner"][i][j] for i in range(2 * d)) + w["shift"][j])
        for j in range(len(w["shift"]))
    ]
    z = [
        sum(p[i] * w["direct"][i][k] for i in range(d))
        + sum(hidden[j] * w["outer"][j][k] for j in range(len(hidden)))
        + w["gate"][k]
        for k in range(d)
    ]
    return w["offset"][0] - sum(z[k] ** 2 * a[k] for k in range(d)) / d


@given(left=vectors, right=vectors)
def test_the_head_follows_its_formula(left: np.ndarray, right: np.ndarray) -> None:
    for head in (PairHead.new(DIM, 4), trained_head()):
        weights = dict(head.weights)
        expected = [
            head_loop(weights, u, v) for u, v in zip(left.tolist(), right.tolist(), strict=True)
        ]
        np.testing.assert_allclose(head(left, right), expected, rtol=2e-3, atol=2e-3)
        wide = PairHead({name: value.astype(np.float64) for name, value in weights.items()})
        exact = wide(left.astype(np.float64), right.astype(np.float64))
        np.testing.assert_allclose(exact, expected, rtol=1e-9, atol=1e-9)


@given(left=vectors, right=vectors)
def test_cosine_and_euclidean_against_slow_loops(left: np.ndarray, right: np.ndarray) -> None:
    for u, v, cosine, distance in zip(
        left.tolist(),
        right.tolist(),
        Cosine()(left, right),
        Euclidean()(left, right),
        strict=True,
    ):
        norms = math.hypot(*u) * math.hypot(*v)
        if norms > 1e-4:
            expected = sum(a * b for a, b in zip(u, v, strict=True)) / norms
            assert cosine == pytest.approx(expected, abs=1e-5)
        assert distance == pytest.approx(-math.dist(u, v), abs=1e-5)


@every_measure
@given(left=vectors, right=vectors)
def test_exactly_symmetric(measure: Similarity, left: np.ndarray, right: np.ndarray) -> None:
    assert np.array_equal(measure(left, right), measure(right, left))


@every_measure
@given(left=vectors, right=vectors)
def test_greatest_where_both_are_the_same(
    measure: Similarity, left: np.ndarray, right: np.ndarray
) -> None:
    top = measure(left[:1], left[:1])[0]
    assert (measure(left, right) <= top).all()
    assert (measure(left, left) >= measure(left, right)).all()
    if left.any(axis=1).all():
        assert (measure(left, left) == top).all()


def test_tops() -> None:
    unit = np.eye(DIM, dtype=np.float32)
    assert (Cosine()(unit, unit) == 1).all()
    assert (Euclidean()(unit, unit) == 0).all()
    assert (PairHead.new(DIM)(unit, unit) == 3).all()
    assert Cosine()(unit[:1], -unit[:1]) == -1
    assert Euclidean()(unit[:1], 3 * unit[:1]) == -2


@every_measure
@given(left=vectors, right=vectors)
def test_numpy_equals_torch(measure: Similarity, left: np.ndarray, right: np.ndarray) -> None:
    weights = {name: torch.from_numpy(value) for name, value in measure.weights.items()}
    in_torch = similarity_from(measure.name, weights)
    got = in_torch(torch.from_numpy(left), torch.from_numpy(right))
    np.testing.assert_allclose(got.numpy(), measure(left, right), rtol=1e-4, atol=1e-4)


@every_measure
def test_gradients_are_finite_where_both_are_the_same(measure: Similarity) -> None:
    weights = {
        name: torch.from_numpy(value).requires_grad_() for name, value in measure.weights.items()
    }
    start = torch.cat([torch.ones(1, DIM), torch.zeros(1, DIM), torch.rand(1, DIM)])
    left = start.requires_grad_()
    right = (start.detach() + torch.tensor([[0.0], [0.0], [0.5]])).requires_grad_()
    similarity_from(measure.name, weights)(left, right).sum().backward()
    for value in (left, right, *weights.values()):
        assert value.grad is not None
        assert value.grad.isfinite().all()
    assert right.grad is not None
    assert right.grad[2].abs().max() > 0


def test_a_new_head_is_the_same_for_the_same_seed() -> None:
    one, same, other = (PairHead.new(DIM, seed=seed).weights for seed in (0, 0, 1))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["inner"], other["inner"])


def test_by_name() -> None:
    for measure in MEASURES:
        assert type(similarity_from(measure.name, measure.weights)) is type(measure)
    with pytest.raises(BundleError, match="'manhattan'; this version knows cosine"):
        similarity_from("manhattan", {})


@every_measure
def test_pairs_of_rows_are_measured_in_blocks(
    measure: Similarity, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = np.random.default_rng(1).normal(size=(9, DIM)).astype(np.float32)
    pairs = np.random.default_rng(2).integers(9, size=(20, 2))
    whole = measure(vectors[pairs[:, 0]], vectors[pairs[:, 1]])
    monkeypatch.setattr(similarity, "_BLOCK", 7)
    np.testing.assert_allclose(measure_pairs(measure, vectors, pairs), whole, rtol=1e-6)
    assert measure_pairs(measure, vectors, pairs[:0]).shape == (0,)
