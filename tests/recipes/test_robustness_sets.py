from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.questions import question_key
from textsiamese.recipes.robustness_sets import paws_halves, robustness_sets, semeval_questions


def write(folder: Path, name: str, **columns: object) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    pd.DataFrame(columns).to_parquet(folder / f"{name}.parquet")


def write_paws(folder: Path, order: np.ndarray) -> None:
    """60 chains of three pairs over four sentences."""
    chains = [[f"sentence {n} of chain {chain}" for n in range(4)] for chain in range(60)]
    table = np.array([pair for chain in chains for pair in pairwise(chain)])[order]
    labels = (np.arange(180) % 2)[order]
    one, other = table.T
    write(folder, "paraphrase/paws_wiki", sentence1=one, sentence2=other, label=labels)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_paws(tmp_path, np.arange(180))
    two = {"sentence1": ["a b", "c"], "sentence2": ["b a", "d"]}
    write(tmp_path, "quora/dev", question1=["a"], question2=["b"], is_duplicate=[1])
    for name in ("mrpc_train", "twitter_url_train"):
        write(tmp_path, f"paraphrase/{name}", **two, label=[1, 0])
    for name in ("stsb_dev", "sick_train"):
        write(tmp_path, f"paraphrase/{name}", **two, similarity=[5.0, 3.0])
    write(
        tmp_path,
        "paraphrase/semeval2016_cqa",
        question1_title=["t1", "t2 and more"],
        question1_body=["b1", ""],
        question2_title=["t3", "t4 and more"],
        question2_body=["", ""],
        label=[1, 0],
    )
    return tmp_path


def test_the_halves_share_no_sentence_and_miss_none(folder: Path) -> None:
    train, judged = paws_halves(folder)
    assert not {*map(question_key, train.texts)} & {*map(question_key, judged.texts)}
    assert len(train) + len(judged) == 180
    assert 60 < len(train) < 120


def test_the_halves_do_not_depend_on_the_order_of_the_table(folder: Path) -> None:
    first = paws_halves(folder)
    write_paws(folder, np.random.default_rng(0).permutation(180))
    again = paws_halves(folder)
    for one, other in zip(first, again, strict=True):
        assert set(zip(one.left, one.right, one.labels, strict=True)) == set(
            zip(other.left, other.right, other.labels, strict=True)
        )


def test_the_halves_never_change(folder: Path) -> None:
    """Weights have been trained on one of them: another cut would be a leak."""
    chains = sorted({int(text.split()[-1]) for text in paws_halves(folder).train.left})
    assert chains[:8] == [0, 3, 4, 5, 6, 7, 8, 9]


def test_every_set_is_named_and_graded_where_it_should_be(folder: Path) -> None:
    sets = robustness_sets(folder)
    assert all(pairs.name == name and len(pairs) for name, pairs in sets.items())
    graded = {name: pairs.grades for name, pairs in sets.items() if pairs.grades is not None}
    assert {name: grades.tolist() for name, grades in graded.items()} == {
        "STS-B dev": [1.0, 0.6],
        "SICK train": [1.0, 0.5],
    }
    assert len(sets["PAWS-Wiki, judged half"]) == len(paws_halves(folder).judged)


def test_forum_questions_by_title_are_those_with_a_body_apart(folder: Path) -> None:
    titles, whole = semeval_questions(folder)
    assert (titles.left, titles.right, titles.labels.tolist()) == (["t1"], ["t3"], [1])
    assert (whole.left, whole.right) == (["t1 b1", "t2 and more"], ["t3", "t4 and more"])
    assert whole.labels.tolist() == [1, 0]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"paws_wiki\.parquet is not there; data/README\.md"):
        paws_halves(tmp_path)
