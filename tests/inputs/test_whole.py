from __future__ import annotations

import random

import datasets
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs import whole
from textsiamese.inputs.grades import Scale
from textsiamese.inputs.whole import read_pairs

TEXTS = ["How?", "NA", "é😀", 'say "hi"', "a\nb", "a,b;c\td", "x" * 100_000]


@pytest.fixture
def frame() -> pd.DataFrame:
    picks = random.Random(0)
    rows = [(picks.choice(TEXTS), picks.choice(TEXTS), i % 3 % 2) for i in range(50)]
    return pd.DataFrame(rows, columns=["question1", "question2", "is_duplicate"])


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "parquet", "arrow", "dataset", "csv.gz"])
def test_a_table_says_the_same_in_every_form(frame, form, tmp_path):
    path = tmp_path / f"a.{form}"
    source = path
    if form == "parquet":
        frame.to_parquet(path)
    elif form == "jsonl":
        frame.to_json(path, orient="records", lines=True, force_ascii=False)
    elif form == "arrow":
        source = pa.Table.from_pandas(frame)
    elif form == "dataset":
        source = datasets.Dataset.from_pandas(frame)
    else:
        frame.to_csv(path, index=False, sep="\t" if form == "tsv" else ",")
    want, got = read_pairs(frame), read_pairs(source)
    assert got.left == want.left == frame["question1"].tolist()
    assert got.right == want.right == frame["question2"].tolist()
    assert got.labels.tolist() == want.labels.tolist() == frame["is_duplicate"].tolist()
    assert got.labels.dtype == np.int8
    assert got.name == {"arrow": "Table", "dataset": "Dataset"}.get(form, f"a.{form}")


BAD = "left,right,label\na,b,1\n,b,0\nc,d,\ne,f\ng,h,0\n"


def test_rows_that_cannot_be_used_are_named(write):
    with pytest.raises(InputError) as caught:
        read_pairs(write("a.csv", BAD))
    message = str(caught.value)
    assert message.startswith(
        "a.csv: 3 rows cannot be used: line 3: left is empty; line 4: label is blank; "
        "line 5: 2 cells where the header has 3; mend"
    )
    assert "\n" not in message


def test_or_dropped(write):
    pairs = read_pairs(write("a.csv", BAD), on_problem="drop")
    assert (pairs.left, pairs.right) == (["a", "g"], ["b", "h"])
    assert pairs.labels.tolist() == [1, 0]


def test_what_was_dropped_is_told(write):
    assert told_of(write("a.csv", BAD)) == [
        "a.csv, line 3: left is empty",
        "a.csv, line 4: label is blank",
        "a.csv, line 5: 2 cells where the header has 3",
        "a.csv: 3 rows were left out",
    ]
    head = "left,right,label\na,b,1\n"
    many = told_of(write("b.csv", head + ",b,1\n" * 1200))
    assert len(many) == 6
    assert many[-1] == "b.csv: 1,200 rows were left out"
    assert told_of(write("c.csv", head + ",b,1\n"))[-1] == "c.csv: 1 row was left out"
    assert told_of(write("d.csv", head)) == []


def told_of(path):
    told = []
    read_pairs(path, on_problem="drop", tell=told.append)
    return told


def test_only_the_first_five_are_told(write):
    with pytest.raises(InputError, match=r"9 rows .*line 6: left is empty; and 4 more"):
        read_pairs(write("a.csv", "left,right,label\n" + ",b,1\n" * 9))


@pytest.mark.parametrize("on_problem", ["raise", "drop"])
def test_labels_nobody_can_read_are_refused(write, on_problem):
    path = write("a.csv", "left,right,label\n,b,9\na,b,1\n" + "a,b,-1\n" * 7)
    with pytest.raises(InputError) as caught:
        read_pairs(path, on_problem=on_problem)
    message = str(caught.value)
    assert '"-1" (line 4), ' in message
    assert "and 2 more" in message
    assert "-1/+1" in message


def test_a_table_turned_round(write):
    path = write("a.csv", "left,right,label\na,b,0\nc,d,1\n")
    assert read_pairs(path).labels.tolist() == [0, 1]
    assert read_pairs(path, similar_is_zero=True).labels.tolist() == [1, 0]


