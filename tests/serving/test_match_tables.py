"""A left table against a right one: every left row comes back, with what matches it best."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import textsiamese as ts
from textsiamese.errors import InputError, OutputExistsError
from textsiamese.inputs import sides
from textsiamese.serving.tally import Progress
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.twin import Twin

NEW = ["similarity", "probability", "predicted", "problem"]
ASKED = ["Where do I find my box?", "", "Why does bread rise?", "How old is my oven, please?"]
KNOWN = [
    ("Where is my box?", "On the lawn."),
    ("How does bread rise?", 'By "yeast", slowly.'),
    ("", "Nobody asked."),
    ("Can I learn Python?", "Yes."),
    ("Where is my box?", "In the oven."),
]


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    left, right = tmp_path / "asked.csv", tmp_path / "known.csv"
    pd.DataFrame({"id": ["a", "b", "c", "d"], "question": ASKED}).to_csv(left, index=False)
    frame = pd.DataFrame(KNOWN, columns=["question", "answer"])
    frame.insert(0, "id", [1, 2, 3, 4, 5])
    frame.to_csv(right, index=False)
    return left, right


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_left_row_comes_back_beside_its_matches(
    lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    summary = ts.match_table(lstm_twin, *tables, out, k=3)
    rows = rows_of(out)
    assert list(rows[0]) == [
        "id",
        "question",
        "rank",
        "right_row",
        "right_id",
        "right_question",
        "answer",
        *NEW,
    ]
    assert [row["id"] for row in rows] == [*"aaa", "b", *"ccc", *"ddd"]
    assert [row["rank"] for row in rows] == ["1", "2", "3", "", *"123", *"123"]
    asked = [text for text in ASKED if text]
    known = [text for text, _ in KNOWN]
    found = ts.match(lstm_twin, asked, known, 3, on_problem="nan")
    matched = [row for row in rows if row["rank"]]
    assert [row["right_row"] for row in matched] == [str(row) for row in found["right_row"]]
    for row, expected in zip(matched, found.itertuples(), strict=True):
        question, answer = KNOWN[expected.right_row]
        assert (row["right_question"], row["answer"]) == (question, answer)
        assert row["right_id"] == str(expected.right_row + 1)
        assert float(row["similarity"]) == pytest.approx(expected.similarity, rel=1e-5)
        assert float(row["probability"]) == pytest.approx(expected.probability, rel=1e-5)
        assert row["predicted"] == str(int(expected.predicted))
        assert row["problem"] == ""
    alone = rows[3]
    assert alone.pop("problem") == "line 3: question is empty"
    assert list(alone.values()) == ["b", *[""] * 9]
    best = found[found["rank"] == 1]
    assert (summary.tally.rows, summary.tally.problems) == (4, 1)
    assert summary.tally.predicted == best["predicted"].sum()
    assert sorted(os.listdir(tmp_path)) == ["asked.csv", "known.csv", "out.csv"]


@pytest.mark.parametrize("chunk_rows", [1, 2, 3])
@pytest.mark.parametrize("name", ["lstm_twin", "head_twin"])
def test_chunks_leave_no_trace(
    request: pytest.FixtureRequest, tables: tuple[Path, Path], name: str, chunk_rows: int
) -> None:
    twin, whole, chunked = request.getfixturevalue(name), io.BytesIO(), io.BytesIO()
    ts.match_table(twin, *tables, whole)
    ts.match_table(twin, *tables, chunked, chunk_rows=chunk_rows)
    assert len(whole.getvalue().splitlines()) == 1 + 3 * 4 + 1
    assert without_numbers(whole) == without_numbers(chunked)


def without_numbers(file: io.BytesIO) -> Any:
    """The table, its numbers to a few digits: the rounding of an encoder depends on its batch."""
    frame = pd.read_csv(io.BytesIO(file.getvalue()))
    return frame.round(4).astype(str).to_numpy().tolist()


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet", ".csv.gz"])
def test_every_kind_holds_the_same(
    lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"out{suffix}"
    ts.match_table(lstm_twin, *tables, out, k=2, chunk_rows=3)
    read: dict[str, Callable[[], pd.DataFrame]] = {
        ".tsv": lambda: pd.read_csv(out, sep="\t"),
        ".jsonl": lambda: pd.read_json(out, lines=True),
        ".parquet": lambda: pd.read_parquet(out),
    }
    frame = read.get(suffix, lambda: pd.read_csv(out))()
    stream = io.BytesIO()
    ts.match_table(lstm_twin, *tables, stream, k=2)
    expected = pd.read_csv(io.BytesIO(stream.getvalue()))
    assert list(frame.columns) == list(expected.columns)
    assert frame["right_row"].fillna(-1).tolist() == expected["right_row"].fillna(-1).tolist()
    assert frame["probability"].tolist() == pytest.approx(
        expected["probability"].tolist(), rel=1e-4, nan_ok=True
    )


def test_types_and_objects_stay_as_they_were(lstm_twin: Twin, tmp_path: Path) -> None:
    left, right = tmp_path / "asked.jsonl", tmp_path / "known.parquet"
    records = [{"question": "Where is it?", "tags": ["x", {"y": None}]}, {"question": 5}]
    left.write_text("".join(json.dumps(record) + "\n" for record in records))
    known = pa.table(
        {
            "text": pa.array(["Where?", "Why?"]),
            "score": pa.array([0.5, float("nan")]),
            "when": pa.array([1, None], pa.timestamp("us")),
        }
    )
    pq.write_table(known, right)
    ts.match_table(lstm_twin, left, right, tmp_path / "out.jsonl", k=2)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["tags"] for row in rows[:2]] == [["x", {"y": None}]] * 2
    assert {row["text"]: row["score"] for row in rows[:2]} == {"Where?": 0.5, "Why?": None}
    assert rows[2]["question"] == 5
    assert "tags" not in rows[2]
    assert rows[2]["rank"] is rows[2]["text"] is rows[2]["similarity"] is None
    assert rows[2]["problem"] == "line 2: question is no text but 5"
    ts.match_table(lstm_twin, right, right, tmp_path / "out.parquet", k=1)
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.schema.names == [
        "text",
        "score",
        "when",
        "rank",
        "right_row",
        "right_text",
        "right_score",
        "right_when",
        *NEW,
    ]
    assert out.schema.field("right_when").type == pa.timestamp("us")
    assert out.column("right_row").to_pylist() == [0, 1]


def test_texts_that_are_held_as_large_strings_are_written_as_they_were(
    lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ts.match_table(lstm_twin, *tables, tmp_path / "a.parquet")
    monkeypatch.setattr(sides, "_MOST_BYTES", 1)
    ts.match_table(lstm_twin, *tables, tmp_path / "b.parquet")
    one, other = (pq.read_table(tmp_path / name) for name in ("a.parquet", "b.parquet"))
    assert one == other


def test_matches_below_a_probability_are_left_out_and_their_rows_stay(
    lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path
) -> None:
    summary = ts.match_table(lstm_twin, *tables, tmp_path / "out.csv", min_probability=1.0)
    rows = rows_of(tmp_path / "out.csv")
    assert [row["id"] for row in rows] == list("abcd")
    assert {row["rank"] for row in rows} == {""}
    assert [bool(row["problem"]) for row in rows] == [False, True, False, False]
    assert summary.tally.predicted == 0


def test_another_threshold_and_prior_change_what_is_predicted(
    lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path
) -> None:
    for number, threshold in enumerate((0.0, 1.0)):
        out = tmp_path / f"{number}.csv"
        ts.match_table(lstm_twin, *tables, out, threshold=threshold, prior=0.01 if number else None)
    low, high = (rows_of(tmp_path / f"{number}.csv") for number in (0, 1))
    assert {row["predicted"] for row in low} == {"1", ""}
    assert {row["predicted"] for row in high} == {"0", ""}
    assert float(high[0]["probability"]) < float(low[0]["probability"])


def test_a_twin_without_a_decision_leaves_the_cells_empty(
    lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path
) -> None:
    undecided = lstm_twin.with_parts(measure=lstm_twin.measure)
    ts.match_table(undecided, *tables, tmp_path / "out.csv")
    rows = rows_of(tmp_path / "out.csv")
    assert {row["probability"] + row["predicted"] for row in rows} == {""}
    assert float(rows[0]["similarity"]) > float(rows[1]["similarity"]) - 1e-9


def test_what_is_told(lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path) -> None:
    told: list[str] = []
    seen: list[Progress] = []
    options: dict[str, Any] = {"k": 9, "tell": told.append, "progress": seen.append}
    ts.match_table(lstm_twin, *tables, io.BytesIO(), index=tmp_path / "ix", **options)
    assert told[:2] == [
        "known.csv, line 4: question is empty",
        "known.csv: 1 row is matched with nothing",
    ]
    assert told[2].startswith("known.csv: 4 rows, 3 different texts: 3 encoded, 0 taken from ")
    assert told[3:] == [
        "of known.csv all 4 rows are ranked, as k is 9",
        "asked.csv, line 3: question is empty",
    ]
    assert [now.rows for now in seen] == [0, 4]
    told.clear()
    ts.match_table(lstm_twin, *tables, io.BytesIO(), index=tmp_path / "ix", **options)
    assert told[2].startswith("known.csv: 4 rows, 3 different texts: 0 encoded, 3 taken from ")


def test_strict_stops_at_either_side(
    lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path
) -> None:
    left, right = tables
    out = tmp_path / "out.csv"
    with pytest.raises(InputError, match=r"^known\.csv, line 4: question is empty$"):
        ts.match_table(lstm_twin, left, right, out, strict=True)
    with pytest.raises(InputError, match=r"^asked\.csv, line 3: question is empty$"):
        ts.match_table(lstm_twin, left, pd.DataFrame({"question": ["a"]}), out, strict=True)
    assert sorted(os.listdir(tmp_path)) == ["asked.csv", "known.csv"]


def test_a_side_without_rows_is_refused(lstm_twin: Twin, tmp_path: Path) -> None:
    for name, text in (("some.csv", "a\n"), ("none.csv", ""), ("blank.csv", '""\n')):
        (tmp_path / name).write_text("question\n" + text)
    some, none, blank = (tmp_path / name for name in ("some.csv", "none.csv", "blank.csv"))
    with pytest.raises(InputError, match=r"none\.csv has no rows to match"):
        ts.match_table(lstm_twin, none, some, tmp_path / "out.csv")
    for empty in (none, blank):
        with pytest.raises(
            InputError, match=r'csv has no row with a text in its column "question"'
        ):
            ts.match_table(lstm_twin, some, empty, tmp_path / "out.csv")
    assert len(os.listdir(tmp_path)) == 3


def test_names_that_are_taken(lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path) -> None:
    left, right = tables
    out = tmp_path / "out.csv"
    ts.match_table(lstm_twin, left, right, out, k=1)
    with pytest.raises(InputError, match="already; give the new columns other names with --prefix"):
        ts.match_table(lstm_twin, out, right, io.BytesIO(), left_column="question")
    again = tmp_path / "again.csv"
    ts.match_table(
        lstm_twin,
        out,
        out,
        again,
        left_column="question",
        right_column="right_question",
        prefix="m_",
        k=1,
    )
    header = again.read_text().splitlines()[0].split(",")
    assert len(header) == len(set(header))
    assert {"right_row", "m_right_row", "right_right_row", "m_problem"} <= set(header)


def test_an_output_or_a_page_in_the_way_stays(
    lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path
) -> None:
    for name in ("out.csv", "page.html"):
        path = tmp_path / name
        path.write_text("mine")
        options = {"html": path} if name == "page.html" else {}
        out = io.BytesIO() if options else path
        with pytest.raises(OutputExistsError, match=f"{name} is there already"):
            ts.match_table(lstm_twin, *tables, out, **options)  # type: ignore[arg-type]
        assert path.read_text() == "mine"
        ts.match_table(lstm_twin, *tables, out, overwrite=True, **options)  # type: ignore[arg-type]
        assert len(path.read_text()) > 100


def stopping(twin: Twin, chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupt the run after so many chunks."""
    from textsiamese.serving.matched import Matcher

    real, done = Matcher.match, 0

    def match(self: Matcher, inputs: Any) -> Any:
        nonlocal done
        done += 1
        if done > chunks:
            raise KeyboardInterrupt
        return real(self, inputs)

    monkeypatch.setattr(Matcher, "match", match)


