"""One side of a match: its column is found, its rows are read, and what is wrong is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs import sides
from textsiamese.inputs.sides import SideReader, joined_table, open_side


def table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def inputs_of(reader: SideReader) -> list[str | None]:
    return [each for chunk in reader.chunks() for each in chunk.inputs]


@pytest.mark.parametrize(
    ("header", "side", "column"),
    [
        ("id,question,answer", "left", "question"),
        ("id,question1,question2", "left", "question1"),
        ("id,question1,question2", "right", "question2"),
        ("article,title", "left", "title"),
        ("article,title", "right", "article"),
        ("image,caption", "right", "caption"),
        (" Text ,n", "right", " Text "),
        ("anything", "right", "anything"),
    ],
)
def test_the_column_is_found_by_convention(
    tmp_path: Path, header: str, side: Any, column: str
) -> None:
    path = table(tmp_path / "t.csv", f"{header}\n{','.join('abc'[: header.count(',') + 1])}\n")
    reader = open_side(path, side, "texts")
    assert reader.column == column
    assert reader.columns == header.split(",")


def test_a_column_that_cannot_be_told_is_asked_for(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", "id,words\n1,a\n")
    wanted = r't\.csv: the column of the texts cannot be told .* "id", "words"; .* --right \(right_'
    with pytest.raises(InputError, match=wanted):
        open_side(path, "right", "texts")
    assert inputs_of(open_side(path, "right", "texts", column="WORDS")) == ["a"]
    with pytest.raises(InputError, match=r't\.csv has no column "x" \(--left\)'):
        open_side(path, "left", "texts", column="x")
    frame = pd.DataFrame({"n": [1, 2], "words": ["a", "b"]})
    assert inputs_of(open_side(frame, "left", "texts")) == ["a", "b"]


def test_a_question_in_the_place_of_the_header_is_told(tmp_path: Path) -> None:
    path = table(tmp_path / "t.txt", "How do I return shoes?\nWhere is it?\n")
    reader = open_side(path, "left", "texts")
    assert reader.notes == [
        't.txt: its first line, "How do I return shoes?", is taken for the column\'s name'
    ]
    assert open_side(table(path, "faq\na\n"), "left", "texts").notes == []


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_rows_come_with_their_problems_and_places(tmp_path: Path, rows: int) -> None:
    path = table(tmp_path / "t.csv", "id,question\n1,a\n2,\n3,b,c\n4,d\n")
    chunks = list(open_side(path, "left", "texts", chunk_rows=rows).chunks())
    assert [each for chunk in chunks for each in chunk.inputs] == ["a", None, None, "d"]
    assert [each for chunk in chunks for each in chunk.problems] == [
        "",
        "line 3: question is empty",
        "line 4: 3 cells where the header has 2",
        "",
    ]
    assert [each for chunk in chunks for each in chunk.places][-1] == "line 5"
    assert [chunk.start for chunk in chunks] == list(range(0, 4, rows))
    reader = open_side(path, "left", "texts", chunk_rows=rows)
    assert joined_table(chunks, reader.schema).column("id").to_pylist() == ["1", "2", "3", "4"]


def test_very_many_texts_are_held_as_large_strings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sides, "_MOST_BYTES", 30)
    path = table(tmp_path / "t.csv", f"id,question\n1,{'x' * 40}\n2,b\n")
    reader = open_side(path, "right", "texts", chunk_rows=1)
    held = joined_table(list(reader.chunks()), reader.schema)
    assert [str(kind) for kind in held.schema.types] == ["string", "large_string"]
    assert held.column("question").to_pylist() == ["x" * 40, "b"]


def test_a_chunk_is_cut_and_told_of_faults(tmp_path: Path) -> None:
    path = table(tmp_path / "t.jsonl", '{"text": "a"}\n{"text": ""}\n{"text": "b"}\n')
    (chunk,) = open_side(path, "left", "texts").chunks()
    first = chunk.first(2)
    assert (first.inputs, first.records) == (["a", None], [{"text": "a"}, {"text": ""}])
    assert len(first.table) == 2
    assert first.with_faults({0: "odd"}).problems == ["line 1: odd", "line 2: text is empty"]
    assert first.problems[0] == ""


def test_paths_of_pictures_start_beside_their_table_or_where_is_said(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    path = table(tmp_path / "t.csv", "image,caption\na.png,A cat\n/b.png,A dog\n")
    assert inputs_of(open_side(path, "right", "pictures")) == [str(tmp_path / "a.png"), "/b.png"]
    given = open_side(path, "right", "pictures", pictures=tmp_path / "photos")
    assert inputs_of(given)[0] == str(tmp_path / "photos" / "a.png")
    frame = pd.DataFrame({"picture": ["a.png"]})
    assert inputs_of(open_side(frame, "right", "pictures")) == ["a.png"]
    with pytest.raises(InputError, match=r"there is no folder .*gone to look for pictures in"):
        open_side(path, "right", "pictures", pictures=tmp_path / "gone")


def test_a_folder_is_a_table_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    reader = open_side(tmp_path, "right", "pictures")
    assert (reader.column, reader.size) == ("picture", 1)
    assert inputs_of(reader) == [str(tmp_path / "a.png")]
    with pytest.raises(InputError, match="is a folder, and texts are read on the right side"):
        open_side(tmp_path, "right", "texts")


def test_a_chunk_has_rows(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a chunk has at least one row"):
        open_side(tmp_path, "left", "pictures", chunk_rows=0)


def test_one_picture_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "dog.PNG").write_bytes(b"")
    with pytest.raises(InputError, match="is one picture: name the folder that it lies in"):
        open_side(str(tmp_path / "dog.PNG"), "right", "pictures")
