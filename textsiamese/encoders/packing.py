"""Texts of any length in one row of pieces, without padding: how a CPU likes a transformer best.

Linear layers, norms and activations see all pieces of a batch as one long text; attention alone
goes text by text, those of equal length together. On a CPU most of the time goes into products of
matrices, which padding makes larger and small groups of texts make slower. Texts come shortest
first, so that there are few runs of equal length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

_NAME = "textsiamese_packed"
_FIRST_IS_0 = {"bert", "electra"}
_FIRST_IS_AFTER_PADDING = {"roberta", "xlm-roberta", "camembert"}


@dataclass(frozen=True)
class Run:
    """Texts of equal length that stand side by side in the row.

    Attributes:
        texts: how many they are.
        length: pieces of each.
    """

    texts: int
    length: int

    @property
    def size(self) -> int:
        """Pieces of all of them."""
        return self.texts * self.length


def can_pack(model: PreTrainedModel) -> bool:
    """Whether a model is on a CPU, and of a kind whose positions and attention are known here.

    Not in a decoder, whose pieces see only those before them; nor where activations are computed
    again: that happens when all this is forgotten.
    """
    known = model.config.model_type in _FIRST_IS_0 | _FIRST_IS_AFTER_PADDING
    decodes = getattr(model.config, "is_decoder", False)
    again = any(getattr(each, "gradient_checkpointing", False) for each in model.modules())
    return known and not decodes and model.device.type == "cpu" and not again


def runs_of(lengths: Sequence[int]) -> list[Run]:
    """The runs of equal length among texts that stand side by side."""
    return [Run(len(list(texts)), length) for length, texts in groupby(lengths)]


def packed_states(model: PreTrainedModel, ids: Tensor, runs: Sequence[Run]) -> Tensor:
    """The states of all pieces.

    Args:
        model: a transformer that `can_pack`.
        ids: (pieces,) int64, text after text.
        runs: where the texts stand.

    Returns:
        (pieces, d).
    """
    places = torch.cat([torch.arange(run.length).repeat(run.texts) for run in runs])
    with _attending_by_runs(model.config):
        states = model(
            input_ids=ids[None],
            position_ids=(places + _first_position(model.config))[None],
            token_type_ids=torch.zeros_like(ids)[None],
            runs=runs,
        )
    return states.last_hidden_state[0]


def _first_position(config: PretrainedConfig) -> int:
    return config.pad_token_id + 1 if config.model_type in _FIRST_IS_AFTER_PADDING else 0


@contextmanager
def _attending_by_runs(config: PretrainedConfig) -> Iterator[None]:
    _register()
    own = config._attn_implementation
    config._attn_implementation = _NAME
    try:
        yield
    finally:
        config._attn_implementation = own


def _attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float,
    dropout: float = 0.0,
    runs: Sequence[Run],
    **_: Any,
) -> tuple[Tensor, None]:
    """Attention within each text: three times (1, heads, pieces, d) -> (1, pieces, heads, d)."""
    heads, width = query.shape[1], query.shape[3]
    sizes = [run.size for run in runs]
    parts = []
    for run, *of_run in zip(
        runs, *(each[0].split(sizes, 1) for each in (query, key, value)), strict=True
    ):
        q, k, v = (each.reshape(heads * run.texts, run.length, width) for each in of_run)
        weights = torch.softmax(q @ k.transpose(1, 2) * scaling, dim=-1)
        weights = nn.functional.dropout(weights, dropout, module.training)
        parts.append((weights.to(v.dtype) @ v).view(heads, -1, width))
    return torch.cat(parts, dim=1).transpose(0, 1)[None], None


@cache
def _register() -> None:
    """Make our attention known to transformers, under its name."""
    from transformers import AttentionInterface

    AttentionInterface.register(_NAME, _attention)
