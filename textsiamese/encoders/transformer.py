"""Any pretrained transformer as an encoder, with its own tokenizer, pooling and normalisation."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn

from textsiamese.encoders.fetching import model_folder
from textsiamese.encoders.lora import add_lora, merge_lora
from textsiamese.encoders.packing import can_pack, packed_states, runs_of
from textsiamese.encoders.pieces import Pieces
from textsiamese.encoders.pooling import MODES, Normalize, pool
from textsiamese.encoders.pretrained import open_model, open_tokenizer, position_limit
from textsiamese.encoders.sentence_folder import Layout, read_layout
from textsiamese.encoders.tokens import Tokens
from textsiamese.encoders.window_groups import Group, read_by_windows
from textsiamese.encoders.windows import Windowing, WindowPooling
from textsiamese.errors import InputError


@dataclass(frozen=True)
class TransformerConfig:
    """What an encoder makes of its transformer; saved with it.

    Attributes:
        model: kind of the transformer, such as "bert".
        dim: width of the vector that comes out.
        max_length: pieces of a window, special ones included: what is read of a text at once.
        pooling: a way of pooling, of :data:`textsiamese.encoders.pooling.MODES`; or several, side
            by side, joined by "+".
        normalize: whether vectors have unit length.
        lower: whether texts are lower-cased first.
        prompt: put before each text.
        windows: the most windows read of a text; what is longer is cut, and counted.
        overlap: pieces that neighbouring windows share at least, special ones left out.
        window_pooling: what a text's vector is of those of its windows, "mean" or "max".
    """

    model: str
    dim: int
    max_length: int
    pooling: str
    normalize: bool
    lower: bool = False
    prompt: str = ""
    windows: int = 1
    overlap: int = 0
    window_pooling: WindowPooling = "mean"


class TransformerEncoder(nn.Module):
    """Texts to vectors: a transformer, pooling, and what follows it (unit length, mostly).

    Each window of a long text has the special pieces, and the prompt, at its ends.

    Args:
        source: a folder that transformers or sentence-transformers saved, or a Hub id.
        max_length: pieces of a window; the model's own limit if None, which is never exceeded.
        pooling: a way of pooling; the model's own if None, and the mean where it has none.
        normalize: whether vectors have unit length; as the model has it if None, and True where
            it is a bare transformer.
        dropout: share of values dropped in training, in [0, 1); the model's own if None. On a CPU
            drawing them takes a third of a training step.
        windows: the most windows read of a text; what is longer is cut, and counted.
        overlap: pieces that neighbouring windows share at least, special ones left out.
        window_pooling: what a text's vector is of those of its windows, "mean" or "max".

    Attributes:
        config: what is made of the transformer.
        vocabulary: its pieces.
        transformer: the model of the transformers package.

    Raises:
        BundleError: if there is no such model, or it is none that can be run here.
        InputError: if an argument is out of its range.
    """

    reads: Literal["texts"] = "texts"

    def __init__(
        self,
        source: str | os.PathLike[str],
        *,
        max_length: int | None = None,
        pooling: str | None = None,
        normalize: bool | None = None,
        dropout: float | None = None,
        windows: int = 1,
        overlap: int = 0,
        window_pooling: WindowPooling = "mean",
    ) -> None:
        super().__init__()
        if dropout is not None and not 0 <= dropout < 1:
            raise InputError(f"dropout is {dropout}; it must lie in [0, 1)")
        folder = model_folder(source)
        layout = read_layout(folder)
        if pooling is not None:
            layout = replace(layout, pooling=(_known(pooling),))
        self.transformer = open_model(folder / layout.transformer, dropout)
        self.tokenizer = open_tokenizer(folder / layout.transformer)
        self.layers = nn.ModuleList(_normalized(layout, normalize))
        limit = position_limit(self.transformer, self.tokenizer)
        asked = layout.max_length if max_length is None else max_length
        self.vocabulary = Pieces(
            self.tokenizer.backend_tokenizer,
            unknown=self.tokenizer.unk_token,
            lower=layout.lower,
            prompt=layout.prompt,
            cut=self.tokenizer.truncation_side,
        )
        self.config = TransformerConfig(
            model=self.transformer.config.model_type,
            dim=_dim(self.transformer.config.hidden_size * len(layout.pooling), self.layers),
            max_length=_at_least_three(limit if asked is None else min(asked, limit)),
            pooling="+".join(layout.pooling),
            normalize=any(isinstance(layer, Normalize) for layer in self.layers),
            lower=layout.lower,
            prompt=layout.prompt,
            windows=windows,
            overlap=overlap,
            window_pooling=window_pooling,
        )
        _ = self.windowing  # which checks them

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """The pieces of ``texts``, cut at ``limit``."""
        return self.vocabulary.encode(texts, self.limit)

    @property
    def limit(self) -> int:
        """The most pieces that it reads of a text, all windows together."""
        return self.windowing.limit

    @property
    def windowing(self) -> Windowing:
        """How texts longer than a window are read."""
        config = self.config
        return Windowing(
            config.max_length,
            config.windows,
            config.overlap,
            config.window_pooling,
            config.normalize,
            self.vocabulary.ends,
        )

    def forward(self, groups: Sequence[Group]) -> Tensor:
        """Vectors of all texts of ``groups``, in order.

        Args:
            groups: whole texts of similar length together, each ``(ids, lengths)``: int64 (n, L),
                padded on the right with any piece, and int64 (n,), each in [1, L].

        Returns:
            (sum of n, dim) float32.
        """
        return read_by_windows(self._encode, groups, self.windowing)

    def _encode(self, groups: Sequence[Group]) -> Tensor:
        """Vectors of windows, and of texts that are no longer than one."""
        if can_pack(self.transformer):
            vectors = self._packed(groups)
        else:
            vectors = torch.cat([self._padded(ids, lengths) for ids, lengths in groups])
        for layer in self.layers:
            vectors = layer(vectors)
        return vectors.float()

    def checkpoint_activations(self) -> None:
        """From now on, keep no activations for the backward pass: less memory, a third slower."""
        with warnings.catch_warnings():  # its new name is not in every version that we work with
            warnings.simplefilter("ignore", FutureWarning)
            self.transformer.gradient_checkpointing_enable({"use_reentrant": False})

    def add_lora(self, rank: int) -> None:
        """From now on, learn changes of the transformer's matrices that are of this rank, alone.

        Raises:
            MissingPackageError: if peft is not installed.
        """
        add_lora(self.transformer, rank)

    def merge_lora(self) -> None:
        """Put these changes into the matrices: the transformer is a plain one again."""
        merge_lora(self.transformer)

    @property
    def group_size(self) -> int:
        """Texts that it likes to be trained on side by side: as many as the caches hold."""
        return 32 if self.transformer.device.type == "cpu" else 1024

    @property
    def layout(self) -> Layout:
        """What the folder of this encoder says beside the transformer."""
        config = self.config
        return Layout(
            self._pooling, tuple(self.layers), config.max_length, config.lower, config.prompt
        )

    @property
    def _pooling(self) -> tuple[str, ...]:
        return tuple(self.config.pooling.split("+"))

    def _packed(self, groups: Sequence[Group]) -> Tensor:
        """Pooled states of all texts of all groups, all in one row of pieces."""
        flat = torch.cat([ids[_inside(ids, lengths)] for ids, lengths in groups])
        runs = runs_of([length for _, lengths in groups for length in lengths.tolist()])
        states = packed_states(self.transformer, flat, runs).split([run.size for run in runs])
        return torch.cat(
            [
                self._pooled(
                    of_run.view(run.texts, run.length, -1), torch.full((run.texts,), run.length)
                )
                for run, of_run in zip(runs, states, strict=True)
            ]
        )

    def _padded(self, ids: Tensor, lengths: Tensor) -> Tensor:
        inside = _inside(ids, lengths)
        mask = None if bool(inside.all()) else inside.long()
        states = self.transformer(input_ids=ids, attention_mask=mask).last_hidden_state
        return self._pooled(states, lengths)

    def _pooled(self, states: Tensor, lengths: Tensor) -> Tensor:
        return torch.cat([pool(states, lengths, mode) for mode in self._pooling], dim=-1)


def _inside(ids: Tensor, lengths: Tensor) -> Tensor:
    """Where a piece stands, and no padding, (n, L) bool."""
    return torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]


def _known(pooling: str) -> str:
    if pooling not in MODES:
        raise InputError(f"pooling is {pooling!r}; the ways known are {', '.join(MODES)}")
    return pooling


def _normalized(layout: Layout, normalize: bool | None) -> list[nn.Module]:
    """The layers after pooling, with or without the one for unit length."""
    if normalize is None:
        return list(layout.layers)
    others = [layer for layer in layout.layers if not isinstance(layer, Normalize)]
    return [*others, Normalize()] if normalize else others


def _dim(pooled: int, layers: nn.ModuleList) -> int:
    """Width of the vectors; the layers are asked, not believed."""
    with torch.no_grad():
        vectors = torch.zeros(1, pooled)
        for layer in layers:
            vectors = layer(vectors)
    return vectors.shape[1]


def _at_least_three(length: int) -> int:
    if length < 3:
        raise InputError(
            f"max_length is {length}; at least 3 pieces are needed, two of which are special"
        )
    return length