def test_triplets_give_two_pairs_a_row(write):
    path = write("a.csv", "anchor,positive,negative\na,b,c\nd,e,f\ng,h,\n")
    with pytest.raises(InputError, match="line 4: negative is empty"):
        read_pairs(path)
    pairs = read_pairs(path, on_problem="drop")
    assert list(zip(pairs.left, pairs.right, pairs.labels.tolist(), strict=True)) == [
        ("a", "b", 1),
        ("a", "c", 0),
        ("d", "e", 1),
        ("d", "f", 0),
    ]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("left,right,gold\na,b,1\n", {}, r"a\.csv has no label column.*left, right, gold"),
        ("left,right,label\n", {}, "no row with two inputs and a label"),
        ("left,right,label\n", {"on_problem": "ignore"}, "on_problem"),
        ("left,right,label\na,b,same\n", {"similar_is_zero": True}, "similar_is_zero"),
    ],
)
def test_what_cannot_be_read(write, content, options, message):
    with pytest.raises(InputError, match=message):
        read_pairs(write("a.csv", content), **options)


def test_parquet_row_groups_do_not_matter(frame, tmp_path):
    table = pa.Table.from_pandas(frame)
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=7)
    assert read_pairs(tmp_path / "a.parquet").left == frame["question1"].tolist()


def test_graded_pairs(write):
    path = write("a.csv", "sentence1,sentence2,similarity\na,b,5\nc,d,4.0\ne,f,3.9\ng,,1\nh,i,\n")
    with pytest.raises(InputError, match="line 5: sentence2 is empty; line 6: similarity is blank"):
        read_pairs(path, scale=(0, 5))
    pairs = read_pairs(path, scale=(0, 5), on_problem="drop")
    assert pairs.left == ["a", "c", "e"]
    assert pairs.grades.tolist() == pytest.approx([1, 0.8, 0.78])
    assert pairs.labels.tolist() == [1, 1, 0]
    assert read_pairs(path, scale=Scale(0, 5, 5), on_problem="drop").labels.tolist() == [1, 0, 0]
    with pytest.raises(InputError, match=r"no numbers from 0 to 3: .*\(line 2\), .*\(line 3\)"):
        read_pairs(path, scale=(0, 3), on_problem="drop")


def test_positives_only(write):
    path = write("a.csv", "left,right\na,b\n,c\nd,e\n")
    with pytest.raises(InputError, match="--positives-only"):
        read_pairs(path)
    pairs = read_pairs(path, positives_only=True, on_problem="drop")
    assert (pairs.left, pairs.labels.tolist(), pairs.rows.tolist()) == (["a", "d"], [1, 1], [0, 2])
    labelled = write("b.csv", "left,right,label\na,b,1\n")
    with pytest.raises(InputError, match=r'b\.csv has a label column, "label"'):
        read_pairs(labelled, positives_only=True)


@pytest.mark.parametrize("options", [{"scale": (0, 5)}, {"label": "x"}, {"similar_is_zero": True}])
def test_options_that_contradict_each_other(write, options):
    path = write("a.csv", "anchor,positive,negative\na,b,c\n")
    with pytest.raises(InputError, match="holds triplets"):
        read_pairs(path, **options)
    with pytest.raises(InputError, match="positives_only"):
        read_pairs(path, positives_only=True, **options)


def test_pairs_know_their_rows(write, monkeypatch):
    monkeypatch.setattr(whole, "CHUNK_ROWS", 2)
    path = write("a.csv", "left,right,label\na,b,1\nc,,1\ne,f,0\ng,h,1\n")
    assert read_pairs(path, on_problem="drop").rows.tolist() == [0, 2, 3]
    triplets = write("b.csv", "anchor,positive,negative\na,b,c\n,e,f\ng,h,i\n")
    assert read_pairs(triplets, on_problem="drop").rows.tolist() == [0, 0, 2, 2]


def test_a_column_of_numbers_is_no_column_of_texts(write):
    content = "left,right,label\n1,what?,1\n2.5,how?,0\n"
    with pytest.raises(InputError, match=r'left column holds numbers only, such as "1".*--left'):
        read_pairs(write("a.csv", content))
    assert len(read_pairs(write("b.csv", content.replace("2.5", "two")))) == 2
