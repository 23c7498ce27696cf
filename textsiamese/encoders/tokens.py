"""A fast subword vocabulary: byte-pair pieces learnt from given texts, bytes as the last resort."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from textsiamese.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Encoding, Tokenizer
    from tokenizers.models import Model

PAD, EMPTY = 0, 1
_RESERVED = ["<pad>", "<empty>", *(f"<0x{byte:02X}>" for byte in range(256))]
_WORD = r"[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*|\p{N}+|[^\s\p{L}\p{M}\p{N}]"
_CLOSING = r"(?<=[\p{L}\p{N}])[\s?!.]+\z"
_MARK = "▁"
_SPELT = 3
_BLOCK = 8192
_LETTERS = 200


@dataclass(frozen=True)
class Tokens:
    """The pieces of n texts, laid end to end.

    Attributes:
        flat: int32 (total,), all piece ids, text after text; never empty for a text.
        lengths: int64 (n,), pieces kept of each text, at least 1.
        cut: bool (n,), True where a text was longer than the limit.
        unknown: float32 (n,), share of a text's pieces that spell words which the vocabulary
            does not know (a word that takes three pieces or more), in [0, 1].
    """

    flat: NDArray[np.int32]
    lengths: NDArray[np.int64]
    cut: NDArray[np.bool_]
    unknown: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each text begins in ``flat``, int64 (n,)."""
        return np.cumsum(self.lengths) - self.lengths

    def padded(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The ids of the texts ``rows``, int64 (len(rows), longest), filled up with ``PAD``."""
        lengths = self.lengths[rows]
        steps = np.arange(lengths.max(initial=0))
        inside = steps < lengths[:, None]
        return np.where(
            inside, self.flat[np.where(inside, self.starts[rows, None] + steps, 0)], PAD
        )


class Vocabulary:
    """Byte-pair pieces of lower-cased words; what none covers is spelt in bytes: nothing is lost.

    Case, Unicode presentation (NFKC), curly apostrophes and the closing marks of a text
    (``?``, ``!``, ``.``) make no difference. Words keep their apostrophes ("can't" is one word),
    no word is left out, and every number is a word of its own.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._begins_word = np.zeros(len(self), dtype=np.bool_)
        for piece, index in tokenizer.get_vocab().items():
            self._begins_word[index] = piece.startswith(_MARK)

    @classmethod
    def learn(cls, texts: Iterable[str], size: int = 24_000) -> Vocabulary:
        """Learn a vocabulary of at most ``size`` pieces from ``texts``.

        Give it the training texts only: pieces learnt from texts that a twin is judged on leak.
        The same texts give the same vocabulary, and what occurs once only never becomes a piece:
        a saved vocabulary does not give away the one name or number that a text held.

        Raises:
            InputError: if ``size`` leaves no room beside the 258 reserved pieces.
        """
        if size < len(_RESERVED) + 64:
            raise InputError(
                f"a vocabulary of {size} pieces was asked for, but {len(_RESERVED)} are reserved "
                f"for bytes: ask for {len(_RESERVED) + 64} at least"
            )
        from tokenizers import models, trainers

        learner, texts = _pipeline(models.BPE()), list(texts)
        alphabet = _alphabet(learner.normalizer.normalize_str(text) for text in texts)
        trainer = trainers.BpeTrainer(
            vocab_size=size - len(_RESERVED),
            initial_alphabet=alphabet,
            limit_alphabet=len(alphabet),
            min_frequency=2,
            show_progress=False,
        )
        learner.train_from_iterator(texts, trainer)
        learnt = json.loads(learner.to_str())["model"]
        pieces = sorted(learnt["vocab"], key=learnt["vocab"].__getitem__)
        vocab = {piece: index for index, piece in enumerate([*_RESERVED, *pieces])}
        merges = [(left, right) for left, right in learnt["merges"]]
        return cls(_pipeline(models.BPE(vocab=vocab, merges=merges, byte_fallback=True)))

    @classmethod
    def from_json(cls, text: str) -> Vocabulary:
        """The vocabulary that ``to_json`` wrote."""
        from tokenizers import Tokenizer

        return cls(Tokenizer.from_str(text))

    def to_json(self) -> str:
        """The vocabulary as the JSON text of a ``tokenizers`` file."""
        return self._tokenizer.to_str()

    def __len__(self) -> int:
        return self._tokenizer.get_vocab_size()

    def pieces(self, text: str) -> list[str]:
        """The pieces of one text, as strings; ``▁`` marks the beginning of a word."""
        return self._tokenizer.encode(text).tokens or [_RESERVED[EMPTY]]

    def encode(self, texts: Sequence[str], max_length: int) -> Tokens:
        """Cut ``texts`` into pieces, at most ``max_length`` of each text."""
        flat, whole, _ = pieces_of(self._tokenizer, texts)
        lengths, cut = np.minimum(whole, max_length), whole > max_length
        if cut.any():
            flat = flat[_steps(whole) < np.repeat(lengths, whole)]
        return Tokens(flat, lengths, cut, unknown_share(self._begins_word[flat], lengths))


def pieces_of(
    tokenizer: Tokenizer, texts: Sequence[str]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.bool_]]:
    """All pieces of n texts, end to end; how many each has; which ones the tokenizer cut short."""
    starts = range(0, max(1, len(texts)), _BLOCK)
    blocks = [list(texts[start : start + _BLOCK]) for start in starts]
    with ThreadPoolExecutor(1) as ahead:  # cuts the next block while this one is laid out
        found = list(map(_laid_out, ahead.map(tokenizer.encode_batch_fast, blocks)))
    flat, lengths, cut = (np.concatenate(part) for part in zip(*found, strict=True))
    return flat, lengths, cut


