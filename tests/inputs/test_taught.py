from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.taught import taught_label
from textsiamese.inputs.whole import read_pairs

FRAME = pd.DataFrame(
    {
        "question1": ["a", "b", "c", "d"],
        "question2": ["e", "f", "g", "h"],
        "is_duplicate": ["1", "", "0", ""],
        "similarity": [2.0, 0.1, 0.3, -1.0],
        "probability": [0.25, 0.5, 1.0, 0.49],
        "predicted": [1, 1, 1, 1],
    }
)


@pytest.mark.parametrize("form", ["frame", "csv", "tsv", "jsonl", "parquet", "arrow", "dataset"])
@pytest.mark.parametrize("labelled", [True, False])
def test_probabilities_come_with_their_pairs_in_every_form(
    form: str, labelled: bool, tmp_path: Path
) -> None:
    frame = FRAME if labelled else FRAME.drop(columns="is_duplicate")
    path = tmp_path / f"a.{form}"
    source: Any = path
    if form == "frame":
        source = frame
    elif form == "parquet":
        frame.to_parquet(path)
    elif form == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif form == "arrow":
        source = pa.Table.from_pandas(frame)
    elif form == "dataset":
        source = datasets.Dataset.from_pandas(frame)
    else:
        frame.to_csv(path, index=False, sep="\t" if form == "tsv" else ",")
    pairs = read_pairs(source, taught="probability")
    assert pairs.taught is not None
    assert pairs.taught.tolist() == [0.25, 0.5, 1.0, 0.49]
    assert pairs.labels.tolist() == ([1, 1, 0, 0] if labelled else [0, 1, 1, 0])
    assert pairs.left == ["a", "b", "c", "d"]
    assert pairs.unlabelled is not None
    assert pairs.unlabelled.tolist() == ([False, True, False, True] if labelled else [True] * 4)


def test_predicted_is_no_label_column() -> None:
    frame = FRAME.drop(columns="is_duplicate")
    with pytest.raises(InputError, match="no label column"):
        read_pairs(frame)
    assert read_pairs(frame, taught=" Probability").labels.tolist() == [0, 1, 1, 0]


def test_a_table_turned_round_has_probabilities_of_the_same_all_the_same() -> None:
    pairs = read_pairs(FRAME, taught="probability", similar_is_zero=True)
    assert pairs.labels.tolist() == [0, 1, 1, 0]
    assert pairs.taught is not None
    assert pairs.taught.tolist() == [0.25, 0.5, 1.0, 0.49]


ODD = "left,right,label,p\na,b,1,0.5\nc,d,1,\ne,f,0,1.5\ng,h,,much\ni,,1,0.5\nj,k,,nan\nl,m,,1\n"


def test_rows_without_a_probability_cannot_be_used(write: Any) -> None:
    path = write("a.csv", ODD)
    with pytest.raises(InputError) as caught:
        read_pairs(path, taught="p")
    assert (
        "5 rows cannot be used: line 3: p is blank; "
        'line 4: p is "1.5", and no number from 0 to 1; '
        'line 5: p is "much", and no number from 0 to 1; line 6: right is empty; line 7: p is "nan"'
    ) in str(caught.value)
    told: list[str] = []
    pairs = read_pairs(path, taught="p", on_problem="drop", tell=told.append)
    assert (pairs.left, pairs.labels.tolist()) == (["a", "l"], [1, 1])
    assert pairs.taught is not None
    assert pairs.taught.tolist() == [0.5, 1.0]
    assert told[-2] == "a.csv: 5 rows were left out"
    assert told[-1].startswith("a.csv: 1 of 2 pairs have no label, and take the teacher's word")


def test_rows_that_cannot_be_used_are_not_told_as_unlabelled(write: Any) -> None:
    told: list[str] = []
    path = write("a.csv", 'left,right,p\na,b,0.9\n"",c,0.2\n')
    read_pairs(path, taught="p", on_problem="drop", tell=told.append)
    assert told[-1].startswith("a.csv: 1 of 1 pairs have no label")
    assert told[-1].endswith("judge twins on pairs that have a label (--dev, --test)")


def test_where_all_pairs_are_labelled_none_is_marked(write: Any) -> None:
    pairs = read_pairs(write("a.csv", "left,right,label,p\na,b,1,0.5\n"), taught="p")
    assert pairs.unlabelled is None


def test_labels_nobody_can_read_are_refused_here_too(write: Any) -> None:
    with pytest.raises(InputError, match="-1/\\+1"):
        read_pairs(write("a.csv", "left,right,label,p\na,b,-1,0.5\n"), taught="p")


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("left,right,label\na,b,1\n", {}, r'no column "p" \(--teacher-column\)'),
        ("left,right,p\na,b,1\n", {"label": "p"}, 'column "p" holds the texts or the labels'),
        ("left,right,label,p\na,b,1,1\n", {"scale": (0, 5)}, "leave out scale"),
        ("left,right,p\na,b,1\n", {"positives_only": True}, "leave out scale and positives_only"),
        ("left,right,p\na,b,1\n", {"similar_is_zero": True}, "no label column whose 0 could be"),
        ("anchor,positive,negative,p\na,b,c,1\n", {}, "holds triplets"),
    ],
)
def test_what_does_not_go_together(write: Any, content: str, options: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_pairs(write("a.csv", content), taught="p", **options)


@pytest.mark.parametrize(
    ("label", "probability", "expected"),
    [(1, 0.0, 1), (0, 1.0, 0), (None, 0.5, 1), (None, 0.4999, 0), (None, None, None)],
)
def test_a_label_goes_before_the_teachers_word(
    label: int | None, probability: float | None, expected: int | None
) -> None:
    assert taught_label(label, probability) == expected


def test_whole_and_in_chunks(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textsiamese.inputs.whole.CHUNK_ROWS", 2)
    rows = "".join(f"a{i},b{i},{i / 10}\n" for i in range(7))
    pairs = read_pairs(write("a.csv", "left,right,p\n" + rows), taught="p")
    np.testing.assert_allclose(pairs.taught, np.arange(7) / 10)
