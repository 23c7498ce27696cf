from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError, OutputError
from textsiamese.inputs.digests import wide_digests
from textsiamese.twins.vector_files import Kept, VectorFiles

KEPT = Kept("small", "ab" * 32, 3, "float32")
TEXTS = ["a", "b", "c", "d", "e"]
VECTORS = np.arange(15, dtype=np.float32).reshape(5, 3)
ROW_BYTES = {"vectors.f32": 12, "texts.digests": 16}


def grow(files: VectorFiles, first: int, end: int) -> None:
    with files.growing():
        files.append(VECTORS[first:end], wide_digests(TEXTS[first:end]))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `fsync` is for, a test does not see: that the power goes."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    grow(VectorFiles(tmp_path / "kept", KEPT), 0, 4)
    return tmp_path / "kept"


def found(folder: Path) -> list[list[float]]:
    """The vectors of the texts that are there, after a look at both files."""
    files = VectorFiles(folder, KEPT)
    rows = files.index.find(wide_digests(TEXTS))
    assert rows.max(initial=-1) < len(files.vectors)
    assert np.array_equal(rows[rows >= 0], np.arange(len(files.vectors)))
    return files.vectors.tolist()


def test_they_grow(folder: Path) -> None:
    grow(VectorFiles(folder, KEPT), 4, 5)
    assert found(folder) == VECTORS.tolist()
    assert sorted(path.name for path in folder.iterdir()) == ["store.json", *sorted(ROW_BYTES)]
    said = {"format": 1, "twin": "small", "fingerprint": "ab" * 32, "dim": 3, "dtype": "float32"}
    said |= {"side": "", "reads": "texts"}
    assert json.loads((folder / "store.json").read_bytes()) == said


def test_a_look_writes_nothing(tmp_path: Path) -> None:
    files = VectorFiles(tmp_path / "none" / "yet", KEPT)
    assert files.vectors.shape == (0, 3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ROW_BYTES)
def test_cut_anywhere_the_whole_rows_stay(folder: Path, name: str) -> None:
    contents = {path: path.read_bytes() for path in folder.iterdir()}
    for size in range(4 * ROW_BYTES[name] + 1):
        for path, content in contents.items():
            path.write_bytes(content)
        with (folder / name).open("r+b") as file:
            file.truncate(size)
        whole = size // ROW_BYTES[name]
        assert found(folder) == VECTORS[:whole].tolist()
        assert (folder / name).stat().st_size == size
        grow(VectorFiles(folder, KEPT), whole, 5)
        assert found(folder) == VECTORS.tolist()
        for other, row in ROW_BYTES.items():
            assert (folder / other).stat().st_size == 5 * row


@pytest.mark.parametrize("name", ROW_BYTES)
def test_a_lost_file_is_made_anew(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert found(folder) == []
    grow(VectorFiles(folder, KEPT), 0, 5)
    assert found(folder) == VECTORS.tolist()


def test_it_is_seen_what_others_added_meanwhile(folder: Path) -> None:
    early = VectorFiles(folder, KEPT)
    grow(VectorFiles(folder, KEPT), 4, 5)
    assert len(early.vectors) == 4
    with early.growing():
        assert early.vectors.tolist() == VECTORS.tolist()


def test_one_adds_while_others_look(folder: Path) -> None:
    writing = VectorFiles(folder, KEPT)
    with writing.growing():
        writing.append(VECTORS[4:], wide_digests(TEXTS[4:]))
        assert found(folder) == VECTORS.tolist()
        other = VectorFiles(folder, KEPT)
        with pytest.raises(OutputError, match="another process is adding to"), other.growing():
            raise AssertionError
    with other.growing():
        pass


def test_after_an_error_half_a_part_is_cut_off_and_others_may_add(folder: Path) -> None:
    files = VectorFiles(folder, KEPT)
    with pytest.raises(AttributeError), files.growing():
        files.append(VECTORS[:1], None)  # type: ignore[arg-type]
    assert (folder / "vectors.f32").stat().st_size == 5 * ROW_BYTES["vectors.f32"]
    assert files.vectors.tolist() == VECTORS[:4].tolist()
    grow(VectorFiles(folder, KEPT), 4, 5)
    assert found(folder) == VECTORS.tolist()


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_a_full_disk_is_one_sentence_and_costs_one_part(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    files, steps = VectorFiles(folder, KEPT), iter(range(9))

    def fsync(descriptor: int) -> None:
        if next(steps) == failing:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fsync)
    with pytest.raises(OutputError, match="kept cannot be written: there is no space left"):
        grow(files, 4, 5)
    monkeypatch.undo()
    assert files.vectors.tolist()[:4] == VECTORS[:4].tolist()
    grow(files, len(files.vectors), 5)
    assert found(folder) == VECTORS.tolist()


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (
            replace(KEPT, twin="large", fingerprint="cd" * 32),
            r"of small \(abababab, 3 wide\), not of large \(cdcdcdcd, 3 wide\): name another fol",
        ),
        (
            replace(KEPT, fingerprint="ab" * 32 + " on cuda"),
            r"small \(abababab, 3 wide\), not of small \(abababab on cuda, 3 wide\)",
        ),
        (replace(KEPT, dim=4), r"small \(abababab, 3 wide\), not of small \(abababab, 4 wide\)"),
        (replace(KEPT, dtype="float16"), r"in float32, not in float16: open it with dtype='fl"),
    ],
)
def test_vectors_of_others_are_refused(folder: Path, kept: Kept, said: str) -> None:
    with pytest.raises(InputError, match=said):
        VectorFiles(folder, kept)


