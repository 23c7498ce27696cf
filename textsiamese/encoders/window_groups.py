"""Groups of long texts in torch: split into windows, encoded as texts are, pooled text by text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from textsiamese.encoders.windows import Windowing, Windows

Group = tuple[Tensor, Tensor]
_PIECES = 8192


def read_by_windows(
    encode: Callable[[Sequence[Group]], Tensor], groups: Sequence[Group], windowing: Windowing
) -> Tensor:
    """Vectors of all texts of ``groups``, in order.

    Where no gradient is wanted, windows are encoded some thousand pieces at a time, so that long
    texts need no more memory than short ones.

    Args:
        encode: gives the vectors of groups none of whose texts is longer than a window.
        groups: each ``(ids, lengths)``, int64 (n, L) and (n,).
        windowing: how they are split, and pooled.

    Returns:
        (sum of n, dim) float32.
    """
    if all(ids.shape[1] <= windowing.size for ids, _ in groups):
        return encode(groups)
    split = [windowing.split(lengths.cpu().numpy()) for _, lengths in groups]
    parts = chain.from_iterable(
        _window_groups(ids, windows) for (ids, _), windows in zip(groups, split, strict=True)
    )
    if torch.is_grad_enabled():
        vectors = encode(list(parts))
    else:
        vectors = torch.cat([encode([part]) for part in parts])
    counts = torch.from_numpy(np.concatenate([windows.counts for windows in split]))
    return _pooled(vectors, counts.to(vectors.device), windowing)


def _window_groups(ids: Tensor, windows: Windows) -> Iterator[Group]:
    """The windows of a group as groups of texts, each of 8,192 pieces or so."""
    rows = max(1, _PIECES // int(windows.lengths.max(initial=1)))
    for start in range(0, len(windows.of), rows):
        part = slice(start, start + rows)
        of, places, lengths = (
            torch.from_numpy(each).to(ids.device)
            for each in (windows.of[part], windows.places(part), windows.lengths[part])
        )
        yield ids[of[:, None], places], lengths


def _pooled(vectors: Tensor, counts: Tensor, windowing: Windowing) -> Tensor:
    """As `Windowing.pooled`: (w, dim) -> (n, dim)."""
    pooled = torch.segment_reduce(vectors, windowing.pooling, lengths=counts)
    if not windowing.unit:
        return pooled
    return torch.where(counts[:, None] > 1, F.normalize(pooled, dim=-1), pooled)