@pytest.mark.parametrize("page", [False, True])
def test_a_run_that_was_stopped_goes_on(
    lstm_twin: Twin,
    tables: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    page: bool,
) -> None:
    whole, out = tmp_path / "whole.csv", tmp_path / "out.csv"
    pages = [tmp_path / "whole.html", tmp_path / "out.html"]
    options: dict[str, Any] = {"chunk_rows": 1, "k": 2}
    ts.match_table(lstm_twin, *tables, whole, html=pages[0] if page else None, **options)
    options["html"] = pages[1] if page else None
    with monkeypatch.context() as patch:
        stopping(lstm_twin, 2, patch)
        with pytest.raises(KeyboardInterrupt, match=r"the 2 rows finished so far are kept"):
            ts.match_table(lstm_twin, *tables, out, **options)
    with pytest.raises(OutputExistsError, match=r"holds 2 rows that an interrupted run finished"):
        ts.match_table(lstm_twin, *tables, out, **options)
    with pytest.raises(InputError, match=r"was begun with k 2, not 3"):
        ts.match_table(lstm_twin, *tables, out, resume=True, **{**options, "k": 3})
    summary = ts.match_table(lstm_twin, *tables, out, resume=True, **options)
    assert summary.resumed == 2
    assert out.read_bytes() == whole.read_bytes()
    if page:
        assert pages[1].read_bytes() == pages[0].read_bytes()
    assert ts.match_table(lstm_twin, *tables, out, resume=True, **options).finished_before


