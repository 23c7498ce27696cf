"""Distances between vectors: row by row, or every row with every other; one definition for all.

Three distances, each 0 between equal vectors:

- ``"euclidean"``: ``|u - v|``, in [0, inf);
- ``"squared-euclidean"``: ``|u - v|^2``, in [0, inf), the distance of FaceNet;
- ``"cosine"``: ``1 - u.v / (|u||v|)``, in [0, 2], computed as ``|u' - v'|^2 / 2`` of the unit
  vectors, so that near duplicates lose no digits. A zero vector is at distance 1 from everything.

All are computed in at least float32 whatever comes in (float16 and bfloat16 are widened first) and
have a finite gradient everywhere, also at distance 0, where the gradient is 0. Lengths neither
overflow nor underflow on the way; only a squared distance beyond the dtype itself is infinite.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from textsiamese.errors import InputError
from textsiamese.learning.checks import check_choice

Distance = Literal["squared-euclidean", "euclidean", "cosine"]
DISTANCES: tuple[Distance, ...] = ("squared-euclidean", "euclidean", "cosine")


def row_distances(left: Tensor, right: Tensor, distance: Distance) -> Tensor:
    """The distance of each row of ``left`` to the same row of ``right``.

    Args:
        left: (n, d) vectors, d >= 1.
        right: (n, d) vectors.
        distance: one of :data:`DISTANCES`.

    Returns:
        (n,) float32, or float64 where a side is float64.

    Raises:
        InputError: on an unknown distance, or shapes that do not fit.
    """
    check_choice("distance", distance, DISTANCES)
    if left.shape != right.shape or left.dim() != 2 or left.shape[1] == 0:
        raise InputError(
            "distances row by row need two tensors of one shape (n, d), "
            f"not {tuple(left.shape)} and {tuple(right.shape)}"
        )
    left, right = _widened(left, right)
    if distance == "cosine":
        left, right = _unit(left), _unit(right)
        return ((left - right).square().sum(-1) + _is_zero(left) + _is_zero(right)) / 2
    if distance == "euclidean":
        return _length(left - right)
    return (left - right).square().sum(-1)


def distance_matrix(left: Tensor, right: Tensor, distance: Distance) -> Tensor:
    """The distance of every row of ``left`` to every row of ``right``.

    Differences are taken before squares (not ``|u|^2 + |v|^2 - 2 u.v``), so equal vectors are at
    distance 0 exactly and near ones keep their digits; memory is that of the result.

    Args:
        left: (n, d) vectors, d >= 1.
        right: (m, d) vectors; for mining, ``left`` again.
        distance: one of :data:`DISTANCES`.

    Returns:
        (n, m) float32, or float64 where a side is float64.

    Raises:
        InputError: on an unknown distance, or shapes that do not fit.
    """
    check_choice("distance", distance, DISTANCES)
    if left.dim() != 2 or right.dim() != 2 or left.shape[1] != right.shape[1] or left.shape[1] == 0:
        raise InputError(
            "a distance matrix needs tensors of the shapes (n, d) and (m, d), "
            f"not {tuple(left.shape)} and {tuple(right.shape)}"
        )
    left, right = _widened(left, right)
    if distance == "cosine":
        left, right = _unit(left), _unit(right)
        zeros = _is_zero(left)[:, None] + _is_zero(right)
        return (_lengths_between(left, right).square() + zeros) / 2
    lengths = _lengths_between(left, right)
    return lengths if distance == "euclidean" else lengths.square()


def _widened(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Both in one dtype, float32 or float64."""
    dtype = torch.promote_types(torch.promote_types(left.dtype, right.dtype), torch.float32)
    return left.to(dtype), right.to(dtype)


def _scale(largest: Tensor) -> Tensor:
    """A power of two near each value: dividing by it loses no bit, and squares stay in range."""
    tiny = torch.finfo(largest.dtype).tiny
    return torch.exp2(largest.log2().floor()).clamp(tiny, 1 / tiny)


def _length(vectors: Tensor) -> Tensor:
    """(..., d) -> (...): Euclidean length, with the gradient 0 at length 0."""
    scale = _scale(vectors.detach().abs().amax(-1, keepdim=True))
    squares = (vectors / scale).square().sum(-1)
    zero = squares == 0
    return squares.masked_fill(zero, 1).sqrt().masked_fill(zero, 0) * scale.squeeze(-1)


def _lengths_between(left: Tensor, right: Tensor) -> Tensor:
    """(n, d), (m, d) -> (n, m): Euclidean lengths of all differences."""
    every = torch.cat([left.detach().flatten(), right.detach().flatten(), left.new_zeros(1)])
    scale = _scale(every.abs().amax())
    exact = "donot_use_mm_for_euclid_dist"
    return torch.cdist(left / scale, right / scale, compute_mode=exact) * scale


def _unit(vectors: Tensor) -> Tensor:
    """(n, d) -> (n, d): the same directions at length 1; zero vectors stay zero."""
    scaled = vectors / _scale(vectors.detach().abs().amax(-1, keepdim=True))
    length = _length(scaled)[:, None]
    return scaled / length.masked_fill(length == 0, 1)


def _is_zero(vectors: Tensor) -> Tensor:
    """(n, d) -> (n,): 1 where a vector is zero, else 0."""
    return (vectors == 0).all(-1).to(vectors.dtype)