def test_another_twin_that_began_first_is_noticed(tmp_path: Path) -> None:
    late = VectorFiles(tmp_path / "kept", KEPT)
    grow(VectorFiles(tmp_path / "kept", replace(KEPT, fingerprint="cd" * 32)), 0, 1)
    with pytest.raises(InputError, match="holds vectors of small"):
        grow(late, 0, 1)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "3", '{"format": 1}', '{"format": "1"}', '{"format": 1, "x": 2}']
)
def test_a_damaged_description(folder: Path, content: str) -> None:
    (folder / "store.json").write_text(content)
    with pytest.raises(InputError, match=r"store\.json is damaged.*remove the folder"):
        VectorFiles(folder, KEPT)


def test_a_newer_format(folder: Path) -> None:
    (folder / "store.json").write_text('{"format": 2, "shards": []}')
    with pytest.raises(InputError, match=r"newer textsiamese: pip install -U"):
        VectorFiles(folder, KEPT)


def touched(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.txt").touch()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Path.touch, "kept is a file; vectors are kept in a folder: name one"),
        (touched, r"is no folder of vectors: it holds other files, and no store\.json"),
    ],
)
def test_what_is_no_folder_of_vectors(
    tmp_path: Path, make: Callable[[Path], Any], said: str
) -> None:
    make(tmp_path / "kept")
    with pytest.raises(InputError, match=said):
        VectorFiles(tmp_path / "kept", KEPT)


def test_vectors_of_nobody_are_not_taken_over(folder: Path) -> None:
    (folder / "store.json").unlink()
    with pytest.raises(InputError, match=r"holds other files, and no store\.json"):
        VectorFiles(folder, KEPT)


def test_a_beginning_that_was_killed_is_none(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / ".store.json.77.tmp").touch()
    grow(VectorFiles(tmp_path / "kept", KEPT), 0, 5)
    assert found(tmp_path / "kept") == VECTORS.tolist()


def test_what_cannot_be_read_or_made(folder: Path) -> None:
    (folder / "store.json").unlink()
    (folder / "store.json").mkdir()
    with pytest.raises(InputError, match="kept cannot be read: Is a directory"):
        VectorFiles(folder, KEPT)
    with pytest.raises(OutputError, match="cannot be written: Not a directory"):
        grow(VectorFiles(folder / "vectors.f32" / "below", KEPT), 0, 1)


@given(
    st.lists(st.lists(st.floats(width=16), min_size=3, max_size=3), min_size=1, max_size=9),
    st.sampled_from(["float16", "float32"]),
)
def test_what_is_kept_is_what_was_given(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[float]], dtype: str
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    files, vectors = VectorFiles(folder, replace(KEPT, dtype=dtype)), np.array(rows, np.float32)
    with files.growing():
        files.append(vectors, wide_digests([str(i) for i in range(len(rows))]))
    assert files.vectors.dtype == dtype
    assert np.array_equal(files.vectors, vectors, equal_nan=True)
    with pytest.raises(ValueError, match="read-only"):
        files.vectors[0] = 0
