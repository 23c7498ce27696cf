from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from textsiamese.errors import InputError, OutputExistsError
from textsiamese.serving.outputs import FrameOutput, StreamOutput, finished_or_left
from textsiamese.serving.scoring import ScoredChunk, new_schema
from textsiamese.serving.tally import Tally

NAMES = ["similarity", "probability", "predicted", "problem"]
SCHEMA = pa.schema([("q", pa.string()), *new_schema(NAMES)])


def chunk(texts: list[str]) -> ScoredChunk:
    values: list[list[Any]] = [[0.5], [0.25], [None], ["no"]]
    columns = [value * len(texts) for value in values]
    new = pa.table(dict(zip(NAMES, columns, strict=True)), schema=new_schema(NAMES))
    problems = ["no"] * len(texts)
    tally = Tally(rows=len(texts))
    return ScoredChunk(0, pa.table({"q": texts}), new, None, problems, tally, 0.5)


def test_a_stream_gets_one_header() -> None:
    stream = io.BytesIO()
    output = StreamOutput(stream, SCHEMA, "standard output")
    output.write(chunk(["a"]))
    output.write(chunk(["b"]))
    output.finish()
    assert stream.getvalue().decode().splitlines() == [
        "q,similarity,probability,predicted,problem",
        "a,0.5,0.25,,no",
        "b,0.5,0.25,,no",
    ]


def test_a_stream_without_rows_gets_its_header() -> None:
    stream = io.BytesIO()
    StreamOutput(stream, SCHEMA, "standard output").finish()
    assert stream.getvalue() == b"q,similarity,probability,predicted,problem\n"


def test_a_stream_cannot_take_bytes() -> None:
    with pytest.raises(InputError, match="holds bytes"):
        StreamOutput(io.BytesIO(), pa.schema([("b", pa.binary())]), "standard output")


@pytest.mark.parametrize("stream", [io.StringIO(), 5])
def test_what_takes_no_bytes_is_no_output(stream: Any) -> None:
    with pytest.raises(InputError, match=r"a path or a stream of bytes.*not a (StringIO|int)"):
        StreamOutput(stream, SCHEMA, "standard output")


def test_a_frame_keeps_its_index_and_types() -> None:
    source = pd.DataFrame({"q": ["a", "b"]}, index=[7, 3], dtype=object)
    output = FrameOutput(source, SCHEMA, 4)
    output.write(chunk(["a", "b"]))
    frame = output.frame()
    assert list(frame.index) == [7, 3]
    assert frame["q"].dtype == object
    assert frame["predicted"].dtype == pd.Int8Dtype()
    assert frame["predicted"].isna().all()
    assert list(frame["problem"]) == ["no", "no"]
    assert list(source.columns) == ["q"]


def test_a_frame_from_another_source() -> None:
    output = FrameOutput("pairs.csv", SCHEMA, 4)
    output.write(chunk(["a"]))
    output.write(chunk(["b"]))
    frame = output.frame()
    assert list(frame.columns) == SCHEMA.names
    assert list(frame["q"]) == ["a", "b"]
    assert len(FrameOutput("pairs.csv", SCHEMA, 4).frame()) == 0


class Noted:
    """An output that notes what becomes of it."""

    def __init__(self) -> None:
        self.done: list[Tally] = []
        self.said: list[object] = []

    def write(self, chunk: ScoredChunk) -> None:
        self.said.append("written")

    def finish(self) -> None:
        self.said.append("finished")

    def abandon(self, error: BaseException) -> str:
        self.said.append(error)
        return "two rows are left"


def test_an_output_is_finished_after_the_work() -> None:
    output = Noted()
    with finished_or_left(output):
        assert output.said == []
    assert output.said == ["finished"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (KeyboardInterrupt(), "stopped; two rows are left"),
        (OutputExistsError("it is full"), "it is full; two rows are left"),
        (InputError("odd"), "odd"),
        (RuntimeError("odd"), "odd"),
    ],
)
def test_an_error_leaves_the_output_and_says_how_to_go_on(error: BaseException, told: str) -> None:
    output = Noted()
    with pytest.raises(type(error), match=f"^{told}$"), finished_or_left(output):
        raise error
    assert output.said == [error]
