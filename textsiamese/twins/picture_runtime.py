"""Runs an encoder over pictures: the next ones are decoded while these are encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from textsiamese.inputs.pictures import read_pictures
from textsiamese.twins.runtime import Encoded, at_work

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textsiamese.encoders.encoder import PictureEncoder
    from textsiamese.inputs.pictures import Picture, PictureForm

    Decoded = tuple[NDArray[np.uint8], dict[int, str]]

_BLOCK = 64


class PictureRuntime:
    """A picture encoder in torch, on the device its weights are on.

    Several threads may call it: they take turns, since one batch keeps all cores busy.

    Args:
        open: gives the encoder when it is first used.
        threads: to compute with, on a CPU; torch's own choice if None.
    """

    def __init__(self, open: Callable[[], PictureEncoder], threads: int | None = None) -> None:
        self._open, self._threads, self._turn = open, threads, Lock()

    def encode(self, inputs: Sequence[Picture]) -> Encoded:
        """Encode pictures, one row each; of one that cannot be read, say why."""
        import torch

        with self._turn:
            encoder = self._open()
            vectors = np.empty((len(inputs), encoder.config.dim), dtype=np.float32)
            problems: dict[int, str] = {}
            with at_work(encoder, self._threads) as device:
                for start, (pixels, faults) in _decoded(inputs, encoder.form):
                    group = torch.from_numpy(pixels).to(device)
                    vectors[start : start + len(pixels)] = encoder([group]).float().cpu().numpy()
                    problems |= {start + row: fault for row, fault in faults.items()}
        vectors[list(problems)] = np.nan
        none = np.zeros(len(inputs), dtype=np.bool_)
        return Encoded(vectors, none, none.astype(np.float32), problems)


def _decoded(pictures: Sequence[Picture], form: PictureForm) -> Iterator[tuple[int, Decoded]]:
    """Blocks of pictures and where each begins, each decoded while the one before is encoded."""
    starts = range(0, len(pictures), _BLOCK)
    with ThreadPoolExecutor(1) as ahead:
        blocks = (pictures[start : start + _BLOCK] for start in starts)
        waiting = None
        for start, block in zip(starts, blocks, strict=True):
            coming = (start, ahead.submit(read_pictures, block, form))
            if waiting:
                yield waiting[0], waiting[1].result()
            waiting = coming
        if waiting:
            yield waiting[0], waiting[1].result()
