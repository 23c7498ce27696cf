"""Batches of pairs: each text of a batch once, in groups of like length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textsiamese.encoders.encoder import Encoder
from textsiamese.encoders.tokens import Tokens
from textsiamese.inputs.components import connected_components
from textsiamese.inputs.numbering import number_texts
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.stored import Ints, StoredTexts, take
from textsiamese.learning.sharing import Share
from textsiamese.twins.vector_store import VectorStore

_LOOKED_AT = 2_000


class PairBatches:
    """Makes batches of a pair table's rows: the collator of training.

    A row holds one pair, or all pairs that `Pairs.rows` puts together. ``len`` is the number of
    rows.

    Args:
        pairs: the table.
        encoder: cuts the texts into pieces: each distinct text once, here; stored texts, whose
            pieces would fill the memory too, batch by batch.
        share: which texts of each batch this process encodes; all of them by default.
        teacher: holds a teacher's vectors of all texts of the table.
    """

    def __init__(
        self,
        pairs: Pairs,
        encoder: Encoder,
        share: Share | None = None,
        teacher: VectorStore | None = None,
    ) -> None:
        numbers, self._texts = number_texts(pairs.texts)
        self._left, self._right = np.split(numbers, 2)
        self._labels = np.asarray(pairs.labels, dtype=np.int64)
        self._grades, self._taught = pairs.grades, pairs.taught
        self._teacher = teacher
        self._stored_at = teacher.rows(self._texts) if teacher else None
        self._encoder = encoder
        self._share = share or Share()
        self._tokens = None if isinstance(self._texts, StoredTexts) else encoder.tokens(self._texts)
        same = self._labels == 1
        self._alike = connected_components(self._left[same], self._right[same], len(self._texts))
        self._pairs, self._begins = _by_row(pairs)

    def __len__(self) -> int:
        return len(self._begins) - 1

    def __call__(self, rows: Sequence[int]) -> dict[str, Any]:
        """The batch of these rows, n pairs in all.

        Returns:
            ``groups``: the m distinct texts as ``(ids (k, L), lengths (k,))``, shortest first;
            of several processes' share, those that are dealt to this one;
            ``left`` and ``right``: (n,) int64, each pair's texts by their number among the m;
            ``labels``: (n,) int64, 1 = same;
            ``alike``: (m,) int64, equal where same pairs of the whole table join two texts;
            ``grades`` and ``taught``: (n,) float32, or None where the table has none;
            ``targets``: (m, d) float32, the teacher's vectors; None without a teacher.
        """
        chosen = np.concatenate([self._pairs[slice(*self._begins[r : r + 2])] for r in rows])
        both = np.concatenate([self._left[chosen], self._right[chosen]])
        texts, places = np.unique(both, return_inverse=True)
        tokens, at = self._tokens_of(texts)
        order = np.argsort(tokens.lengths[at], kind="stable")
        number = np.argsort(order)
        left, right = torch.from_numpy(number[places]).split(len(chosen))
        dealt = self._share.deal(order)
        size = self._encoder.group_size
        starts = range(0, len(dealt), size)
        return {
            "groups": [_group(tokens, at[dealt[start : start + size]]) for start in starts],
            "left": left,
            "right": right,
            "labels": torch.from_numpy(self._labels[chosen]),
            "alike": torch.from_numpy(self._alike[texts[order]]),
            "grades": _chosen(self._grades, chosen),
            "taught": _chosen(self._taught, chosen),
            "targets": self._targets(texts[order]),
        }

    def cut(self) -> tuple[int, int]:
        """How many texts are longer than the encoder reads, and among how many.

        These are all texts of the table, each once; where they are stored, 2,000 of them or so.
        """
        tokens = self._tokens
        if tokens is None:
            tokens = self._encoder.tokens(list(self._texts[:: -(-len(self._texts) // _LOOKED_AT)]))
        return int(tokens.cut.sum()), len(tokens)

    def _targets(self, texts: Ints) -> Tensor | None:
        if self._teacher is None or self._stored_at is None:
            return None
        return _chosen(self._teacher.vectors, self._stored_at[texts])

    def _tokens_of(self, texts: Ints) -> tuple[Tokens, Ints]:
        """Pieces that are those of these texts among others, and where each text's are."""
        if self._tokens is not None:
            return self._tokens, texts
        return self._encoder.tokens(list(take(self._texts, texts))), np.arange(len(texts))


def _chosen(values: NDArray[np.floating] | None, which: Ints) -> Tensor | None:
    return None if values is None else torch.from_numpy(values[which].astype(np.float32))


def _group(tokens: Tokens, at: Ints) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(tokens.padded(at)), torch.from_numpy(tokens.lengths[at])


def _by_row(pairs: Pairs) -> tuple[Ints, Ints]:
    """The numbers of all pairs, row after row, and where each row begins, and the last one ends."""
    rows = np.arange(len(pairs)) if pairs.rows is None else pairs.rows
    order = np.argsort(rows, kind="stable")
    begins = np.flatnonzero(np.diff(rows[order], prepend=-1, append=np.iinfo(np.int64).max))
    return order, begins
