from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from textsiamese.errors import InputError, OutputExistsError
from textsiamese.serving.partial import Partial
from textsiamese.serving.tally import Tally

JOB: dict[str, Any] = {"input": "a" * 64, "threshold": 0.5, "prefix": "", "overwrite": False}


@pytest.fixture
def partial(tmp_path: Path) -> Partial:
    made = Partial(tmp_path / "out.csv")
    made.begin(JOB)
    return made


def writes(content: bytes) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        file.write(content)

    return write


def add(partial: Partial, *indices: int) -> None:
    for index in indices:
        partial.add(index, writes(b"rows %d\n" % index), Tally(rows=index))


def test_finished_chunks_count_up_to_the_first_gap(partial: Partial) -> None:
    assert partial.finished() == []
    add(partial, 0, 1, 3)
    assert partial.finished() == [Tally(rows=0), Tally(rows=1)]
    assert partial.part(1).read_bytes() == b"rows 1\n"


@pytest.mark.parametrize("content", [None, b"", b'{"rows": 1', b'{"columns": 1}', b"[1]", b'"a"'])
def test_a_chunk_without_its_counts_is_not_finished(
    partial: Partial, content: bytes | None
) -> None:
    add(partial, 0, 1)
    counts = partial.folder / "part-000001.json"
    counts.unlink() if content is None else counts.write_bytes(content)
    assert len(partial.finished()) == 1


def test_a_chunk_that_lost_bytes_is_not_finished(partial: Partial) -> None:
    add(partial, 0, 1)
    partial.part(1).write_bytes(b"rows")
    assert partial.finished() == [Tally(rows=0)]


def test_place_moves_the_whole_and_leaves_nothing(partial: Partial, tmp_path: Path) -> None:
    add(partial, 0)
    partial.place(writes(partial.part(0).read_bytes()))
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_bytes() == b"rows 0\n"


def test_beginning_again_forgets_the_chunks(partial: Partial) -> None:
    add(partial, 0, 1)
    partial.unlock()
    partial.begin(JOB)
    assert partial.finished() == []
    assert [path.name for path in partial.folder.iterdir()] == ["manifest.json"]


def test_another_job_is_refused_by_name(partial: Partial) -> None:
    partial.compare({**JOB, "overwrite": True})
    with pytest.raises(InputError, match=r"begun with another input; threshold 0\.5, not 0\.6;"):
        partial.compare({**JOB, "input": "b" * 64, "threshold": 0.6})
    with pytest.raises(InputError, match=r"prefix none, not x_"):
        partial.compare({**JOB, "prefix": "x_"})


def test_a_broken_manifest_cannot_be_gone_on_from(partial: Partial) -> None:
    (partial.folder / "manifest.json").write_bytes(b"{")
    with pytest.raises(InputError, match=r"manifest\.json is damaged.* with --overwrite"):
        partial.compare(JOB)


def test_it_remembers_that_it_may_replace(partial: Partial) -> None:
    assert not partial.may_replace()
    partial.unlock()
    partial.begin({**JOB, "overwrite": True})
    assert partial.may_replace()


def test_begun(tmp_path: Path) -> None:
    partial = Partial(tmp_path / "out.csv")
    assert not partial.begun()
    partial.folder.mkdir()
    assert not partial.begun()
    (partial.folder / "manifest.json.tmp").touch()
    assert not partial.begun()
    partial.begin(JOB)
    assert partial.begun()


def test_a_folder_of_somebody_else_is_refused_and_stays(tmp_path: Path) -> None:
    partial = Partial(tmp_path / "out.csv")
    partial.folder.mkdir()
    (partial.folder / "thesis.txt").touch()
    with pytest.raises(InputError, match="holds something else"):
        partial.begun()


def test_a_file_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out.csv.partial").touch()
    with pytest.raises(InputError, match="is in the way"):
        Partial(tmp_path / "out.csv").begun()


def test_remove_leaves_what_somebody_laid_there(partial: Partial) -> None:
    add(partial, 0)
    (partial.folder / "notes.txt").touch()
    partial.remove()
    assert [path.name for path in partial.folder.iterdir()] == ["notes.txt"]


def test_only_one_process_at_a_time(partial: Partial, tmp_path: Path) -> None:
    second = Partial(tmp_path / "out.csv")
    with pytest.raises(OutputExistsError, match="another process is writing"):
        second.lock()
    partial.unlock()
    second.lock()
    second.unlock()
