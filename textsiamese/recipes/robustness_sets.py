"""The public sets that twins are judged on away from Quora, and the half of PAWS to train on.

Where each file comes from, and on what terms, is in ``data/README.md``. No recipe trains on what
`robustness_sets` gives.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

import textsiamese as ts
from textsiamese.errors import InputError
from textsiamese.inputs.components import connected_components
from textsiamese.inputs.questions import number_questions, question_key

_TITLES = ("question1_title", "question2_title")
_BODIES = ("question1_body", "question2_body")


class PawsHalves(NamedTuple):
    """PAWS-Wiki's 8,000 dev pairs in two parts that share no sentence, about half each.

    Attributes:
        train: pairs that recipes may train on.
        judged: pairs that nothing is ever trained on.
    """

    train: ts.Pairs
    judged: ts.Pairs


def paws_halves(data: Path) -> PawsHalves:
    """The two halves, always the same: whole components of sentences, by a hash of one of them.

    Args:
        data: the folder with ``paraphrase/paws_wiki.parquet``.

    Raises:
        InputError: the file is not there, or cannot be read.
    """
    pairs = _table(data, "paws_wiki")
    trains = np.array([_is_odd(name) for name in _component_names(pairs)])
    return PawsHalves(pairs.subset(trains), pairs.subset(~trains))


def robustness_sets(data: Path) -> dict[str, ts.Pairs]:
    """The public sets by name; pairs of the graded ones (STS-B, SICK) have grades as well.

    Args:
        data: the folder with ``quora/`` and ``paraphrase/``.

    Raises:
        InputError: a file is not there, or cannot be read.
    """
    titles, whole = semeval_questions(data)
    sets = {
        "quora/dev": ts.read_pairs(data / "quora" / "dev.parquet"),
        "PAWS-Wiki, judged half": paws_halves(data).judged,
        "MRPC train": _table(data, "mrpc_train"),
        "Twitter-URL train": _table(data, "twitter_url_train"),
        "SemEval CQA, titles": titles,
        "SemEval CQA, title and body": whole,
        "STS-B dev": _table(data, "stsb_dev", scale=(0, 5)),
        "SICK train": _table(data, "sick_train", scale=(1, 5)),
    }
    return {name: replace(pairs, name=name) for name, pairs in sets.items()}


def semeval_questions(data: Path) -> tuple[ts.Pairs, ts.Pairs]:
    """Forum questions by their titles, and with their bodies.

    Part of the file has both in one text; these pairs are in the second table only.
    """
    import pandas as pd

    table = pd.read_parquet(_file(data, "semeval2016_cqa"))
    whole = table.assign(
        **{
            title: (table[title] + " " + table[body]).str.strip()
            for title, body in zip(_TITLES, _BODIES, strict=True)
        }
    )
    apart = table[(table[_BODIES[0]] != "") | (table[_BODIES[1]] != "")]
    titles, both = (
        ts.read_pairs(each, left=_TITLES[0], right=_TITLES[1], label="label")
        for each in (apart, whole)
    )
    return titles, both


def public_file(file: Path) -> Path:
    """The file of a public set, where it lies.

    Raises:
        InputError: it is not there.
    """
    if not file.is_file():
        raise InputError(f"{file} is not there; data/README.md says how to get it")
    return file


def _component_names(pairs: ts.Pairs) -> Sequence[str]:
    """A name for each pair's component of sentences, whatever the order of the table: (n,)."""
    (ends,) = number_questions(pairs)
    component = connected_components(ends[:, 0], ends[:, 1], int(ends.max()) + 1)[ends[:, 0]]
    least: dict[int, str] = {}
    for number, left, right in zip(component.tolist(), pairs.left, pairs.right, strict=True):
        key = min(question_key(left), question_key(right))
        least[number] = min(key, least.get(number, key))
    return [least[number] for number in component.tolist()]


def _is_odd(name: str) -> bool:
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 1


def _table(data: Path, name: str, scale: tuple[float, float] | None = None) -> ts.Pairs:
    return ts.read_pairs(_file(data, name), scale=scale)


def _file(data: Path, name: str) -> Path:
    return public_file(data / "paraphrase" / f"{name}.parquet")