def _laid_out(
    encodings: Sequence[Encoding],
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.bool_]]:
    """Some texts end to end; one without any piece has ``EMPTY``."""
    ids = [encoding.ids or [EMPTY] for encoding in encodings]
    lengths = np.fromiter(map(len, ids), dtype=np.int64, count=len(ids))
    cut = np.fromiter((bool(each.overflowing) for each in encodings), dtype=np.bool_)
    return np.fromiter(chain.from_iterable(ids), np.int32, count=lengths.sum()), lengths, cut


def _steps(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2... within each text, end to end."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _alphabet(texts: Iterable[str]) -> list[str]:
    """The mark of a word and the most frequent characters of ``texts``; ties by code point."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    letters = (each for each in counts if each != _MARK and not each.isspace())
    ranked = sorted(letters, key=lambda each: (-counts[each], each))
    return [_MARK, *ranked[:_LETTERS]]


def unknown_share(
    begins_word: NDArray[np.bool_], lengths: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Share of each text's pieces that stand in a word of ``_SPELT`` pieces or more, (n,)."""
    if not len(lengths):
        return np.zeros(0, dtype=np.float32)
    begins_word = begins_word.copy()
    begins_word[np.cumsum(lengths) - lengths] = True
    words = np.flatnonzero(begins_word)
    sizes = np.diff(words, append=len(begins_word))
    return share_of(np.repeat(sizes >= _SPELT, sizes), lengths)


def share_of(hits: NDArray[np.bool_], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
    """Share of hits among each text's pieces, (n,)."""
    if not len(lengths):
        return np.zeros(0, dtype=np.float32)
    counts = np.add.reduceat(hits, np.cumsum(lengths) - lengths, dtype=np.int64)
    return (counts / lengths).astype(np.float32)


def _pipeline(model: Model) -> Tokenizer:
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace("’", "'"),
            normalizers.Replace(Regex(_CLOSING), ""),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORD), "removed", invert=True),
            pre_tokenizers.Metaspace(_MARK, prepend_scheme="always", split=False),
        ]
    )
    return tokenizer
