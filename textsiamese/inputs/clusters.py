"""Pairs that share texts, put into one row: trained on together, each of their texts once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from textsiamese.errors import InputError
from textsiamese.inputs.components import connected_components
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import number_questions


def cluster_pairs(pairs: Pairs, at_most: int = 8) -> Pairs:
    """The same pairs in the same order, those that share texts in common rows.

    A batch is made of rows, and each text of a batch is encoded once: on Quora's train part with
    rows of up to 8 pairs a fifth of the encoding is saved. What is close but different comes
    together too, which makes for harder batches. A row has 1.8 pairs there on average: choose the
    batch size, which counts rows, by that.

    Args:
        pairs: a table with one pair a row.
        at_most: pairs of a row, at most.

    Raises:
        InputError: if ``at_most`` is below 1, or the table has rows of several pairs.
    """
    if at_most < 1:
        raise InputError(f"at_most is {at_most}; a row has one pair at least")
    if pairs.rows is not None and len(np.unique(pairs.rows)) < len(pairs):
        raise InputError(f"{pairs.name} has rows of several pairs, such as triplets, already")
    (ends,) = number_questions(pairs)
    size = int(ends.max(initial=-1)) + 1
    component = connected_components(ends[:, 0], ends[:, 1], size)[ends[:, 0]]
    order = np.lexsort((_hub(ends, size), component))
    part = _places_within(component[order]) // at_most
    begins = (np.diff(component[order], prepend=-1) != 0) | (np.diff(part, prepend=0) != 0)
    rows = np.empty(len(pairs), dtype=np.int64)
    rows[order] = np.cumsum(begins) - 1
    return replace(pairs, rows=rows)


def _hub(ends: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Of each pair's two texts the one that stands in more pairs, (n,)."""
    often = np.bincount(ends.ravel(), minlength=size)[ends]
    return np.where(often[:, 0] >= often[:, 1], ends[:, 0], ends[:, 1])


def _places_within(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2... within each run of equal numbers."""
    begins = np.flatnonzero(np.diff(groups, prepend=-1))
    return np.arange(len(groups)) - np.repeat(begins, np.diff(begins, append=len(groups)))
