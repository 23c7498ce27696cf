"""Each text once: the distinct texts of some rows, and which row holds which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def distinct_texts(texts: Iterable[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct texts in order of appearance, and the number of each row's text among them."""
    numbers: dict[str, int] = {}
    rows = [numbers.setdefault(text, len(numbers)) for text in texts]
    return list(numbers), np.array(rows, dtype=np.int64)


def distinct_of_pairs(
    left: Sequence[str], right: Sequence[str]
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """The distinct texts, and the numbers of each pair's two, the lesser text of each pair first.

    Which side a text came from is forgotten here, so that both ways round not even the rounding
    of the encoder's batches differs.
    """
    lesser, greater = map(min, left, right), map(max, left, right)
    distinct, rows = distinct_texts(chain(lesser, greater))
    return distinct, rows[: len(left)], rows[len(left) :]
