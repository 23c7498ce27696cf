"""Batches of pairs: each text of a batch once, in groups of like length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.inputs.pairs import Pairs

_GROUP = 48


class PairBatches:
    """Makes batches of a pair table's rows: the collator of training.

    Args:
        pairs: the table.
        encoder: cuts the texts into pieces; each distinct text once, here.
    """

    def __init__(self, pairs: Pairs, encoder: LstmEncoder) -> None:
        numbers: dict[str, int] = {}
        sides = [numbers.setdefault(text, len(numbers)) for text in pairs.texts]
        self._left, self._right = np.split(np.asarray(sides, dtype=np.int64), 2)
        self._tokens = encoder.tokens(list(numbers))
        self._labels = np.asarray(pairs.labels, dtype=np.int64)

    def __call__(self, rows: Sequence[int]) -> dict[str, Any]:
        """The batch of these rows.

        Returns:
            ``groups``: the m distinct texts as ``(ids (n, L), lengths (n,))``, shortest first;
            ``left`` and ``right``: (len(rows),) int64, each pair's texts by their number among
            the m; ``labels``: (len(rows),) int64, 1 = same.
        """
        chosen = np.asarray(rows)
        both = np.concatenate([self._left[chosen], self._right[chosen]])
        texts, places = np.unique(both, return_inverse=True)
        order = np.argsort(self._tokens.lengths[texts], kind="stable")
        number = np.argsort(order)
        left, right = torch.from_numpy(number[places]).split(len(chosen))
        starts = range(0, len(order), _GROUP)
        return {
            "groups": [self._group(texts[order[start : start + _GROUP]]) for start in starts],
            "left": left,
            "right": right,
            "labels": torch.from_numpy(self._labels[chosen]),
        }

    def _group(self, texts: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        ids = self._tokens.padded(texts)
        return torch.from_numpy(ids), torch.from_numpy(self._tokens.lengths[texts])
