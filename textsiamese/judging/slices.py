"""Slices of pairs by what their texts show: length, shared words, negation and numbers."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from textsiamese.judging.metrics import average_precision, rates
from textsiamese.judging.scored import Bools, Floats

FEW = 100  # pairs; with fewer, one standard error of the accuracy is 3 to 5 points

_SHORT, _MEDIUM = 8, 14  # words; of Quora's pairs a quarter is short, a half medium
_LOW, _HIGH = 0.25, 0.5  # shared words; a third of Quora's pairs each
_AROUND = string.punctuation + "“”‘’«»„…–—¿¡、。，！？؟،"
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_CUES = "not no never none nobody nothing nowhere neither nor without cannot"
_VERBS = "ai are ca could did do does had has have is must need should was were wo would"
_NEGATIONS = frozenset([*_CUES.split(), *(f"{verb}nt" for verb in _VERBS.split())])


class TextSlice(NamedTuple):
    """Pairs that have something in common.

    Attributes:
        group: what they are told apart by, such as "negation".
        name: what these have in common, such as "one side only".
        mask: (n,) which pairs they are.
    """

    group: str
    name: str
    mask: Bools


@dataclass(frozen=True)
class Slice:
    """How good the answers are on one slice; NaN where a metric is not defined.

    Attributes:
        group, name: as in `TextSlice`.
        n: pairs.
        same: how many of them are labelled same. Slices differ in this, and with it in what
            accuracy, F1 and average precision come to by chance.
        few: fewer than 100 pairs, so that the numbers are rough.
        accuracy, f1, precision, recall, average_precision: as in `metrics`.
    """

    group: str
    name: str
    n: int
    same: int
    few: bool
    accuracy: float
    f1: float
    precision: float
    recall: float
    average_precision: float


def text_slices(left: Sequence[str], right: Sequence[str]) -> list[TextSlice]:
    """The pairs by four properties of their texts; each property puts every pair in one slice.

    Words are what stands between blanks, without case and the punctuation around it.

    - "length": words of the longer text; short up to 8, long from 15.
    - "word overlap": Jaccard index of the two sets of words; low below 1/4, high from 1/2.
    - "negation": which of the texts have an English negation (not, no, never, without, ...,
      n't, also written without its apostrophe).
    - "numbers": whether the two sets of numbers written in digits are equal.
    """
    words = [(_words(a), _words(b)) for a, b in zip(left, right, strict=True)]
    numbers = [(_numbers(a), _numbers(b)) for a, b in zip(left, right, strict=True)]
    length = np.array([max(len(a), len(b)) for a, b in words], dtype=np.int64)
    shared = np.array([_jaccard(set(a), set(b)) for a, b in words], dtype=np.float64)
    denied = np.array([_negated(a) + _negated(b) for a, b in words], dtype=np.int64)
    counted = np.array([len(a | b) > 0 for a, b in numbers], dtype=np.bool_)
    equal = np.array([a == b for a, b in numbers], dtype=np.bool_)
    return [
        TextSlice("length", "short", length <= _SHORT),
        TextSlice("length", "medium", (length > _SHORT) & (length <= _MEDIUM)),
        TextSlice("length", "long", length > _MEDIUM),
        TextSlice("word overlap", "low", shared < _LOW),
        TextSlice("word overlap", "middle", (shared >= _LOW) & (shared < _HIGH)),
        TextSlice("word overlap", "high", shared >= _HIGH),
        TextSlice("negation", "one side only", denied == 1),
        TextSlice("negation", "both sides", denied == 2),
        TextSlice("negation", "none", denied == 0),
        TextSlice("numbers", "differing", ~equal),
        TextSlice("numbers", "same", equal & counted),
        TextSlice("numbers", "none", ~counted),
    ]


def judge_slices(
    slices: Iterable[TextSlice], similarity: Floats, predicted: Bools, same: Bools
) -> tuple[Slice, ...]:
    """How good checked scores and answers are on each slice.

    Args:
        slices: masks (n,).
        similarity: (n,) finite, ranks the pairs.
        predicted: (n,) the answers.
        same: (n,) the labels.
    """
    return tuple(
        _judged(each, similarity[each.mask], predicted[each.mask], same[each.mask])
        for each in slices
    )


def _judged(of: TextSlice, similarity: Floats, predicted: Bools, same: Bools) -> Slice:
    n, positives = len(same), int(same.sum())
    counts = np.array([(predicted & same).sum(), predicted.sum(), positives, n], dtype=np.float64)
    found = rates(*counts[:, None])
    return Slice(
        group=of.group,
        name=of.name,
        n=n,
        same=positives,
        few=n < FEW,
        accuracy=_defined(found.accuracy[0]),
        f1=_defined(found.f1[0]),
        precision=_defined(found.precision[0]),
        recall=_defined(found.recall[0]),
        average_precision=_defined(average_precision(similarity, same)),
    )


def _defined(value: float) -> float:
    """As a float; NaN is one object, so that results of equal numbers are equal."""
    return np.nan if np.isnan(value) else float(value)


def _words(text: str) -> list[str]:
    stripped = (word.strip(_AROUND) for word in text.casefold().replace("’", "'").split())
    return [word for word in stripped if word]


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "") for number in _NUMBER.findall(text)}


def _negated(words: Iterable[str]) -> bool:
    return any(word in _NEGATIONS or word.endswith("n't") for word in words)


def _jaccard(a: set[str], b: set[str]) -> float:
    """Share of the words of either that are in both; 1 where there are none at all."""
    return len(a & b) / len(a | b) if a or b else 1.0
