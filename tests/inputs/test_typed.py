from __future__ import annotations

import gzip
import io
import random
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError, TextsiameseError
from textsiamese.inputs import typed
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.files import TableFile
from textsiamese.inputs.typed import arrow_source, content_digest, parquet_source, regroup

ROLES = Columns("left", "right", "label")
N = 23
TABLE = pa.table(
    {
        "left": [None if i == 3 else f"a{i}" for i in range(N)],
        "right": pa.array([f"b{i % 3}" for i in range(N)]).dictionary_encode(),
        "label": pa.array([i % 2 for i in range(N)], pa.int8()),
        "extra": [[i] for i in range(N)],
    }
)


@pytest.fixture
def path(tmp_path):
    pq.write_table(TABLE, tmp_path / "a.parquet", row_group_size=7)
    return tmp_path / "a.parquet"


def test_parquet_comes_back_with_its_types(path):
    table = parquet_source(TableFile(path))
    assert (table.columns, table.size, table.unit) == (TABLE.column_names, N, "rows")
    batches = list(table.batches(ROLES, 5, 0))
    assert [len(b.table) for b in batches] == [5, 5, 5, 5, 3]
    whole = pa.concat_tables(b.table for b in batches)
    assert whole.to_pylist() == TABLE.to_pylist()
    assert batches[0].left == ["a0", "a1", "a2", None, "a4"]
    assert batches[1].lines == range(6, 11)
    assert batches[-1].position == N
    assert all(b.table.schema.equals(table.schema) for b in batches)


@pytest.mark.parametrize("skip", range(7))
def test_batches_are_the_same_whatever_is_skipped(path, skip):
    table = parquet_source(TableFile(path))
    every, rest = list(table.batches(ROLES, 5, 0)), list(table.batches(ROLES, 5, skip))
    assert [(b.index, b.start, b.left) for b in rest] == [
        (b.index, b.start, b.left) for b in every[skip:]
    ]


def test_packed_and_piped(path, tmp_path, monkeypatch):
    packed = gzip.compress(path.read_bytes())
    (tmp_path / "a.parquet.gz").write_bytes(packed)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(packed)))
    for source in (tmp_path / "a.parquet.gz", "-"):
        table = parquet_source(TableFile(source))
        for _ in range(2):
            assert [b.left for b in table.batches(ROLES, 100, 0)] == [TABLE["left"].to_pylist()]


def test_no_room_to_unpack_names_the_place(path, tmp_path, monkeypatch):
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress(path.read_bytes()))
    full = lambda: open("/dev/full", "r+b", buffering=0)  # noqa: E731, SIM115
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(TextsiameseError, match=r"a\.parquet\.gz .* no room .*No space.*TMPDIR"):
        parquet_source(TableFile(tmp_path / "a.parquet.gz"))


def test_a_file_that_is_not_whole(path):
    content = path.read_bytes()
    for broken in (content[: len(content) // 2], b"PAR1", b"PAR1" + b"x" * 100):
        path.write_bytes(broken)
        with pytest.raises(InputError, match=r"a\.parquet is no whole Parquet file") as caught:
            parquet_source(TableFile(path))
        assert "\n" not in str(caught.value)


def test_damage_in_the_middle(path):
    content = bytearray(path.read_bytes())
    content[4:200] = bytes(196)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.parquet is damaged"):
        list(parquet_source(TableFile(path)).batches(ROLES, 5, 0))


@pytest.mark.parametrize(
    "values",
    [[1, 2], [1.5, None], [True, False], [b"a", b"b"], [["a"], ["b"]], [{"a": 1}, None]],
)
def test_a_column_of_something_else_is_no_text_column(values):
    table = arrow_source(pa.table({"left": ["a", "b"], "right": values}), "Table")
    with pytest.raises(InputError, match=r'column "right" holds .*, not texts'):
        next(table.batches(Columns("left", "right"), 5, 0))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), pa.null()])
def test_columns_of_texts(kind):
    values = pa.array([None, None] if pa.types.is_null(kind) else ["a", None], kind)
    table = arrow_source(pa.table({"left": values, "right": values}), "Table")
    (batch,) = table.batches(Columns("left", "right"), 5, 0)
    assert batch.left == batch.right == values.to_pylist()


def test_class_names_that_say_what_they_mean_come_before_numbers():
    table = pa.table({"left": ["a"] * 3, "right": ["b"] * 3, "label": [0, 1, None]})
    names = {"label": ["duplicate", "not_duplicate"]}
    source = typed.TypedSource(
        "Dataset", table.schema, 3, lambda: iter(table.to_batches()), label_names=names
    )
    (batch,) = source.batches(ROLES, 5, 0)
    assert batch.label == ["duplicate", "not_duplicate", None]


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(1, 7))
def test_regrouping_keeps_every_row_in_order(sizes, rows):
    schema = pa.schema([("x", pa.int64())])
    whole = list(range(sum(sizes)))
    pieces, at = [], 0
    for size in sizes:
        pieces.append(pa.record_batch([whole[at : at + size]], schema=schema))
        at += size
    tables = list(regroup(iter(pieces), schema, rows))
    assert [x for t in tables for x in t["x"].to_pylist()] == whole
    assert all(len(t) == rows for t in tables[:-1])
    digests = {
        content_digest(schema, iter(p))
        for p in (pieces, [b for t in tables for b in t.to_batches()])
    }
    assert len(digests) == 1


def test_long_texts_end_a_table_early(monkeypatch):
    monkeypatch.setattr(typed, "CHUNK_CHARACTERS", 1000)
    table = pa.table({"x": ["y" * 400] * 7})
    sizes = [len(t) for t in regroup(iter(table.to_batches(max_chunksize=1)), table.schema, 100)]
    assert sizes == [3, 3, 1]


def test_the_digest_changes_with_any_cell_name_or_type():
    base = {"left": ["a", None], "label": [1, 0]}
    changed = [
        {**base, "left": ["a", ""]},
        {**base, "left": ["b", None]},
        {**base, "label": [1, 1]},
        {**base, "label": [1.0, 0.0]},
        {"Left": base["left"], "label": base["label"]},
        {"left": ["a", None, None], "label": [1, 0, None]},
    ]
    digests = [
        arrow_source(pa.table(columns), "Table").fingerprint() for columns in [base, *changed]
    ]
    assert len(set(digests)) == len(digests)
    assert arrow_source(pa.table(base), "Table").fingerprint() == digests[0]


def test_what_was_read_of_a_parquet_file_does_not_stay_in_memory(tmp_path):
    draws = random.Random(0)  # texts that cannot be compressed much
    texts = [draws.randbytes(100).hex() for _ in range(2_000)]
    piece = pa.table({"left": texts, "right": texts})
    with pq.ParquetWriter(tmp_path / "a.parquet", piece.schema) as out:
        for _ in range(20):
            out.write_table(piece)
    before, sizes = pa.total_allocated_bytes(), []
    source = parquet_source(TableFile(tmp_path / "a.parquet"))
    for _ in source.batches(Columns("left", "right", None), 2_000, 0):
        sizes.append(pa.total_allocated_bytes() - before)
    assert len(sizes) == 20
    assert max(sizes) < 10 * piece.nbytes
