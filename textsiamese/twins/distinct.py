"""Each input once: the distinct texts or pictures of some rows, and which row holds which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from textsiamese.inputs.pictures import picture_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def distinct_inputs(inputs: Iterable[Any]) -> tuple[list[Any], Ints]:
    """The distinct inputs in order of appearance, and the number of each row's among them.

    Args:
        inputs: texts, paths or PIL images; two images are the same if they are one object.
    """
    numbers: dict[Any, int] = {}
    firsts: list[Any] = []
    rows: list[int] = []
    for each in inputs:
        number = numbers.setdefault(picture_key(each), len(numbers))
        rows.append(number)
        if number == len(firsts):
            firsts.append(each)
    return firsts, np.array(rows, dtype=np.int64)


def distinct_of_pairs(left: Sequence[Any], right: Sequence[Any]) -> tuple[list[Any], Ints, Ints]:
    """The distinct inputs, and the numbers of each pair's two, the lesser one of each pair first.

    Which side an input came from is forgotten here, so that both ways round not even the rounding
    of the encoder's batches differs.
    """
    lesser, greater = map(_lesser, left, right), map(_greater, left, right)
    distinct, rows = distinct_inputs(chain(lesser, greater))
    return distinct, rows[: len(left)], rows[len(left) :]


def _lesser(a: Any, b: Any) -> Any:
    return a if _order(a) <= _order(b) else b


def _greater(a: Any, b: Any) -> Any:
    return b if _order(a) <= _order(b) else a


def _order(each: Any) -> str:
    return str(picture_key(each))
