"""A bidirectional LSTM over subword pieces, pooled by maximum and mean into one vector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textsiamese.encoders.tokens import PAD, Tokens, Vocabulary
from textsiamese.encoders.window_groups import Group, read_by_windows
from textsiamese.encoders.windows import Windowing, WindowPooling
from textsiamese.errors import InputError

_EMBEDDING_STD = 0.02  # torch's 1.0 lets rare pieces drown the rest


@dataclass(frozen=True)
class LstmConfig:
    """Sizes of an :class:`LstmEncoder`; saved with it.

    Attributes:
        embedding: width of a piece's embedding.
        hidden: width of the LSTM in each direction.
        dim: width of the vector that comes out.
        max_length: pieces of a window: what is read of a text at once.
        normalize: whether vectors have unit length.
        dropout: share of embedding and pooled values dropped in training, in [0, 1).
        windows: the most windows read of a text; what is longer is cut, and counted.
        overlap: pieces that neighbouring windows share at least.
        window_pooling: what a text's vector is of those of its windows, "mean" or "max".
    """

    embedding: int = 256
    hidden: int = 192
    dim: int = 256
    max_length: int = 128
    normalize: bool = True
    dropout: float = 0.1
    windows: int = 1
    overlap: int = 0
    window_pooling: WindowPooling = "mean"

    def __post_init__(self) -> None:
        for name in ("embedding", "hidden", "dim", "max_length"):
            if getattr(self, name) < 1:
                raise InputError(
                    f"LstmConfig.{name} is {getattr(self, name)}; it must be 1 or more"
                )
        if not 0 <= self.dropout < 1:
            raise InputError(f"LstmConfig.dropout is {self.dropout}; it must lie in [0, 1)")
        _ = self.windowing  # which checks the others

    @property
    def windowing(self) -> Windowing:
        """How texts longer than a window are read."""
        return Windowing(
            self.max_length, self.windows, self.overlap, self.window_pooling, self.normalize
        )


class LstmEncoder(nn.Module):
    """Texts to vectors: embedding, one LSTM a direction, masked max and mean pooling, projection.

    A row's vector does not depend on the padding it comes with: the backward LSTM reads each row
    reversed within its own length, and pooling leaves the padding out.
    (The encoder of InferSent, Conneau et al. 2017, section 3.2, with a projection on top.)

    Attributes:
        group_size: texts that it likes to be trained on side by side.
    """

    reads: Literal["texts"] = "texts"
    group_size = 48

    def __init__(self, vocabulary: Vocabulary, config: LstmConfig | None = None) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.config = config = config or LstmConfig()
        self.embedding = nn.Embedding(len(vocabulary), config.embedding, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, std=_EMBEDDING_STD)
        self.forwards = nn.LSTM(config.embedding, config.hidden)
        self.backwards = nn.LSTM(config.embedding, config.hidden)
        self.projection = nn.Linear(4 * config.hidden, config.dim)
        for layer in (self.forwards, self.backwards, self.projection):
            _zero_biases(layer)
        nn.init.orthogonal_(self.projection.weight)
        self.dropout = nn.Dropout(config.dropout)

    @classmethod
    def for_texts(
        cls, texts: Iterable[str], config: LstmConfig | None = None, vocabulary_size: int = 24_000
    ) -> LstmEncoder:
        """An untrained encoder; its vocabulary is learnt from ``texts`` (training texts only)."""
        return cls(Vocabulary.learn(texts, vocabulary_size), config)

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """The pieces of ``texts``, cut at ``limit``."""
        return self.vocabulary.encode(texts, self.limit)

    @property
    def limit(self) -> int:
        """The most pieces that it reads of a text, all windows together."""
        return self.config.windowing.limit

    def forward(self, groups: Sequence[Group]) -> Tensor:
        """Vectors of all texts of ``groups``, in order.

        Args:
            groups: whole texts of similar length together, each ``(ids, lengths)``: int64 (n, L),
                padded on the right with any piece, and int64 (n,), each in [1, L].

        Returns:
            (sum of n, dim) float32; unit length if the config says ``normalize``.
        """
        return read_by_windows(self._encode, groups, self.config.windowing)

    def _encode(self, groups: Sequence[Group]) -> Tensor:
        """Vectors of windows, and of texts that are no longer than one."""
        both = [_both_ways(ids, lengths) for ids, lengths in groups]
        flat = torch.cat([ids.flatten() for ids in both])
        embedded = self.embedding(flat).split([ids.numel() for ids in both])
        pooled = torch.cat(
            [
                self._pool(values.view(*ids.shape, -1), lengths)
                for values, ids, (_, lengths) in zip(embedded, both, groups, strict=True)
            ]
        )
        vectors = self.projection(self.dropout(pooled)).float()
        return F.normalize(vectors, dim=-1) if self.config.normalize else vectors

    def _pool(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """(2, L, n, embedding) -> (n, 4 * hidden): max forwards, max backwards, mean, mean."""
        kept = self.dropout(torch.ones_like(embedded[0, 0]))  # one mask a text, for all its pieces
        values = embedded * kept
        states = torch.cat([self.forwards(values[0])[0], self.backwards(values[1])[0]], dim=-1)
        outside = (torch.arange(len(states), device=states.device)[:, None] >= lengths)[..., None]
        largest = states.masked_fill(outside, float("-inf")).amax(0)
        mean = states.masked_fill(outside, 0.0).sum(0, dtype=torch.float32) / lengths[:, None]
        return torch.cat([largest, mean.to(largest.dtype)], dim=-1)


@torch.no_grad()
def _zero_biases(layer: nn.Module) -> None:
    """Begin without biases: torch's own, many times an embedding's size, would drown the texts."""
    for name, weight in layer.named_parameters():
        if "bias" in name:
            weight.zero_()


def _both_ways(ids: Tensor, lengths: Tensor) -> Tensor:
    """(n, L) -> (2, L, n): as they stand, and each row reversed within its own length."""
    steps = torch.arange(ids.shape[1], device=ids.device)
    inside = steps < lengths[:, None]
    reverse = ids.gather(1, torch.where(inside, lengths[:, None] - 1 - steps, steps))
    return torch.stack([ids.t(), reverse.t()])
