"""Numbers for texts: each distinct one has its own, in order of appearance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from textsiamese.inputs.stored import Ints, StoredTexts, digest_texts, held, take


def number_texts(texts: Sequence[str]) -> tuple[Ints, Sequence[str]]:
    """The number of each text, (n,), and the m distinct texts in order of appearance.

    Of stored texts only digests are in memory (`digest_texts`), and the distinct ones are stored
    texts too, unless they are few.
    """
    if isinstance(texts, StoredTexts):
        rows, first = number_values(digest_texts(texts, str))
        (distinct,) = held(take(texts, first))
        return rows, distinct
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(text, len(numbers)) for text in texts]
    return np.array(found, dtype=np.int64), list(numbers)


def number_values(values: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """The number of each value, (n,), and where each of the m distinct ones appears first, (m,)."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    return number[inverse], first[order]
