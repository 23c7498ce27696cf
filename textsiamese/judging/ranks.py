"""Where right answers stand among all candidates by cosine: exact, block by block."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textsiamese.errors import InputError
from textsiamese.judging.scored import Floats

Ints = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.floating]

_STEPS = 2.0**26
_ROWS, _WIDTH = 1024, 2048  # of a block of cosines: 16 MiB


class Standings(NamedTuple):
    """Where each of r right answers stands among the candidates of its query.

    Attributes:
        above: (r,) how many candidates have a greater cosine to the query.
        tied: (r,) how many have the same cosine, the answer itself among them: 1 or more.
    """

    above: Ints
    tied: Ints


def standings(
    queries: Vectors, candidates: Vectors, relevant: Ints, itself: Ints | None = None
) -> Standings:
    """Count, for each right answer, the candidates that stand above it and beside it.

    A product of matrices rounds the same two vectors differently from place to place, so that
    equal candidates may seem to differ. Here nothing is rounded: vectors of unit length are taken
    in whole steps of 2**-26 (as fine as float32 holds their larger components), and sums of
    products of such whole numbers stay below 2**53, where float64 is exact in any order. So the
    counts are those of the full matrix, whatever the blocks and the number of threads.

    Args:
        queries: (n, d) finite, of any length; a vector of zeros has the cosine 0 with all.
        candidates: (m, d) likewise; read block by block, so that they may lie in a file.
        relevant: (r, 2) rows of queries and of candidates that belong together; counted fastest
            where those of a query stand together.
        itself: (e, 2) rows of queries and of candidates that are one and the same input, each
            query there once at most: such a candidate is not counted for its query.

    Raises:
        InputError: if shapes or row numbers do not fit, or a vector holds NaN or infinity.
    """
    check_rows(queries, candidates, relevant)
    own = np.full(len(queries), -1, dtype=np.int64)
    if itself is not None:
        check_rows(queries, candidates, itself)
        own[itself[:, 0]] = itself[:, 1]
    found = Standings(*np.zeros((2, len(relevant)), dtype=np.int64))
    for start in range(0, len(relevant), _ROWS):
        part = slice(start, start + _ROWS)
        counted = _counted(queries, candidates, relevant[part], own)
        found.above[part], found.tied[part] = counted
    return found


def check_rows(queries: Vectors, candidates: Vectors, rows: Ints) -> None:
    """Refuse what cannot be looked for.

    Args:
        queries: (n, d).
        candidates: (m, d).
        rows: (r, 2) whole numbers, a row of queries and one of candidates each.

    Raises:
        InputError: if shapes or row numbers do not fit.
    """
    if queries.ndim != 2 or candidates.ndim != 2 or queries.shape[1] != candidates.shape[1]:
        raise InputError(
            "queries and candidates have the shapes (n, d) and (m, d), "
            f"not {queries.shape} and {candidates.shape}"
        )
    if rows.ndim != 2 or rows.shape[1] != 2 or rows.dtype.kind not in "iu":
        raise InputError(
            f"rows that belong together are whole numbers (r, 2), a query and a candidate each, "
            f"not {rows.dtype} {rows.shape}"
        )
    if (rows < 0).any() or (rows >= [len(queries), len(candidates)]).any():
        raise InputError(
            f"rows that belong together name a query or a candidate that is not there; "
            f"there are {len(queries):,} queries and {len(candidates):,} candidates"
        )


def _counted(queries: Vectors, candidates: Vectors, relevant: Ints, own: Ints) -> Standings:
    rows, row = np.unique(relevant[:, 0], return_inverse=True)
    asked = _whole(queries[rows], "queries")
    answer = _dots(asked[row], _whole(candidates[relevant[:, 1]], "candidates"))
    mine = own[rows][row]
    same = _dots(asked[row], _whole(candidates[mine], "candidates"))  # of no use where mine is -1
    above = -((mine >= 0) & (same > answer)).astype(np.int64)
    tied = -((mine >= 0) & (same == answer)).astype(np.int64)
    for start in range(0, len(candidates), _WIDTH):
        block = _whole(candidates[start : start + _WIDTH], "candidates")
        product = (asked @ block.T)[row]
        above += (product > answer[:, None]).sum(axis=1)
        tied += (product == answer[:, None]).sum(axis=1)
    return Standings(above, tied)


def _whole(vectors: Vectors, name: str) -> Floats:
    """(n, d) whole numbers: the vectors at a length of about 2**26."""
    given = vectors.astype(np.float64)
    lengths = np.linalg.norm(given, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise InputError(f"{name} hold NaN or infinity; leave those vectors out")
    given *= _STEPS / np.where(lengths, lengths, 1)
    return np.rint(given, out=given)


def _dots(left: Floats, right: Floats) -> Floats:
    return np.einsum("ij,ij->i", left, right)
