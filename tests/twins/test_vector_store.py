"""A text is encoded once in its life, whatever ends a run; and no text is kept."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from textsiamese.errors import InputError, OutputError
from textsiamese.inputs.digests import picture_digests
from textsiamese.inputs.stored import StoredTexts, TextFile
from textsiamese.judging.calibration import Platt
from textsiamese.twins import vector_store
from textsiamese.twins.bundle import load
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.runtime import Encoded, OnnxRuntime
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.tower import Tower
from textsiamese.twins.vector_store import VectorStore


@pytest.fixture(scope="module")
def opened(saved: Path) -> Siamese:
    return load(saved, threads=1)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The texts of each call to a runtime, as far as there are any."""
    calls: list[list[str]] = []
    encode = OnnxRuntime.encode

    def recorded(self: OnnxRuntime, texts: Sequence[str]) -> Encoded:
        calls.extend([list(texts)] if len(texts) else [])
        return encode(self, texts)

    monkeypatch.setattr(OnnxRuntime, "encode", recorded)
    return calls


@pytest.mark.parametrize(("dtype", "error"), [("float32", 1e-6), ("float16", 2.5e-4)])
def test_the_vectors_are_those_of_the_twin(
    opened: Siamese, sample_texts: list[str], tmp_path: Path, dtype: Any, error: float
) -> None:
    store = VectorStore(tmp_path, opened, dtype=dtype)
    assert (len(store), store.dim, store.vectors.shape) == (0, 10, (0, 10))
    store.add(sample_texts)
    assert len(store) == len(sample_texts) > 200
    assert store.vectors.dtype == dtype
    assert store.rows(sample_texts).tolist() == list(range(len(sample_texts)))
    assert np.abs(store.vectors - opened.encode(sample_texts)).max() < error
    again = VectorStore(str(tmp_path), opened, dtype=dtype)
    assert np.array_equal(again.vectors, store.vectors)
    assert np.array_equal(again.rows(sample_texts[::-1]), store.rows(sample_texts)[::-1])


def test_pairs_of_kept_texts_get_the_probabilities_of_the_twin(
    opened: Siamese,
    sample_texts: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    encoded: list[list[str]],
) -> None:
    monkeypatch.setattr(vector_store, "_BLOCK", 7)
    decided = opened.with_parts(decision=Decision(Platt(3.0, 0.5), 0.5, "f1", 0.3, 0.3, 50))
    left, right = sample_texts[:100], sample_texts[100:200]
    expected = decided.score(left, right)
    store = VectorStore(tmp_path, decided)
    store.add(sample_texts)
    encoded.clear()
    np.testing.assert_allclose(store.score(left, right), expected, atol=1e-6)
    assert len(store.score([], [])) == 0
    assert not encoded
    with pytest.raises(InputError, match="2 left texts and 1 right ones are no pairs"):
        store.score(left[:2], right[:1])
    undecided = copy.copy(opened)
    undecided.decision = None
    with pytest.raises(InputError, match="has no decision yet"):
        VectorStore(tmp_path, undecided).score(left, right)


def test_each_text_is_encoded_once_in_order_in_parts(
    opened: Siamese, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoded: list[list[str]]
) -> None:
    monkeypatch.setitem(vector_store._PARTS, "texts", 2)
    told: list[tuple[int, int, int]] = []
    store = VectorStore(tmp_path, opened)

    def progress(done: int, of: int) -> None:
        told.append((done, of, (tmp_path / "texts.digests").stat().st_size // 16))

    store.add(["b", "a", "b", "c"], progress)
    store.add(["a", "e", "b", "d", "e", "f"], progress)
    store.add(["f", "a"], progress)
    assert encoded == [["b", "a"], ["c"], ["e", "d"], ["f"]]
    assert told == [(0, 3, 0), (2, 3, 2), (3, 3, 3), (0, 3, 3), (2, 3, 5), (3, 3, 6)]
    assert store.rows(["f", "b", "d", "b"]).tolist() == [5, 0, 4, 0]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=9), max_size=4), st.integers(1, 5))
