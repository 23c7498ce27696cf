"""Batches of pairs: each input of a batch once, in groups that suit its encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textsiamese.encoders.encoder import Encoder
from textsiamese.inputs.components import connected_components
from textsiamese.inputs.numbering import number_texts
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.stored import Ints
from textsiamese.learning.sharing import Share
from textsiamese.learning.side import side_of
from textsiamese.twins.two_towers import TwoTowers
from textsiamese.twins.vector_store import VectorStore


class PairBatches:
    """Makes batches of a pair table's rows: the collator of training.

    A row holds one pair, or all pairs that `Pairs.rows` puts together. ``len`` is the number of
    rows. Of two towers, the left one's inputs are numbered first, then the right one's.

    Args:
        pairs: the table.
        encoder: what reads it; two towers read a side each.
        share: which inputs of each batch this process encodes; all of them by default.
        teacher: holds a teacher's vectors of all texts of the table.
        room: how many times as wide as the encoder needs them pictures are decoded.

    Raises:
        InputError: naming a picture that cannot be read.
    """

    def __init__(
        self,
        pairs: Pairs,
        encoder: Encoder | TwoTowers,
        share: Share | None = None,
        teacher: VectorStore | None = None,
        *,
        room: float = 1.0,
    ) -> None:
        if isinstance(encoder, TwoTowers):
            self._left, lefts = number_texts(pairs.left)
            self._right, rights = number_texts(pairs.right)
            self._right = self._right + len(lefts)
            self.sides = [side_of(lefts, encoder.left, room), side_of(rights, encoder.right, room)]
        else:
            numbers, texts = number_texts(pairs.texts)
            self._left, self._right = np.split(numbers, 2)
            self.sides = [side_of(texts, encoder, room)]
            self._stored_at = teacher.rows(texts) if teacher else None
        self._labels = np.asarray(pairs.labels, dtype=np.int64)
        self._grades, self._taught = pairs.grades, pairs.taught
        self._teacher, self._share = teacher, share or Share()
        same, size = self._labels == 1, sum(map(len, self.sides))
        self._alike = connected_components(self._left[same], self._right[same], size)
        self._pairs, self._begins = _by_row(pairs)

    def __len__(self) -> int:
        return len(self._begins) - 1

    def __call__(self, rows: Sequence[int]) -> dict[str, Any]:
        """The batch of these rows, n pairs in all.

        Returns:
            ``groups``: the m distinct inputs as the encoder takes them, texts as
            ``(ids (k, L), lengths (k,))``, shortest first; of two towers, a list for each; of
            several processes' share, those that are dealt to this one;
            ``left`` and ``right``: (n,) int64, each pair's inputs by their number among the m;
            ``labels``: (n,) int64, 1 = same;
            ``alike``: (m,) int64, equal where same pairs of the whole table join two inputs;
            ``lefts``: how many of the m come from the left of two towers; None of one encoder;
            ``grades`` and ``taught``: (n,) float32, or None where the table has none;
            ``targets``: (m, d) float32, the teacher's vectors; None without a teacher.
        """
        chosen = np.concatenate([self._pairs[slice(*self._begins[r : r + 2])] for r in rows])
        both = np.concatenate([self._left[chosen], self._right[chosen]])
        inputs, places = np.unique(both, return_inverse=True)
        groups, order = self._grouped(inputs)
        left, right = torch.from_numpy(np.argsort(order)[places]).split(len(chosen))
        two = len(self.sides) == 2
        return {
            "groups": tuple(groups) if two else groups[0],
            "left": left,
            "right": right,
            "labels": torch.from_numpy(self._labels[chosen]),
            "alike": torch.from_numpy(self._alike[inputs[order]]),
            "lefts": int((inputs < len(self.sides[0])).sum()) if two else None,
            "grades": _chosen(self._grades, chosen),
            "taught": _chosen(self._taught, chosen),
            "targets": self._targets(inputs[order]),
        }

    def _grouped(self, inputs: Ints) -> tuple[list[list[Any]], Ints]:
        """The groups of each side, and in which order the inputs stand in them."""
        batches, orders, before, first = [], [], 0, 0
        for side in self.sides:
            own = inputs[(inputs >= first) & (inputs < first + len(side))] - first
            batches.append((side.batch(own), before, before + len(own)))
            orders.append(batches[-1][0].order + before)
            before, first = before + len(own), first + len(side)
        order = np.concatenate(orders)
        dealt = self._share.deal(order)
        groups = [
            batch.groups(dealt[(dealt >= begin) & (dealt < end)] - begin)
            for batch, begin, end in batches
        ]
        return groups, order

    def _targets(self, texts: Ints) -> Tensor | None:
        if self._teacher is None or self._stored_at is None:
            return None
        return _chosen(self._teacher.vectors, self._stored_at[texts])


def _chosen(values: NDArray[np.floating] | None, which: Ints) -> Tensor | None:
    return None if values is None else torch.from_numpy(values[which].astype(np.float32))


def _by_row(pairs: Pairs) -> tuple[Ints, Ints]:
    """The numbers of all pairs, row after row, and where each row begins, and the last one ends."""
    rows = np.arange(len(pairs)) if pairs.rows is None else pairs.rows
    order = np.argsort(rows, kind="stable")
    begins = np.flatnonzero(np.diff(rows[order], prepend=-1, append=np.iinfo(np.int64).max))
    return order, begins
