"""Pairs mined from unlabelled questions: near, middling and far ones, for a teacher to label."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from textsiamese.errors import InputError
from textsiamese.inputs.fresh import Fresh, fresh_questions
from textsiamese.inputs.questions import number_pairs
from textsiamese.twins.cells import Cells
from textsiamese.twins.checks import checked_inputs
from textsiamese.twins.neighbours import nearest
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import Cosine, measure_pairs

if TYPE_CHECKING:
    import pandas as pd

_NEAREST = 3
_PARTS = 20
_ENCODED = 65_536
_DIGITS = 6

Ints = NDArray[np.int64]
Vectors = NDArray[np.float32]
Draw = np.random.Generator


def mine_pairs(
    twin: Siamese,
    questions: Sequence[str],
    *,
    count: int,
    near: float = 0.6,
    middling: float = 0.3,
    far: float = 0.1,
    avoid: Any = (),
    held_out: Any = (),
    seed: int = 0,
    tell: Callable[[str], object] = lambda _: None,
) -> pd.DataFrame:
    """Pairs of questions that nobody has labelled, for a teacher to label and a twin to learn from.

    - near: a question and one of its three nearest, by the cosine of the twin's vectors.
    - middling: a question and the second nearest in a random twentieth of all, which nine times
      of ten is between its 7th and its 93rd nearest.
    - far: two questions at random.

    No pair is there twice, and none joins a question with itself; `question_key` says which
    questions are the same. Among more than about 33,000 questions the nearest are looked for where
    most of them lie (`Cells`), so that the time grows with the questions and not with their square.
    The memory holds the vectors of all. On one machine, with as many threads, the same arguments
    give the same table.

    Args:
        twin: one that knows something of such questions.
        questions: n texts; of those that are the same, the first is taken.
        count: how many pairs there shall be; they are fewer where there are no more.
        near, middling, far: how many of each kind, in proportion; all 0 or more.
        avoid: tables whose pairs are not mined again, such as those labelled already: `Pairs`, or
            whatever `score_table` reads; one, or a list of them.
        held_out: tables whose questions are left out altogether, such as dev and test; likewise.
        seed: draws questions, pairs and their order.
        tell: is handed what happens, a line each.

    Returns:
        a table in random order, with the columns question1, question2, cosine (of the twin's
        vectors, in [-1, 1]) and kind.

    Raises:
        InputError: a question is no text, fewer than two are left, all their pairs are to be
            avoided, a table cannot be read, or an option is out of its range.
    """
    wanted = _wanted(count, {"near": near, "middling": middling, "far": far})
    _check_whole("seed", seed, 0)
    _check_twin(twin)
    given = [str(text) for text in checked_inputs(questions, "questions", "raise")]
    fresh = fresh_questions(given, avoid=avoid, held_out=held_out)
    _check_left(fresh, len(given))
    tell(f"mining among {len(fresh.texts):,} questions{_less(fresh)}")
    vectors = _unit_vectors(twin, fresh.texts, tell)
    random = np.random.default_rng(seed)
    taken = set(fresh.known.tolist())
    mined: dict[str, list[tuple[int, int]]] = {}
    for kind, most in wanted.items():
        columns = _CANDIDATES[kind](vectors, most, random)
        mined[kind] = _first_free(columns, most, taken, len(vectors))
        tell(f"{len(mined[kind]):,} {kind} pairs mined")
    return _table(mined, vectors, fresh.texts, random)


def _unit_vectors(twin: Siamese, texts: list[str], tell: Callable[[str], object]) -> Vectors:
    """Vectors of unit length, or 0; encoded block by block, so that there is one copy of all."""
    vectors = np.empty((0, 0), dtype=np.float32)
    for start in range(0, len(texts), _ENCODED):
        block = twin.encode(texts[start : start + _ENCODED])
        if not start:
            vectors = np.empty((len(texts), block.shape[1]), dtype=np.float32)
        lengths = np.linalg.norm(block, axis=1, keepdims=True)
        vectors[start : start + len(block)] = block / np.where(lengths > 0, lengths, 1)
        tell(f"{start + len(block):,} of {len(texts):,} encoded")
    return vectors


def _first_free(
    columns: Iterator[Ints], most: int, taken: set[int], size: int
) -> list[tuple[int, int]]:
    """The first candidates that are not taken yet; they are taken then."""
    pairs: list[tuple[int, int]] = []
    while len(pairs) < most and (column := next(columns, None)) is not None:
        codes = number_pairs(np.sort(column, axis=1), size)
        for (left, right), code in zip(column.tolist(), codes.tolist(), strict=True):
            if code not in taken and len(pairs) < most:
                taken.add(code)
                pairs.append((left, right))
    return pairs


def _near(vectors: Vectors, most: int, random: Draw) -> Iterator[Ints]:
    """Some questions at a time, each beside one of its nearest, then another, then the third."""
    cells, order = Cells(vectors, random), random.permutation(len(vectors))
    for start in range(0, len(order), most):
        queries = order[start : start + most]
        for partners in random.permuted(cells.nearest(queries, _NEAREST).indices, axis=1).T:
            yield np.stack([queries, partners], axis=1)[partners >= 0]


def _middling(vectors: Vectors, most: int, random: Draw) -> Iterator[Ints]:
    """Questions beside the second nearest of a random part that they are not in, then of others.

    Of the r nearest to a question such a part has one or none with the probability
    0.95^r + 0.05 r 0.95^(r - 1): 0.95 for r = 7, and 0.05 for r = 93.
    """
    order = random.permutation(len(vectors))
    parts = np.array_split(order, min(_PARTS, max(1, len(order) // 2)))
    some = -(-most // len(parts))
    for start in range(0, len(parts[0]), some):
        for shift in random.permutation(np.arange(1, len(parts))):
            others = parts[shift:] + parts[:shift]
            both = zip(parts, others, strict=True)
            column = [_seconds(vectors, own[start : start + some], other) for own, other in both]
            yield random.permutation(np.concatenate(column))


def _seconds(vectors: Vectors, queries: Ints, part: Ints) -> Ints:
    second = part[nearest(vectors[queries], vectors[part], 2).indices[:, 1]]
    return np.stack([queries, second], axis=1)


def _far(vectors: Vectors, most: int, random: Draw) -> Iterator[Ints]:
    """Each question beside the one so many places on in a random order, and then one further."""
    order = random.permutation(len(vectors))
    for places in range(1, len(order)):
        yield random.permutation(np.stack([order, np.roll(order, -places)], axis=1))


_CANDIDATES = {"near": _near, "middling": _middling, "far": _far}
"""Of each kind the candidates, a column (m, 2) after the other; most is how many are wanted."""


def _table(
    mined: dict[str, list[tuple[int, int]]], vectors: Vectors, texts: list[str], random: Draw
) -> pd.DataFrame:
    import pandas as pd

    pairs = np.array([pair for each in mined.values() for pair in each], dtype=np.int64)
    if not len(pairs):
        raise InputError(
            f"no pair is left to be mined: all that these {len(texts):,} questions give stand in "
            "the tables to avoid"
        )
    kinds = np.repeat(list(mined), [len(each) for each in mined.values()])
    order = random.permutation(len(pairs))
    left, right = pairs[order].T.tolist()
    return pd.DataFrame(
        {
            "question1": [texts[i] for i in left],
            "question2": [texts[i] for i in right],
            "cosine": np.round(measure_pairs(Cosine(), vectors, pairs[order]), _DIGITS),
            "kind": kinds[order],
        }
    )


def _wanted(count: int, shares: dict[str, float]) -> dict[str, int]:
    """How many pairs of each kind make up the count."""
    _check_whole("count", count, 1)
    values = list(shares.values())
    if not all(math.isfinite(share) and share >= 0 for share in values) or not sum(values):
        given = ", ".join(f"{name} {share:g}" for name, share in shares.items())
        raise InputError(
            f"the shares are {given}; each must be a number from 0 on, and one above it"
        )
    ends = np.rint(count * np.cumsum(values) / sum(values))
    return dict(zip(shares, np.diff(ends, prepend=0).astype(int).tolist(), strict=True))


def _check_whole(name: str, value: int, least: int) -> None:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < least:
        raise InputError(f"{name} is {value!r}; it must be a whole number, {least} or more")


def _check_twin(twin: Siamese) -> None:
    if not hasattr(twin, "encode"):
        raise InputError(
            f"{twin.info.name} is a cross-encoder and has no vectors to find neighbours by; mine "
            "with a twin, and let the cross-encoder label the pairs (textsiamese score)"
        )


def _check_left(fresh: Fresh, given: int) -> None:
    if len(fresh.texts) < 2:
        raise InputError(
            f"a pair needs two different questions, and of {given:,} given {len(fresh.texts)} "
            f"{'is' if len(fresh.texts) == 1 else 'are'} left{_less(fresh)}"
        )


def _less(fresh: Fresh) -> str:
    """What was left out, in brackets."""
    parts = []
    if fresh.repeated:
        parts.append(f"{fresh.repeated:,} the same as one before")
    if fresh.held_out:
        parts.append(f"{fresh.held_out:,} that a table holds out")
    return f" ({', '.join(parts)} left out)" if parts else ""
