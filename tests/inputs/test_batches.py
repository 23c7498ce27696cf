from __future__ import annotations

import io

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textsiamese.inputs.batches import Source
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.sources import open_source

N = 11
ROWS = {
    "left": [f"a{i}" for i in range(N)],
    "right": [f"b{i}" for i in range(N)],
    "label": [i % 2 for i in range(N)],
}
ROLES = Columns("left", "right", "label")
KINDS = [
    "csv",
    "tsv",
    "jsonl",
    "parquet",
    "csv.gz",
    "csv.zst",
    "stdin",
    "frame",
    "arrow",
    "dataset",
]


@pytest.fixture(params=KINDS)
def source(request, tmp_path, monkeypatch) -> Source:
    """The same table in every form it can have."""
    kind, frame = request.param, pd.DataFrame(ROWS)
    if kind in ("frame", "arrow", "dataset"):
        table = {
            "frame": frame,
            "arrow": pa.table(ROWS),
            "dataset": datasets.Dataset.from_dict(ROWS),
        }
        return open_source(table[kind], None, (None, None, None))
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        pq.write_table(pa.table(ROWS), path, row_group_size=4)
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_csv(path, index=False, sep="\t" if kind == "tsv" else ",")
    if kind == "stdin":
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
        return open_source("-", None, (None, None, None))
    return open_source(path, None, (None, None, None))


def test_every_source_keeps_the_contract(source):
    assert source.columns == list(ROWS)
    assert source.schema.names == list(ROWS)
    assert source.place in ("line", "row")
    assert source.unit in ("bytes", "rows")
    batches = list(source.batches(ROLES, 4, 0))
    assert [(b.index, b.start, len(b.lines)) for b in batches] == [(0, 0, 4), (1, 4, 4), (2, 8, 3)]
    first = 2 if source.place == "line" and source.columns == list(ROWS) else 1
    lines = [line for b in batches for line in b.lines]
    assert lines == list(range(lines[0], lines[0] + N))
    assert lines[0] in (1, first)
    assert [cell for b in batches for cell in b.left] == ROWS["left"]
    assert [cell for b in batches for cell in b.right] == ROWS["right"]
    assert [int(cell) for b in batches for cell in b.label] == ROWS["label"]
    for batch in batches:
        assert batch.table.schema.equals(source.schema)
        assert batch.table["left"].to_pylist() == list(batch.left)
        assert not batch.faults
    positions = [b.position for b in batches]
    assert positions == sorted(positions)
    assert source.size in (None, positions[-1])
    assert source.notes == []


def test_every_source_can_be_skipped_into(source):
    assert [b.index for b in source.batches(ROLES, 4, 2)] == [2]


def test_every_source_but_a_pipe_has_a_fingerprint(source):
    digest = source.fingerprint()
    assert len(digest) == (0 if source.name == "<stdin>" else 64)
    assert digest == source.fingerprint()