def test_rows_lead_to_the_vectors_of_their_texts(
    opened: Siamese,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    additions: list[list[str]],
    part: int,
) -> None:
    monkeypatch.setitem(vector_store._PARTS, "texts", part)
    monkeypatch.setattr("os.fsync", lambda descriptor: None)  # slow
    store = VectorStore(tmp_path_factory.mktemp("kept"), opened)
    for texts in additions:
        store.add(texts)
        assert np.allclose(store.vectors[store.rows(texts)], opened.encode(texts), atol=1e-6)
    assert len(store) == len({text for texts in additions for text in texts})


def test_texts_of_a_table_larger_than_memory(
    opened: Siamese, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_texts: list[str]
) -> None:
    monkeypatch.setitem(vector_store._PARTS, "texts", 50)
    texts = [*sample_texts[:120], *sample_texts[60:180]]
    file = TextFile()
    stored = StoredTexts(file, file.append(texts))
    store = VectorStore(tmp_path, opened)
    store.add(stored)
    assert len(store) == 180
    assert np.allclose(store.vectors[store.rows(stored)], opened.encode(texts), atol=1e-6)


def test_a_plain_transformer(bert_folder: Path, tmp_path: Path) -> None:
    twin = load(bert_folder)
    store = VectorStore(tmp_path, twin)
    assert store.vectors.shape == (0, 16)
    store.add(["How old are you?"])
    assert np.allclose(store.vectors, twin.encode(["How old are you?"]), atol=5e-3)


def test_no_text_lies_in_the_folder(opened: Siamese, tmp_path: Path) -> None:
    VectorStore(tmp_path, opened).add(["confidential", "sämtliche"])
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert len(content) > 100
    for text in ("confidential", "sämtliche"):
        assert text.encode() not in content


def test_a_text_that_was_not_added(opened: Siamese, tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "kept", opened)
    store.add(["a", "b"])
    said = r"kept has no vectors of 2 of 3 texts, texts\[1\] the first of them: add them, store\.ad"
    with pytest.raises(InputError, match=said):
        store.rows(["b", "c", "d"])
    with pytest.raises(InputError, match=r"texts\[1\] is empty; a non-empty str is expected"):
        store.rows(["b", ""])


def test_what_is_no_text_is_refused_before_any_is_encoded(
    opened: Siamese, tmp_path: Path, encoded: list[list[str]]
) -> None:
    with pytest.raises(InputError, match=r"texts\[2\] is missing"):
        VectorStore(tmp_path / "kept", opened).add(["a", "b", None])  # type: ignore[list-item]
    assert encoded == []
    assert not (tmp_path / "kept").exists()


def test_a_twin_that_was_never_saved(torch_twin: Siamese, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"small was not opened from a folder.*twin\.save\(folder"):
        VectorStore(tmp_path, torch_twin)


def test_another_twin_is_refused(opened: Siamese, saved: Path, tmp_path: Path) -> None:
    VectorStore(tmp_path / "kept", opened).add(["a"])
    other = opened.with_parts(decision=Decision(Platt(2.0, -1.0), 0.5, "f1", 0.3, 0.3, 50))
    assert len(VectorStore(tmp_path / "kept", other)) == 1  # the same vectors, not saved anew
    other.save(tmp_path / "other")
    with pytest.raises(InputError, match=r"holds vectors of small \(.*, not of small \("):
        VectorStore(tmp_path / "kept", load(tmp_path / "other"))
    with pytest.raises(InputError, match="in float32, not in float16"):
        VectorStore(tmp_path / "kept", opened, dtype="float16")


def test_a_type_that_there_is_not(opened: Siamese, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="dtype is 'int8'; it must be 'float16' or 'float32'"):
        VectorStore(tmp_path, opened, dtype="int8")  # type: ignore[arg-type]


