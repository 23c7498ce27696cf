"""The texts of a batch dealt to the processes of a training, and their vectors brought together.

Every process holds all pairs of a batch, encodes some of its texts, and computes the same loss of
the same vectors: losses and miners see what one process would show them, each text once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Share:
    """What one process encodes of each batch: its texts are dealt in turn, as cards are.

    Attributes:
        process: which process this is, in [0, processes).
        processes: how many there are.
    """

    process: int = 0
    processes: int = 1

    def deal(self, texts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of m texts that this process encodes.

        One is at least: a process that comes away empty-handed encodes the last text too, and
        :meth:`gather` leaves that vector out.

        Args:
            texts: (m,), m >= 1.
        """
        return texts[min(self.process, len(texts) - 1) :: self.processes]

    def gather(self, vectors: Tensor, size: int) -> Tensor:
        """The vectors of all texts of a batch, in the order before they were dealt.

        The gradient is right where each process computes the same loss of the vectors and the
        gradients of the processes are then averaged, as torch's DistributedDataParallel does.

        Args:
            vectors: (k, d) of the texts that this process encoded, in the order of :meth:`deal`.
            size: m, the number of texts in all.

        Returns:
            (m, d).
        """
        return vectors if self.processes == 1 else _Gather.apply(vectors, self, size)


class _Gather(torch.autograd.Function):
    """Vectors of all processes; what flows back to each is the gradient of its own."""

    @staticmethod
    def forward(ctx: Any, own: Tensor, share: Share, size: int) -> Tensor:
        ctx.share, ctx.rows = share, len(own)
        most = -(-size // share.processes)
        padded = F.pad(own, (0, 0, 0, most - len(own)))
        hands = [torch.empty_like(padded) for _ in range(share.processes)]
        torch.distributed.all_gather(hands, padded)
        return torch.stack(hands, 1).flatten(0, 1)[:size]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        own = gradient[ctx.share.process :: ctx.share.processes] * ctx.share.processes
        return F.pad(own, (0, 0, 0, ctx.rows - len(own))), None, None
