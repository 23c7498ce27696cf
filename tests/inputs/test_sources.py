from __future__ import annotations

from pathlib import Path

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.delimited import DelimitedSource
from textsiamese.inputs.frames import FrameSource
from textsiamese.inputs.jsonl import JsonlSource
from textsiamese.inputs.sources import open_source
from textsiamese.inputs.typed import TypedSource

NOBODY = (None, None, None)
COLUMNS = {"left": ["a"], "right": ["b"]}


@pytest.mark.parametrize(
    ("source", "kind", "name"),
    [
        (pd.DataFrame(COLUMNS), FrameSource, "DataFrame"),
        (pa.table(COLUMNS), TypedSource, "Table"),
        (datasets.Dataset.from_dict(COLUMNS), TypedSource, "Dataset"),
    ],
)
def test_tables_in_memory(source, kind, name):
    opened = open_source(source, None, NOBODY)
    assert isinstance(opened, kind)
    assert (opened.name, opened.size, opened.unit) == (name, 1, "rows")


def test_a_subclass_of_a_frame_is_a_frame():
    class Mine(pd.DataFrame):
        pass

    assert isinstance(open_source(Mine(COLUMNS), None, NOBODY), FrameSource)


def test_files(write, tmp_path):
    pq.write_table(pa.table(COLUMNS), tmp_path / "a.parquet")
    for path, kind in [
        (write("a.csv", "left,right\na,b\n"), DelimitedSource),
        (write("a.txt", "left,right\na,b\n"), DelimitedSource),
        (write("a.jsonl", '{"left": "a", "right": "b"}\n'), JsonlSource),
        (tmp_path / "a.parquet", TypedSource),
    ]:
        for given in (path, str(path)):
            opened = open_source(given, None, NOBODY)
            assert isinstance(opened, kind)
            assert (opened.name, opened.columns) == (path.name, ["left", "right"])


def test_the_encoding_reaches_the_file(write):
    for name in ("a.csv", "a.jsonl"):
        content = '{"déjà": "a", "right": "b"}\n' if "json" in name else "déjà,right\n"
        opened = open_source(write(name, content.encode("latin-1")), "latin-1", NOBODY)
        assert opened.columns == ["déjà", "right"]


def test_a_hub_id_is_what_no_file_or_folder_is(monkeypatch, tmp_path):
    asked = []

    def hub_source(text: str) -> str:
        asked.append(text)
        return "fetched"

    monkeypatch.setattr("textsiamese.inputs.hub.hub_source", hub_source)
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/pairs").write_text("left,right\n")
    assert open_source("owner/name:test", None, NOBODY) == "fetched"
    assert isinstance(open_source("data/pairs", None, NOBODY), DelimitedSource)
    for missing in ("data/pair", "owner/name.csv", "owner/name.jsonl.gz"):
        with pytest.raises(InputError, match="there is no file"):
            open_source(missing, None, NOBODY)
    assert asked == ["owner/name:test"]


@pytest.mark.parametrize("source", [None, 3, [("a", "b")], {"left": ["a"]}, b"a.csv"])
def test_anything_else_is_named(source):
    with pytest.raises(InputError, match=f"not {type(source).__name__}"):
        open_source(source, None, NOBODY)
