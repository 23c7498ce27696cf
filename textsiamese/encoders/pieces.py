"""The tokenizer of a pretrained model, handing out the same :class:`Tokens` as our vocabulary."""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from textsiamese.encoders.tokens import Tokens, pieces_of, share_of, unknown_share

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

_CONTINUES = "##"
_BEGINS = ("▁", "Ġ")
_PUNCTUATION = set(string.punctuation)


class Pieces:
    """A tokenizer of the ``tokenizers`` package, with the special pieces of its model.

    Args:
        tokenizer: the tokenizer; a copy is kept, without padding.
        unknown: the piece that stands for what the tokenizer cannot spell; None if it has none.
        lower: whether texts are lower-cased first.
        prompt: put before each text.
        cut: the end at which long texts are cut, "right" or "left".
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        unknown: str | None = None,
        lower: bool = False,
        prompt: str = "",
        cut: str = "right",
    ) -> None:
        from tokenizers import Tokenizer as Json

        self._tokenizer = Json.from_str(tokenizer.to_str())
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._lower, self._prompt, self._cut = lower, prompt, cut
        self._unknown = None if unknown is None else self._tokenizer.token_to_id(unknown)
        self._begins_word = _beginnings(self._tokenizer)

    def __len__(self) -> int:
        return len(self._begins_word)

    def to_json(self) -> str:
        """The tokenizer as the JSON text of a ``tokenizers`` file."""
        return self._tokenizer.to_str()

    @cached_property
    def ends(self) -> tuple[int, int]:
        """How many pieces stand before each text, its prompt among them, and how many behind it."""
        mask = self._tokenizer.encode("a").special_tokens_mask
        before, after = ([*special, 0].index(0) for special in (mask, mask[::-1]))
        prompt = self._tokenizer.encode(self._prompt.rstrip(), add_special_tokens=False)
        return before + len(prompt), after

    def encode(self, texts: Sequence[str], max_length: int) -> Tokens:
        """Cut ``texts`` into pieces, at most ``max_length`` of each text, special ones included."""
        read = [self._prompt + (text.lower() if self._lower else text) for text in texts]
        self._tokenizer.enable_truncation(max_length, direction=self._cut)
        flat, lengths, cut = pieces_of(self._tokenizer, read)
        self._tokenizer.no_truncation()
        unknown = unknown_share(self._begins_word[flat], lengths)
        if self._unknown is not None:
            unknown = np.maximum(unknown, share_of(flat == self._unknown, lengths))
        return Tokens(flat, lengths, cut, unknown)


def _beginnings(tokenizer: Tokenizer) -> NDArray[np.bool_]:
    """Which pieces begin a word, by the marks of this kind of tokenizer, (pieces,).

    Special pieces and closing marks do, though no tokenizer marks them so: they spell no word on.
    """
    pieces = tokenizer.get_vocab()
    marked = any(piece.startswith(_BEGINS) for piece in pieces)
    begins = np.ones(max(pieces.values(), default=-1) + 1, dtype=np.bool_)
    for piece, index in pieces.items():
        starts = piece.startswith(_BEGINS) or set(piece) <= _PUNCTUATION
        begins[index] = starts if marked else not piece.startswith(_CONTINUES)
    for index, added in tokenizer.get_added_tokens_decoder().items():
        begins[index] |= added.special
    return begins
