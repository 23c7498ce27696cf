from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.sources import open_source
from textsiamese.serving.kinds import output_kind
from textsiamese.serving.scoring import ScoredChunk, new_schema
from textsiamese.serving.tally import Tally

NAMES = ["similarity", "probability", "predicted", "problem"]


def chunk(own: pa.Table, records: list[dict[str, Any]] | None = None) -> ScoredChunk:
    rows = len(own)
    columns = [[0.123456789, None][:rows], [1e-7, None][:rows], [1, None][:rows], ["", "no"][:rows]]
    new = pa.table(dict(zip(NAMES, columns, strict=True)), schema=new_schema(NAMES))
    return ScoredChunk(0, own, new, records, [""] * rows, Tally(rows=rows), 0.5)


def written(name: str, scored: ScoredChunk, folder: Path, copies: int = 1) -> bytes:
    kind = output_kind(name)
    part, file = folder / "part", io.BytesIO()
    with part.open("wb") as stream:
        kind.write_part(scored, stream)
    kind.join(scored.table.schema, [part] * copies, file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.csv", "csv"),
        ("a.TSV", "tsv"),
        ("a.b.jsonl", "jsonl"),
        ("a.ndjson.zst", "jsonl.zst"),
        ("a.csv.gz", "csv.gz"),
        ("a.pq", "parquet"),
    ],
)
def test_the_suffix_says_the_kind(path: str, name: str) -> None:
    assert output_kind(path).name == name


@pytest.mark.parametrize("path", ["scored", "a.txt", "a.gz", "a.parquet.gz", ".csv", "a.xlsx"])
def test_other_suffixes_are_refused(path: str) -> None:
    with pytest.raises(InputError, match=r"follows the suffix, which must be \.csv"):
        output_kind(path)


def test_csv_has_six_digits_and_empty_cells(tmp_path: Path) -> None:
    own = pa.table({"q,1": ["a", "b\nc"]})
    assert written("a.csv", chunk(own), tmp_path).decode() == (
        '"q,1",similarity,probability,predicted,problem\na,0.123457,1e-07,1,\n"b\nc",,,,no\n'
    )


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@given(
    st.lists(st.floats(0, 1), min_size=1),
    st.floats(0, 1),
    st.floats(-1e-7, 1e-7),
)
def test_what_is_written_lies_on_the_side_that_is_predicted(
    name: str, probabilities: list[float], threshold: float, near: float
) -> None:
    values = [*probabilities, threshold, min(max(threshold + near, 0.0), 1.0)]
    predicted = [int(value >= threshold) for value in values]
    new = pa.table([values, values, predicted, [""] * len(values)], schema=new_schema(NAMES))
    own = pa.table({"q": ["a"] * len(values)})
    file = io.BytesIO()
    output_kind(name).write_part(ScoredChunk(0, own, new, None, [], Tally(), threshold), file)
    lines = file.getvalue().decode().splitlines()
    if name == "a.csv":
        written = [line.split(",")[2:4] for line in lines]
    else:
        written = [[json.loads(line)[key] for key in NAMES[1:3]] for line in lines]
    assert [float(p) >= threshold for p, _ in written] == [bool(int(yes)) for _, yes in written]
    assert [float(p) for p, _ in written] == pytest.approx(values, rel=1e-5)


def test_json_lines_keep_the_objects_as_they_were(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"a": "é", "deep": {"x": [1, None]}},
        {"late": 1.5, "half": "\ud800"},
    ]
    own = pa.table({"a": ["é", None]})
    lines = written("a.jsonl", chunk(own, records), tmp_path).decode().splitlines()
    assert "é" in lines[0]
    new = [(0.123457, 1e-07, 1, ""), (None, None, None, "no")]
    expected = [
        {**r, **dict(zip(NAMES, n, strict=True))} for r, n in zip(records, new, strict=True)
    ]
    assert [json.loads(line) for line in lines] == expected


def test_json_lines_of_typed_columns(tmp_path: Path) -> None:
    own = pa.table({"n": [1, None], "f": [0.5, float("nan")], "l": [["x"], None]})
    lines = written("a.jsonl", chunk(own), tmp_path).decode().splitlines()
    assert json.loads(lines[0])["l"] == ["x"]
    assert '"f": null' in lines[1]
    assert "NaN" not in lines[1]


@pytest.mark.parametrize("codec", [".gz", ".zst"])
@pytest.mark.parametrize("kind", [".csv", ".tsv", ".jsonl"])
def test_packed_text_is_the_same_text(tmp_path: Path, kind: str, codec: str) -> None:
    own = pa.table({"a": ["x", "y"]})
    plain = written("a" + kind, chunk(own), tmp_path, copies=3)
    packed = written("a" + kind + codec, chunk(own), tmp_path, copies=3)
    assert packed == written("a" + kind + codec, chunk(own), tmp_path, copies=3)
    if codec == ".gz":
        assert gzip.decompress(packed) == plain
    else:
        reader = pa.CompressedInputStream(pa.BufferReader(packed), "zstd")
        assert reader.read() == plain


def test_parquet_keeps_types_and_metadata(tmp_path: Path) -> None:
    own = pa.table(
        {
            "n": pa.array([1, None], pa.int16()),
            "t": pa.array([1, 2], pa.timestamp("ns", "UTC")),
            "d": pa.array(["a", "b"]).dictionary_encode(),
            "s": pa.array(["a", None], pa.large_string()),
            "b": pa.array([b"\xff", None]),
        }
    ).replace_schema_metadata({"made": "here"})
    scored = chunk(own)
    table = pq.read_table(io.BytesIO(written("a.parquet", scored, tmp_path, copies=2)))
    assert table.schema == scored.table.schema
    assert table.schema.metadata[b"made"] == b"here"
    assert table.slice(2).to_pydict() == scored.table.to_pydict()
    assert table.column("probability").to_pylist()[0] == 1e-7


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_no_rows(tmp_path: Path, name: str) -> None:
    schema = pa.schema([("q", pa.string()), *new_schema(NAMES)])
    file = io.BytesIO()
    output_kind(name).join(schema, [], file)
    content = file.getvalue()
    if name == "a.parquet":
        assert pq.read_table(io.BytesIO(content)).schema == schema
    else:
        header = b"q,similarity,probability,predicted,problem\n"
        assert content == (header if name == "a.csv" else b"")


@pytest.mark.parametrize("name", ["a.csv", "a.tsv.gz", "a.jsonl", "a.jsonl.zst", "a.parquet"])
def test_a_whole_table_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    table = pa.table({"text": ['a "b", c', "d\t\te\nf", "é"], "number": [0.25, -1.0, 3.5]})
    with (tmp_path / name).open("wb") as file:
        output_kind(name).write(table, file)
    source = open_source(tmp_path / name, None, ("text", "number", None))
    (batch,) = source.batches(Columns("text", "text"), 10, 0)
    assert list(batch.left) == table["text"].to_pylist()
    assert [float(each) for each in batch.table["number"].to_pylist()] == [0.25, -1.0, 3.5]
