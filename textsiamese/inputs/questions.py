"""When two texts are the same question, and when two pairs are the same pair."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from textsiamese.inputs.numbering import number_values
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.stored import Ints, StoredTexts, digest_texts

_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_CLOSING = " ?!."
_SHOWN = 3
_LONGEST = 60


def question_key(text: str) -> str:
    """What is left of a text where all that makes no other question of it is gone.

    Case, Unicode presentation (NFKC), curly apostrophes, closing marks (``?``, ``!``, ``.``) and
    blanks between words or beside marks and numbers make no difference: "Is it ( really ) 5kg?"
    is "is it (really) 5 kg". Texts that the encoders cannot tell apart have one key.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("’", "'")
    words = " ".join(_WORD.findall(text.casefold()))
    return words.rstrip(_CLOSING) or words


def number_questions(*tables: Pairs) -> list[Ints]:
    """The two questions of each pair as numbers: 0, 1, 2... in order of appearance.

    Of tables with stored texts only digests of the questions are in memory (`digest_texts`).

    Args:
        tables: n pairs each; a question has one number in all of them.

    Returns:
        for each table (n, 2) int64, the lesser number of each pair first: equal rows are the same
        pair, whichever way round it was written.
    """
    sides = (side for table in tables for side in (table.left, table.right))
    stored = any(isinstance(side, StoredTexts) for side in sides)
    found = _by_digest(tables) if stored else _by_key(tables)
    return [np.sort(ends, axis=1) for ends in found]


def question_texts(table: Pairs) -> list[str]:
    """For each question of a table, by the number that `number_questions` gives it, its first text.

    All of them are held in memory.
    """
    first: dict[str, str] = {}
    for text in dict.fromkeys(chain.from_iterable(zip(table.left, table.right, strict=True))):
        first.setdefault(question_key(text), text)
    return list(first.values())


def _by_key(tables: Sequence[Pairs]) -> list[Ints]:
    numbers: dict[str, int] = {}
    known: dict[str, int] = {}
    for table in tables:
        for text in chain.from_iterable(zip(table.left, table.right, strict=True)):
            if text not in known:
                known[text] = numbers.setdefault(question_key(text), len(numbers))
    sides = [[[known[text] for text in side] for side in (t.left, t.right)] for t in tables]
    return [np.array(both, dtype=np.int64).T for both in sides]


def _by_digest(tables: Sequence[Pairs]) -> list[Ints]:
    digests = [
        np.stack([digest_texts(side, question_key) for side in (table.left, table.right)], axis=1)
        for table in tables
    ]
    numbers = number_values(np.concatenate(digests).ravel())[0].reshape(-1, 2)
    return np.split(numbers, np.cumsum([len(table) for table in tables[:-1]]))


def number_pairs(questions: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """One number a pair, (n,) int64: equal where the pair is the same.

    Args:
        questions: (n, 2), as `number_questions` gives them, each in [0, size).
        size: the number of questions; below 3e9, so that the numbers fit.
    """
    return questions[:, 0] * size + questions[:, 1]


def show_pairs(pairs: Pairs, which: Sequence[int] | NDArray[np.int64]) -> str:
    """The first few of the pairs with these numbers, in words, for a message."""
    shown = [_shown(pairs, int(index)) for index in which[:_SHOWN]]
    more = [f"and {len(which) - _SHOWN:,} more"] if len(which) > _SHOWN else []
    return "; ".join(shown + more)


def shorten(text: str) -> str:
    """A text in quotation marks, cut where it is long."""
    return f'"{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"}"'


def _shown(pairs: Pairs, index: int) -> str:
    row = index if pairs.rows is None else int(pairs.rows[index])
    return f"row {row + 1}, {shorten(pairs.left[index])} / {shorten(pairs.right[index])}"
