"""How well a twin finds what belongs together: each input among all of the other side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from textsiamese.errors import InputError
from textsiamese.judging.retrieval import CUTS, BothWays, retrieve_both_ways
from textsiamese.twins.distinct import distinct_inputs
from textsiamese.twins.siamese import Siamese

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textsiamese.inputs.left_right import Side
    from textsiamese.inputs.pairs import Pairs
    from textsiamese.twins.scorer import PairScorer

    Ints = NDArray[np.int64]


class Encodes(Protocol):
    """What a retrieval needs of a twin."""

    def encode(self, inputs: Any, *, side: Side) -> Any:
        """(n, d) vectors of n inputs of one side."""
        ...


def evaluate_retrieval(
    twin: Encodes | PairScorer, pairs: Pairs, *, k: Sequence[int] = CUTS, seed: int = 0
) -> BothWays:
    """Look for what belongs to each input among all inputs of the other side, by cosine.

    Each distinct left input is looked for among the distinct right ones, and the other way round;
    right answers are those of the pairs labelled same, and nothing else: what two pairs join by
    an input that they share is not taken for one. In a Siamese twin sides mean nothing, so there
    a pair holds turned round as well, and an input that stands on both sides is not its own
    candidate.

    Args:
        twin: what turns inputs of either side into vectors of one space; it needs no decision.
        pairs: those that `read_pairs` gives; pairs labelled different add candidates.
        k: cuts of the recall.
        seed: draws the bootstrap.

    Raises:
        InputError: if ``pairs`` are no table or none of them is labelled same, an input cannot be
            encoded, or the twin has no vectors (a cross-encoder reads both at once).
    """
    encoder = _checked(twin, pairs)
    left, one = distinct_inputs(pairs.left)
    right, other = distinct_inputs(pairs.right)
    relevant = np.stack([one, other], axis=1)[pairs.labels == 1]
    itself = _shared(left, right) if isinstance(twin, Siamese) else None
    if itself is not None:
        relevant = np.concatenate([relevant, _turned(relevant, itself, len(left), len(right))])
    vectors = encoder.encode(left, side="left"), encoder.encode(right, side="right")
    return retrieve_both_ways(*vectors, relevant, k=k, itself=itself, seed=seed)


def _shared(left: Sequence[Any], right: Sequence[Any]) -> Ints:
    """(e, 2) rows of left and of right, distinct each, that are the same input."""
    _, rows = distinct_inputs([*left, *right])
    sides = rows[: len(left)], rows[len(left) :]
    return np.stack(np.intersect1d(*sides, assume_unique=True, return_indices=True)[1:], axis=1)


def _turned(relevant: Ints, itself: Ints, n: int, m: int) -> Ints:
    """Pairs turned round, where both inputs stand on the other side as well."""
    to_right, to_left = np.full(n, -1), np.full(m, -1)
    to_right[itself[:, 0]], to_left[itself[:, 1]] = itself[:, 1], itself[:, 0]
    turned = np.stack([to_left[relevant[:, 1]], to_right[relevant[:, 0]]], axis=1)
    return turned[(turned >= 0).all(axis=1)]


def _checked(twin: Encodes | PairScorer, pairs: Pairs) -> Encodes:
    if not hasattr(twin, "encode"):
        raise InputError(
            f"a {type(twin).__name__} has no vectors to look among: retrieval needs a twin"
        )
    if not hasattr(pairs, "labels"):
        raise InputError(f"pairs are a {type(pairs).__name__}; give what ts.read_pairs makes of it")
    if not (pairs.labels == 1).any():
        raise InputError(
            f"{pairs.name}: no pair is labelled 1 (same), so nothing is known to belong together"
        )
    return cast("Encodes", twin)
