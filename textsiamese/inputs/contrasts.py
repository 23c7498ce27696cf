"""Pairs made from a table's own questions, where models that go by shared words fail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.contrast_rules import RULES
from textsiamese.inputs.names import Names
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import question_key, question_texts
from textsiamese.inputs.rewriting import Rule
from textsiamese.inputs.stored import StoredTexts

_KINDS = ("order", "negation", "number", "name", "wording")  # the scarcest first
_PLAIN = re.compile(r"[A-Z](?!.*[.!?:;] )\S*(?: \S+){3,19}(?<=\w)\?")  # one sentence, 4 to 20 words

Made = dict[tuple[str, bool], list[tuple[str, str]]]


def add_contrast_pairs(
    pairs: Pairs, *, share: float = 0.1, seed: int = 0, away_from: Sequence[Pairs] = ()
) -> Pairs:
    """The pairs, and after them made ones: a question of theirs beside itself, slightly changed.

    Half of them are different: ends or roles exchanged ("from A to B", "from B to A"), a negation
    more or less, another number, another name. Half are the same, changed as slightly and in the
    same places: another order that means the same, "don't" for "do not", "ten" for 10, "UK" for
    "United Kingdom". What is changed, and how, is in `contrast_rules`; it knows English alone, and
    only questions of one sentence. Kinds that the table has few occasions for get fewer pairs.

    A made question stands nowhere else: not in the table, not in those to keep away from.
    Of 100 pairs made from quora/train and read, 96 had the right label.

    Args:
        pairs: labelled pairs to learn from, held in memory.
        share: how many to make at most, as a share of the pairs; from 0 to 1.
        seed: draws questions and changes.
        away_from: tables that no made question may stand in, such as dev and test.

    Raises:
        InputError: if the share is out of range, or the table is graded or larger than memory.
    """
    _check(pairs, share)
    wanted = round(share * len(pairs)) // 2
    made = _make(pairs, wanted, np.random.default_rng(seed), away_from) if wanted else {}
    found = [
        (question, other, same)
        for same in (False, True)
        for question, other in _dealt([made.get((kind, same), []) for kind in _KINDS], wanted)
    ]
    if not found:
        return pairs
    left, right, labels = zip(*found, strict=True)
    return pairs.followed_by(
        left, right, labels, f"{pairs.name} with {len(found):,} contrast pairs"
    )


def _make(pairs: Pairs, wanted: int, draw: np.random.Generator, away_from: Sequence[Pairs]) -> Made:
    """Up to so many pairs of each kind and sort: questions, and what was made of them.

    A question gives one different and one same pair at most, of the scarcest kind that it can.
    """
    questions = question_texts(pairs)
    others = chain.from_iterable(table.texts for table in away_from)
    known = {question_key(text) for text in chain(questions, others)}
    rules = [*RULES, *Names(questions).rules]
    made: Made = {(kind, same): [] for kind in _KINDS for same in (False, True)}
    sorts = {sort: [rule for rule in rules if (rule.kind, rule.same) == sort] for sort in made}
    plain = [text for text in questions if _PLAIN.fullmatch(text)]
    for number in draw.permutation(len(plain)):
        for same in (False, True):
            open_ = (kind for kind in _KINDS if len(made[kind, same]) < wanted)
            for kind in open_:
                other = _changed(plain[number], sorts[kind, same], draw, known)
                if other is not None:
                    made[kind, same].append((plain[number], other))
                    break
    return made


def _changed(
    question: str, rules: Iterable[Rule], draw: np.random.Generator, known: set[str]
) -> str | None:
    """What one of the rules makes of a question, if it is a question that is not known yet."""
    found = [new for rule in rules if (new := rule(question, draw)) is not None]
    if not found:
        return None
    new = found[int(draw.integers(len(found)))]
    key = question_key(new)
    if key in known:
        return None
    known.add(key)
    return new


def _dealt(kinds: Sequence[list[tuple[str, str]]], wanted: int) -> Iterable[tuple[str, str]]:
    """The first of each kind, as many of one as of another, until there are so many in all."""
    left = len(kinds)
    for kind in sorted(kinds, key=len):
        part = kind[: wanted // left]
        wanted, left = wanted - len(part), left - 1
        yield from part


def _check(pairs: Pairs, share: float) -> None:
    if not 0 <= share <= 1:
        raise InputError(f"the share of contrast pairs is {share!r}; it must lie between 0 and 1")
    if pairs.grades is not None:
        raise InputError(
            f"{pairs.name} is graded, and a made pair would have no grade; contrast pairs need a "
            "table whose pairs are the same or different"
        )
    if isinstance(pairs.left, StoredTexts) or isinstance(pairs.right, StoredTexts):
        raise InputError(
            f"{pairs.name} is larger than memory ({len(pairs):,} pairs), and contrast pairs are "
            "made of texts that are held in it; make them of a part of the table"
        )
