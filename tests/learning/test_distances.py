from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from textsiamese.errors import InputError
from textsiamese.learning.distances import DISTANCES, Distance, distance_matrix, row_distances

every_distance = pytest.mark.parametrize("distance", DISTANCES)


def slow(u: list[float], v: list[float], distance: str) -> float:
    """One distance by its textbook formula, in Python floats."""
    if distance == "cosine":
        dot = math.fsum(a * b for a, b in zip(u, v, strict=True))
        return 1 - dot / (math.hypot(*u) * math.hypot(*v))
    squared = math.fsum((a - b) ** 2 for a, b in zip(u, v, strict=True))
    return squared if distance == "squared-euclidean" else math.sqrt(squared)


def randn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@every_distance
def test_rows_and_matrix_equal_the_textbook(distance: Distance) -> None:
    left, right = randn(5, 3), randn(4, 3, seed=1)
    expected = torch.tensor(
        [[slow(u, v, distance) for v in right.tolist()] for u in left.tolist()]
    ).double()
    torch.testing.assert_close(distance_matrix(left, right, distance), expected, rtol=1e-6, atol=0)
    rows = row_distances(left[:4], right, distance)
    torch.testing.assert_close(rows, expected[:4].diagonal(), rtol=1e-6, atol=0)


@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 135, 180])
def test_points_on_the_unit_circle(degrees: int) -> None:
    angle = torch.tensor(math.radians(degrees), dtype=torch.float64)
    start = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    point = torch.stack([angle.cos(), angle.sin()])[None]
    chord = 2 * math.sin(math.radians(degrees) / 2)
    assert row_distances(start, point, "euclidean").item() == pytest.approx(chord, abs=1e-12)
    assert row_distances(start, point, "squared-euclidean").item() == pytest.approx(chord**2)
    assert row_distances(start, 7 * point, "cosine").item() == pytest.approx(chord**2 / 2)


@every_distance
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_equal_vectors_are_at_zero_exactly_with_a_zero_gradient(
    distance: Distance, dtype: torch.dtype
) -> None:
    left = randn(6, 32).to(dtype).requires_grad_()
    right = left.detach().clone()
    rows = row_distances(left, right, distance)
    assert rows.tolist() == [0.0] * 6
    assert distance_matrix(left, right, distance).diagonal().tolist() == [0.0] * 6
    rows.sum().backward()
    assert left.grad is not None
    assert left.grad.dtype == dtype
    assert left.grad.abs().max() < 1e-6


@every_distance
def test_matrix_gradient_is_finite_at_zero(distance: Distance) -> None:
    vectors = randn(3, 4).repeat(2, 1).requires_grad_()
    distance_matrix(vectors, vectors, distance).sum().backward()
    assert vectors.grad is not None
    assert vectors.grad.isfinite().all()
    assert vectors.grad.abs().max() > 0


@every_distance
def test_gradients_are_those_of_the_formula(distance: Distance) -> None:
    left, right = randn(4, 3).requires_grad_(), randn(4, 3, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lambda u, v: row_distances(u, v, distance), (left, right))
    assert torch.autograd.gradcheck(lambda u, v: distance_matrix(u, v, distance), (left, right))


@every_distance
def test_rows_and_matrix_agree_on_near_duplicates(distance: Distance) -> None:
    left = 100 * randn(8, 64).float()
    right = left + 1e-3 * randn(8, 64, seed=1).float()
    rows = row_distances(left, right, distance)
    assert rows.min() > 0
    torch.testing.assert_close(distance_matrix(left, right, distance).diagonal(), rows)


@pytest.mark.parametrize("size", [1e-30, 1e-12, 1e12, 1e30])
def test_lengths_neither_overflow_nor_underflow(size: float) -> None:
    left = torch.tensor([[3.0, 0.0], [1.0, 1.0]]).mul(size).requires_grad_()
    right = torch.tensor([[0.0, 4.0], [-1.0, 1.0]]).mul(size)
    lengths = row_distances(left, right, "euclidean")
    torch.testing.assert_close(lengths / size, torch.tensor([5.0, 2.0]))
    matrix = distance_matrix(left, right, "euclidean")
    torch.testing.assert_close(matrix.diagonal(), lengths)
    torch.testing.assert_close(row_distances(left, right, "cosine"), torch.tensor([1.0, 1.0]))
    lengths.sum().backward()
    torch.testing.assert_close(left.grad, torch.tensor([[0.6, -0.8], [1.0, 0.0]]))


def test_a_zero_vector_has_cosine_distance_one_to_everything() -> None:
    left = torch.tensor([[0.0, 0.0], [0.0, 0.0]], requires_grad=True)
    right = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
    rows = row_distances(left, right, "cosine")
    torch.testing.assert_close(rows, torch.ones(2))
    torch.testing.assert_close(distance_matrix(left, right, "cosine"), torch.ones(2, 2))
    rows.sum().backward()
    assert left.grad is not None
    assert left.grad.isfinite().all()


@every_distance
def test_half_precision_is_widened_also_under_autocast(distance: Distance) -> None:
    left, right = randn(4, 16).bfloat16(), randn(4, 16, seed=1).bfloat16()
    plain = row_distances(left, right, distance)
    torch.testing.assert_close(plain, row_distances(left.float(), right.float(), distance))
    assert plain.dtype == torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16):
        matrix = distance_matrix(left.float(), right, distance)
    torch.testing.assert_close(matrix.diagonal(), plain)


def test_float16_squares_stay_finite() -> None:
    left, right = torch.full((1, 512), 200.0).half(), torch.full((1, 512), -200.0).half()
    assert row_distances(left, right, "squared-euclidean").item() == 512 * 400.0**2


@every_distance
def test_no_rows_give_no_distances(distance: Distance) -> None:
    none = torch.zeros(0, 4, requires_grad=True)
    assert row_distances(none, none, distance).shape == (0,)
    assert distance_matrix(none, torch.ones(3, 4), distance).shape == (0, 3)
    assert distance_matrix(none, none, distance).shape == (0, 0)


@pytest.mark.parametrize(
    ("left", "right"), [((3, 4), (1, 4)), ((3, 4), (3, 5)), ((4,), (4,)), ((2, 0), (2, 0))]
)
def test_shapes_that_do_not_fit_are_refused(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"need two tensors of one shape \(n, d\)"):
        row_distances(torch.ones(left), torch.ones(right), "cosine")
    if left[:1] == right[:1]:
        with pytest.raises(InputError, match=r"shapes \(n, d\) and \(m, d\)"):
            distance_matrix(torch.ones(left), torch.ones(right), "cosine")


def test_an_unknown_distance_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'cosine'"):
        row_distances(torch.ones(1, 1), torch.ones(1, 1), "cosin")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="did you mean 'euclidean'"):
        distance_matrix(torch.ones(1, 1), torch.ones(1, 1), "euclid")  # type: ignore[arg-type]