def test_another_right_table_is_no_resume(
    lstm_twin: Twin, tables: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stopping(lstm_twin, 2, patch)
        with pytest.raises(KeyboardInterrupt):
            ts.match_table(lstm_twin, *tables, tmp_path / "out.csv", chunk_rows=1)
    tables[1].write_text("question,answer,id\nWhere?,There.,7\n")
    with pytest.raises(InputError, match="was begun with another right table"):
        ts.match_table(lstm_twin, *tables, tmp_path / "out.csv", chunk_rows=1, resume=True)


def test_captions_against_a_folder_of_pictures_and_the_other_way_round(
    colour_twin: PseudoSiamese, paint: Callable[..., Path], tmp_path: Path
) -> None:
    folder = paint(a="red", b="blue", d="green")
    (folder / "c.png").write_bytes(b"no picture")
    (folder / "readme.txt").write_bytes(b"")
    captions = tmp_path / "captions.csv"
    captions.write_text("caption\nblue\nred\n")
    told: list[str] = []
    out = tmp_path / "out.csv"
    ts.match_table(
        colour_twin, captions, folder, out, k=1, html=tmp_path / "p.html", tell=told.append
    )
    assert [(row["caption"], row["picture"], row["predicted"]) for row in rows_of(out)] == [
        ("blue", "b.png", "1"),
        ("red", "a.png", "1"),
    ]
    assert "1 file left out" in told[0]
    assert told[1].startswith("pictures, row 3: ")
    assert "c.png" in told[1]
    assert told[2] == "pictures: 1 row is matched with nothing"
    assert (tmp_path / "p.html").read_text().count("data:image/jpeg;base64,") == 2
    with pytest.raises(InputError, match=r"^pictures, row 3: "):
        ts.match_table(colour_twin, captions, folder, io.BytesIO(), strict=True)


def test_a_left_picture_that_cannot_be_read_has_a_problem(
    colour_twin: PseudoSiamese, paint: Callable[..., Path], tmp_path: Path
) -> None:
    turned = PseudoSiamese(
        colour_twin.tower("right"), colour_twin.tower("left"), decision=colour_twin.decision
    )
    folder = paint(a="red", b="blue")
    table, captions = tmp_path / "photos.csv", tmp_path / "captions.csv"
    table.write_text("image\nb.png\ngone.png\na.png\n")
    captions.write_text("caption\nblue\nred\n")
    out = tmp_path / "out.csv"
    summary = ts.match_table(turned, table, captions, out, k=1, pictures=folder)
    rows = rows_of(out)
    assert [(row["image"], row["caption"]) for row in rows] == [
        ("b.png", "blue"),
        ("gone.png", ""),
        ("a.png", "red"),
    ]
    assert rows[1]["problem"].startswith("line 3: ")
    assert "gone.png" in rows[1]["problem"]
    assert summary.tally.problems == 1
    with pytest.raises(InputError, match=r"^photos\.csv, line 3: "):
        ts.match_table(turned, table, captions, io.BytesIO(), pictures=folder, strict=True)
