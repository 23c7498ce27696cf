"""Hard negatives: questions of a table that a twin finds near, and that no same pair joins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from textsiamese.errors import InputError
from textsiamese.inputs.components import connected_components
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import number_pairs, number_questions, question_texts
from textsiamese.inputs.stored import StoredTexts
from textsiamese.twins.neighbours import nearest
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import Cosine, measure_pairs

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.floating]


def mine_hard_negatives(
    twin: Siamese,
    pairs: Pairs,
    *,
    per_text: int = 1,
    below_positive: float = 0.95,
    max_probability: float = 0.5,
    depth: int = 50,
    tell: Callable[[str], None] = lambda _: None,
) -> Pairs:
    """The pairs, and after them different ones that are hard to tell from same ones.

    Each question of a same pair is put beside the nearest questions of the table, by the cosine
    of the twin's vectors, that no chain of same pairs joins to it and that it is not paired with
    already. Such a neighbour is often the same, only that nobody has said so. So it is passed over
    as too alike

    - if its cosine reaches 95% of that between the question and its positive, the least alike one
      of several ("TopK-PercPos" of NV-Retriever, Moreira et al. 2024);
    - if the twin has a decision, and gives the two a probability of 0.5 or more.

    Of 100 pairs read, mined by lstm-quora from 30,000 of quora/train, about 30 were the same under
    the first limit alone, 4 under both, and 2 with a probability below 0.3.
    The search is exact: its time grows with the questions of same pairs times all questions.

    Args:
        twin: one that knows something of such texts already.
        pairs: a table with same pairs, held in memory.
        per_text: how many different pairs each question of a same pair gets, if there are any.
        below_positive: the first limit, above 0 and at most 1.
        max_probability: the second limit, likewise.
        depth: how many of the nearest questions are looked at.
        tell: is handed what happens, a line each.

    Raises:
        InputError: if the table is graded, larger than memory or has no same pairs, or an option
            is out of its range.
    """
    _check_options(per_text, below_positive, max_probability, depth)
    ends, same = _checked_ends(pairs)
    texts = question_texts(pairs)
    tell(f"mining hard negatives among {len(texts):,} questions{_unguarded(twin)}")
    vectors = twin.encode(texts)
    near, cosines = _neighbours(vectors, np.unique(same), depth)
    free = _free(near, ends, same)
    fit = free & (cosines < _limits(vectors, same, below_positive)[near[..., 0]])
    fit[fit] = _probability(twin, vectors, near[fit]) < max_probability
    so_far = fit.cumsum(axis=1)
    mined = _once(near[fit & (so_far <= per_text)])
    too_alike = _once(near[free & ~fit & (so_far < per_text)])
    tell(
        f"{len(mined):,} hard negatives mined with {twin.info.name}; {len(too_alike):,} "
        "candidates passed over as too alike"
    )
    left, right = ([texts[i] for i in side] for side in mined.T)
    name = f"{pairs.name} + {len(mined):,} hard negatives"
    return pairs.followed_by(left, right, [0] * len(mined), name)


def _unguarded(twin: Siamese) -> str:
    if twin.decision is not None:
        return ""
    return (
        f"; {twin.info.name} has no decision, so more of them will be the same after all: "
        "textsiamese calibrate fits one"
    )


def _neighbours(vectors: Floats, anchors: Ints, depth: int) -> tuple[Ints, Floats]:
    """Each anchor beside the nearest of all vectors, best first: (n, k, 2), and their cosines."""
    found = nearest(vectors[anchors], vectors, depth, exclude=anchors)
    own = np.broadcast_to(anchors[:, None], found.indices.shape)
    return np.stack([own, found.indices], axis=2), found.similarities


def _free(near: Ints, ends: Ints, same: Ints) -> Bools:
    """Which of (n, k, 2) pairs of questions no chain of same pairs joins, nor any pair at all."""
    size = int(ends.max()) + 1
    group = connected_components(same[:, 0], same[:, 1], size)
    codes = number_pairs(np.sort(near.reshape(-1, 2), axis=1), size).reshape(near.shape[:2])
    apart = group[near[..., 0]] != group[near[..., 1]]
    return apart & ~np.isin(codes, number_pairs(ends, size))


def _limits(vectors: Floats, same: Ints, share: float) -> Floats:
    """What the cosine of each question's negatives stays below; infinity where it has no positive.

    A share of a cosine below 0 would be greater than it: there the cosine itself is the limit.
    """
    limits = np.full(len(vectors), np.inf)
    cosines = measure_pairs(Cosine(), vectors, same)
    for side in same.T:
        np.minimum.at(limits, side, np.minimum(share * cosines, cosines))
    return limits


def _probability(twin: Siamese, vectors: Floats, pairs: Ints) -> Floats:
    """What the twin says of (n, 2) pairs of vectors; 0 of each if it has no decision."""
    if twin.decision is None:
        return np.zeros(len(pairs))
    return twin.decision.probability(measure_pairs(twin.measure, vectors, pairs))


def _once(pairs: Ints) -> Ints:
    """The pairs without those that stood before, in this order or the other way round."""
    _, first = np.unique(np.sort(pairs, axis=1), axis=0, return_index=True)
    return pairs[np.sort(first)]


def _check_options(
    per_text: int, below_positive: float, max_probability: float, depth: int
) -> None:
    for name, count in (("per_text", per_text), ("depth", depth)):
        if count < 1:
            raise InputError(f"{name} is {count!r}; it must be a whole number, 1 or more")
    for name, limit in (("below_positive", below_positive), ("max_probability", max_probability)):
        if not 0 < limit <= 1:
            raise InputError(f"{name} is {limit!r}; it must lie above 0, and be 1 at most")


def _checked_ends(pairs: Pairs) -> tuple[Ints, Ints]:
    """The two questions of each pair, and those of each same pair of two questions."""
    if pairs.grades is not None:
        raise InputError(
            f"{pairs.name} is graded, and a mined pair would have no grade; hard negatives need "
            "a table whose pairs are the same or different"
        )
    if isinstance(pairs.left, StoredTexts) or isinstance(pairs.right, StoredTexts):
        raise InputError(
            f"{pairs.name} is larger than memory ({len(pairs):,} pairs), and hard negatives are "
            "mined among texts that are held in it; mine them for a part of the table"
        )
    (ends,) = number_questions(pairs)
    same = ends[(pairs.labels == 1) & (ends[:, 0] < ends[:, 1])]
    if not len(same):
        raise InputError(
            f"{pairs.name} has no two questions that are the same, and hard negatives are mined "
            "for questions that have such a positive"
        )
    return ends, same