def test_vectors_too_large_for_half_precision(
    opened: Siamese, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = OnnxRuntime.encode

    def large(self: OnnxRuntime, texts: Sequence[str]) -> Encoded:
        found = encode(self, texts)
        return replace(found, vectors=1e6 * found.vectors)

    monkeypatch.setattr(OnnxRuntime, "encode", large)
    store = VectorStore(tmp_path, opened, dtype="float16")
    with pytest.raises(InputError, match=r"vectors of small hold .* too large for float16: keep"):
        store.add(["a"])
    assert len(store) == 0


def test_two_cannot_add_at_once_but_one_may_read(opened: Siamese, tmp_path: Path) -> None:
    store, refused = VectorStore(tmp_path, opened), []

    def meanwhile(done: int, of: int) -> None:
        if not done:
            return
        other = VectorStore(tmp_path, opened)
        other.add(["a", "b"])  # they are there, so there is nothing to write
        assert other.rows(["b"]).tolist() == [1]
        with pytest.raises(OutputError, match="another process is adding to") as error:
            other.add(["c"])
        refused.append(error)

    store.add(["a", "b"], meanwhile)
    assert len(refused) == 1


DRIVER = """
import os, signal, sys
import numpy as np
import textsiamese as ts
from textsiamese.twins import vector_store

folder, out = sys.argv[1:]
twin = ts.load(folder, threads=1)
texts = [f"How do I learn Python in {i} days?" for i in range(50)]
vector_store._PARTS["texts"] = 7
os.fsync = lambda descriptor: None  # slow, and of use only where the power goes

def in_child(work, *arguments):  # all that encodes: its threads do not outlive a fork
    child = os.fork()
    if child == 0:
        work(*arguments)
        os._exit(0)
    return os.waitpid(child, 0)[1]

def killed(path, steps):
    def guarded(real):
        def step(*arguments, **options):
            nonlocal steps
            steps -= 1
            if steps < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)
        return step
    for name in ("mkdir", "replace", "fsync"):
        setattr(os, name, guarded(getattr(os, name)))
    vector_store.VectorStore(path, twin).add(texts)

def gone_on(path, steps):
    expected = twin.encode(texts)
    store = vector_store.VectorStore(path, twin)
    kept = len(store)
    assert kept % 7 == 0 or kept == 50, kept
    assert kept >= (steps - 6) // 2 * 7 or kept == 50, kept
    assert np.allclose(store.vectors, expected[:kept], atol=1e-6)
    parts = []
    store.add(texts, lambda done, of: parts.append(of))
    assert parts == [50 - kept] * (kept < 50 and 1 - (kept - 50) // 7), parts
    assert len(store) == 50
    assert np.allclose(store.vectors[store.rows(texts)], expected, atol=1e-6)

for steps in range(100):
    path = os.path.join(out, str(steps))
    status = in_child(killed, path, steps)
    assert in_child(gone_on, path, steps) == 0, steps
    if status == 0:
        break
    assert os.WTERMSIG(status) == signal.SIGKILL, steps
print(steps)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it has no fork")
def test_killed_at_every_step_and_gone_on(tiny_folder: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRIVER, str(tiny_folder), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 20  # eight parts of two steps each, and those of the beginning


class FirstBytes:
    """Encodes a file: its first two bytes; one that begins with ! cannot be read."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, pictures: Sequence[Any]) -> Encoded:
        self.seen += [Path(picture).name for picture in pictures]
        contents = [Path(picture).read_bytes()[:2] for picture in pictures]
        vectors = np.array([list(each) for each in contents], dtype=np.float32).reshape(-1, 2)
        problems = {i: f"{pictures[i]} is odd" for i, e in enumerate(contents) if e[:1] == b"!"}
        vectors[list(problems)] = np.nan
        none = np.zeros(len(pictures), dtype=np.bool_)
        return Encoded(vectors, none, none.astype(np.float32), problems)


@pytest.fixture
def pictured() -> PseudoSiamese:
    """A twin that reads files on both sides, with another encoder on each."""
    sides = (Tower(FirstBytes(), lambda: None, "pictures") for _ in range(2))  # type: ignore[arg-type, return-value]
    return PseudoSiamese(*sides, info=TwinInfo(name="pictured"), fingerprint="f" * 64)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    contents = {"a": b"aa", "bad": b"!!", "b": b"bb", "same": b"aa", "c": b"cc"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [str(tmp_path / name) for name in contents]


@pytest.mark.parametrize("part", [1, 2, 100])
def test_a_picture_is_known_by_its_bytes(
    pictured: PseudoSiamese,
    files: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    part: int,
) -> None:
    monkeypatch.setitem(vector_store._PARTS, "pictures", part)
    store = VectorStore(tmp_path / "store", pictured, side="right")
    told: list[tuple[int, int]] = []
    digests, _ = picture_digests(files)
    rows, problems = store.keep(files, digests, lambda *now: told.append(now))
    assert rows.tolist() == [0, -1, 1, 0, 2]
    assert problems == {1: f"{files[1]} is odd"}
    assert (told[0], told[-1]) == ((0, 4), (4, 4))
    assert store.vectors[rows[[0, 2, 3, 4]]].tolist() == [[97, 97], [98, 98], [97, 97], [99, 99]]
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == [
        "pictures.digests",
        "store.json",
        "vectors.f32",
    ]
    seen = pictured.tower("right").runtime.seen  # type: ignore[attr-defined]
    seen.clear()
    Path(files[0]).rename(tmp_path / "other")
    Path(files[4]).write_bytes(b"dd")
    again = VectorStore(tmp_path / "store", pictured, side="right")
    changed = [str(tmp_path / "other"), files[2], files[4]]
    again.add(changed)
    assert seen == ["c"]
    assert again.rows(changed).tolist() == [0, 1, 3]
    with pytest.raises(InputError, match=r"has no vectors of 1 of 2 pictures, pictures\[1\] the"):
        again.rows([files[2], files[1]])
    with pytest.raises(InputError, match="there is no file"):
        again.rows([files[0]])


def test_a_picture_that_cannot_be_read_is_told_after_the_others_are_added(
    pictured: PseudoSiamese, files: list[str], tmp_path: Path
) -> None:
    store = VectorStore(tmp_path / "store", pictured)
    with pytest.raises(InputError, match="bad is odd; all others were added"):
        store.add(files)
    assert len(store) == 3


def test_vectors_of_one_side_are_refused_for_the_other(
    pictured: PseudoSiamese, files: list[str], tmp_path: Path
) -> None:
    VectorStore(tmp_path / "store", pictured, side="left").add([files[0]])
    with pytest.raises(InputError, match="holds vectors of the left side of pictured, not of its"):
        VectorStore(tmp_path / "store", pictured, side="right")
    assert len(VectorStore(tmp_path / "store", pictured, side="left")) == 1


def test_of_one_encoder_the_sides_are_one(
    opened: Siamese, sample_texts: list[str], tmp_path: Path
) -> None:
    VectorStore(tmp_path, opened, side="left").add(sample_texts[:3])
    other = VectorStore(tmp_path, opened, side="right")
    assert other.rows(sample_texts[:3]).tolist() == [0, 1, 2]


def test_a_folder_from_before_there_were_sides_is_open_as_ever(
    opened: Siamese, sample_texts: list[str], tmp_path: Path
) -> None:
    VectorStore(tmp_path, opened).add(sample_texts[:3])
    about = json.loads((tmp_path / "store.json").read_text())
    del about["side"], about["reads"]
    (tmp_path / "store.json").write_text(json.dumps(about))
    assert len(VectorStore(tmp_path, opened)) == 3
