from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from textsiamese.errors import InputError, OutputError, OutputExistsError
from textsiamese.serving.files import FileOutput
from textsiamese.serving.scoring import ScoredChunk, new_schema
from textsiamese.serving.tally import Tally

NAMES = ["similarity", "probability", "predicted", "problem"]
SCHEMA = pa.schema([("q", pa.string()), *new_schema(NAMES)])
JOB = {"input": "a" * 64, "twin": "b" * 64}


def opened(path: Path, *, resume: bool = False, overwrite: bool = False) -> FileOutput:
    return FileOutput(path, "pairs.csv", resume=resume, overwrite=overwrite)


def chunk(index: int) -> ScoredChunk:
    values = [[0.5], [0.25], [0], [""]]
    new = pa.table(dict(zip(NAMES, values, strict=True)), schema=new_schema(NAMES))
    return ScoredChunk(
        index, pa.table({"q": [f"row {index}"]}), new, None, [""], Tally(rows=1), 0.5
    )


def interrupted(path: Path, chunks: int, *, overwrite: bool = False) -> None:
    output = opened(path, overwrite=overwrite)
    output.start(SCHEMA, dict(JOB))
    for index in range(chunks):
        output.write(chunk(index))
    output.abandon(KeyboardInterrupt())


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    output = opened(path)
    output.start(SCHEMA, dict(JOB))
    output.write(chunk(0))
    assert not path.exists()
    output.finish()
    assert path.read_text().splitlines()[1] == "row 0,0.5,0.25,0,"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_going_on(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    interrupted(path, 2)
    output = opened(path, resume=True)
    output.start(SCHEMA, dict(JOB))
    assert len(output.done) == 2
    output.write(chunk(2))
    output.finish()
    assert [line[:5] for line in path.read_text().splitlines()[1:]] == ["row 0", "row 1", "row 2"]


def test_an_existing_output_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(OutputExistsError, match="is there already; replace it with --overwrite"):
        opened(path)
    output = opened(path, overwrite=True)
    output.start(SCHEMA, dict(JOB))
    assert path.read_text() == "old"
    output.finish()
    assert path.read_text().startswith("q,similarity")


def test_chunks_of_an_earlier_run_are_refused_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    interrupted(path, 2)
    with pytest.raises(OutputExistsError, match=r"holds 2 rows .* --resume, .* --overwrite"):
        opened(path)
    again = opened(path, overwrite=True)
    again.start(SCHEMA, dict(JOB))
    assert again.done == []


def test_resuming_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("whole")
    assert opened(path, resume=True).whole
    assert not opened(tmp_path / "other.csv", resume=True).whole
    assert not opened(path, resume=True, overwrite=True).whole


def test_resuming_after_a_kill_between_placing_and_clearing_up(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    interrupted(path, 1)
    manifest = tmp_path / "out.csv.partial" / "manifest.json"
    manifest.write_text('{"placing": true}')
    path.write_text("whole")
    assert opened(path, resume=True).whole
    assert os.listdir(tmp_path) == ["out.csv"]


def test_an_output_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    output = opened(path)
    output.start(SCHEMA, dict(JOB))
    output.write(chunk(0))
    path.write_text("precious")
    with pytest.raises(OutputExistsError, match="has come into being"):
        output.finish()
    output.abandon(OutputError("x"))
    with pytest.raises(OutputExistsError, match="has come into being"):
        opened(path, resume=True).start(SCHEMA, dict(JOB))
    assert path.read_text() == "precious"


def test_a_run_that_may_overwrite_may_do_so_after_a_resume(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    interrupted(path, 1, overwrite=True)
    output = opened(path, resume=True)
    output.start(SCHEMA, dict(JOB))
    output.finish()
    assert "row 0" in path.read_text()


@pytest.mark.parametrize(("key", "what"), [("input", "standard input"), ("twin", "never saved")])
def test_what_cannot_be_told_again_cannot_be_resumed(tmp_path: Path, key: str, what: str) -> None:
    path = tmp_path / "out.csv"
    with pytest.raises(InputError, match=what):
        opened(path, resume=True).start(SCHEMA, {**JOB, key: ""})
    output = opened(path)
    output.start(SCHEMA, {**JOB, key: ""})
    output.write(chunk(0))
    assert output.abandon(KeyboardInterrupt()) == "nothing was left behind"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("error", [InputError("line 3"), KeyboardInterrupt()])
def test_nothing_stays_of_a_run_without_use(tmp_path: Path, error: BaseException) -> None:
    output = opened(tmp_path / "out.csv")
    output.start(SCHEMA, dict(JOB))
    if isinstance(error, InputError):
        output.write(chunk(0))
    assert output.abandon(error) == "nothing was left behind"
    assert os.listdir(tmp_path) == []


def test_places_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        opened(tmp_path / "folder.csv")
    with pytest.raises(InputError, match=r"there is no folder .*missing to write out\.csv into"):
        opened(tmp_path / "missing" / "out.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="is no regular file"):
        opened(tmp_path / "pipe.csv")


@pytest.mark.parametrize("link", [os.symlink, os.link, None])
def test_the_input_is_no_output(tmp_path: Path, link: Any) -> None:
    source = out = tmp_path / "pairs.csv"
    source.write_text("question1,question2\n")
    if link:
        out = tmp_path / "other.csv"
        link(source, out)
    with pytest.raises(InputError, match="is the input itself"):
        FileOutput(out, source, resume=False, overwrite=True)


def test_a_link_keeps_pointing_to_the_output(tmp_path: Path) -> None:
    target, link = tmp_path / "real.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)
    output = opened(link, overwrite=True)
    output.start(SCHEMA, dict(JOB))
    output.finish()
    assert link.is_symlink()
    assert target.read_text().startswith("q,")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(OutputError, match="no permission to write there"):
        opened(tmp_path / "out.csv").start(SCHEMA, dict(JOB))
