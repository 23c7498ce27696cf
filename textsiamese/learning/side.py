"""The distinct inputs of one side of a table, ready to be put into batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from textsiamese.encoders.encoder import Encoder, PictureEncoder, TextEncoder
from textsiamese.encoders.tokens import Tokens
from textsiamese.inputs.decoded import DecodedPictures
from textsiamese.inputs.stored import Ints, StoredTexts, take

_LOOKED_AT = 2_000


class SideBatch(Protocol):
    """Some inputs of a side.

    Attributes:
        order: (m,) their places among those that were asked for, what suits one group together.
    """

    order: Ints

    def groups(self, places: Ints) -> list[Any]:
        """The inputs at these places, in this order, as the encoder takes them."""
        ...


class TextSide:
    """Texts cut into pieces: once, here; stored ones, which would fill the memory, batch by batch.

    Args:
        texts: distinct ones.
        encoder: cuts them.
    """

    def __init__(self, texts: Sequence[str], encoder: TextEncoder) -> None:
        self._texts, self._encoder = texts, encoder
        self._tokens = None if isinstance(texts, StoredTexts) else encoder.tokens(texts)

    def __len__(self) -> int:
        return len(self._texts)

    def batch(self, numbers: Ints) -> SideBatch:
        """The texts with these numbers, the shortest first."""
        if self._tokens is not None:
            return _Texts(self._tokens, numbers, self._encoder.group_size)
        tokens = self._encoder.tokens(list(take(self._texts, numbers)))
        return _Texts(tokens, np.arange(len(numbers)), self._encoder.group_size)

    def cut(self) -> tuple[int, int]:
        """How many texts are longer than the encoder reads, and among how many.

        These are all of them; where they are stored, 2,000 of them or so.
        """
        tokens = self._tokens
        if tokens is None:
            tokens = self._encoder.tokens(list(self._texts[:: -(-len(self._texts) // _LOOKED_AT)]))
        return int(tokens.cut.sum()), len(tokens)


class PictureSide:
    """Pictures, decoded once, here.

    Args:
        pictures: distinct paths.
        encoder: says what they are decoded to.
        room: how many times as wide, so that a part of a picture is as sharp as a whole one.

    Raises:
        InputError: naming a picture that cannot be read.
    """

    def __init__(self, pictures: Sequence[str], encoder: PictureEncoder, room: float) -> None:
        form = replace(encoder.form, size=round(encoder.config.size * room))
        self._pixels = DecodedPictures(pictures, form)
        self._group_size = encoder.group_size

    def __len__(self) -> int:
        return len(self._pixels)

    def batch(self, numbers: Ints) -> SideBatch:
        """The pictures with these numbers, in this order."""
        return _Pictures(self._pixels, numbers, self._group_size)

    def cut(self) -> tuple[int, int]:
        """None of them is."""
        return 0, len(self)


SideInputs = TextSide | PictureSide


def side_of(inputs: Sequence[str], encoder: Encoder, room: float = 1.0) -> SideInputs:
    """What an encoder reads of a table.

    Args:
        inputs: distinct texts, or paths of pictures.
        encoder: reads them.
        room: see `PictureSide`.

    Raises:
        InputError: naming a picture that cannot be read.
    """
    if encoder.reads == "pictures":
        return PictureSide(inputs, encoder, room)
    return TextSide(inputs, encoder)


class _Texts:
    def __init__(self, tokens: Tokens, at: Ints, size: int) -> None:
        self._tokens, self._at, self._size = tokens, at, size
        self.order = np.argsort(tokens.lengths[at], kind="stable")

    def groups(self, places: Ints) -> list[tuple[Tensor, Tensor]]:
        return [self._group(self._at[part]) for part in _parts(places, self._size)]

    def _group(self, at: Ints) -> tuple[Tensor, Tensor]:
        tokens = self._tokens
        return torch.from_numpy(tokens.padded(at)), torch.from_numpy(tokens.lengths[at])


class _Pictures:
    def __init__(self, pixels: DecodedPictures, numbers: Ints, size: int) -> None:
        self._pixels, self._numbers, self._size = pixels, numbers, size
        self.order = np.arange(len(numbers))

    def groups(self, places: Ints) -> list[Tensor]:
        parts = _parts(self._numbers[places], self._size)
        return [torch.from_numpy(self._pixels[part]) for part in parts]


def _parts(numbers: Ints, size: int) -> list[Ints]:
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]
