from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import BundleError, OutputError, TextsiameseError
from textsiamese.twins import lstm_tower
from textsiamese.twins.bundle import load, save
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import Cosine, Euclidean, PairHead, Similarity

FILES = [
    "config_sentence_transformers.json",
    "encoder.onnx",
    "model.safetensors",
    "modules.json",
    "similarity.safetensors",
    "twin.json",
    "vocabulary.json",
]
OLD = Path(__file__).parent / "format_1"


@pytest.fixture
def copied(saved: Path, tmp_path: Path) -> Path:
    """A bundle that a test may change."""
    return Path(shutil.copytree(saved, tmp_path / "copied"))


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_save_and_load_give_identical_scores(
    saved: Path, tmp_path: Path, sample_texts: list[str]
) -> None:
    left, right = sample_texts[::2][:200], sample_texts[1::2][:200]
    opened = load(saved)
    opened.save(tmp_path / "again")
    again = load(tmp_path / "again")
    assert np.array_equal(opened.score(left, right), again.score(left, right))
    assert contents(saved) == contents(tmp_path / "again")
    assert (again.info, again.decision) == (opened.info, opened.decision)
    assert again.encoder.config == opened.encoder.config


@pytest.mark.parametrize("measure", [Cosine(), Euclidean(), PairHead.new(10, 3, seed=4)])
def test_every_similarity_comes_back(
    encoder: LstmEncoder, tmp_path: Path, measure: Similarity
) -> None:
    Siamese(encoder, measure).save(tmp_path / "twin")
    opened = load(tmp_path / "twin")
    assert type(opened.measure) is type(measure)
    assert all(np.array_equal(opened.measure.weights[n], w) for n, w in measure.weights.items())
    assert opened.decision is None


def test_weights_are_halved_only_where_nothing_is_lost(torch_twin: Siamese, tmp_path: Path) -> None:
    torch_twin.save(tmp_path / "full")
    twin = load(tmp_path / "full")
    names = {name: w.dtype for name, w in load_file(tmp_path / "full/model.safetensors").items()}
    assert names["encoder.projection.weight"] == np.float32
    assert load_file(tmp_path / "full/similarity.safetensors")["gate"].dtype == np.float16
    with torch.no_grad():
        for weight in twin.encoder.parameters():
            weight.copy_(weight.half().float())
        twin.encoder.projection.bias[0] = 1e5  # more than fp16 holds
    rounded = Siamese(twin.encoder, twin.measure)
    rounded.save(tmp_path / "half")
    kept = load_file(tmp_path / "half/model.safetensors")
    assert kept["encoder.projection.weight"].dtype == np.float16
    assert kept["encoder.projection.bias"].dtype == np.float32
    opened = load(tmp_path / "half").encoder.state_dict()
    assert all(torch.equal(opened[n], w) for n, w in twin.encoder.state_dict().items())


def test_what_lies_in_a_bundle(saved: Path, sample_texts: list[str]) -> None:
    files = contents(saved)
    assert sorted(files) == FILES
    json.loads(files["twin.json"])
    json.loads(files["vocabulary.json"])
    assert load_file(saved / "model.safetensors")
    for content in files.values():
        assert not content.startswith((b"PK", b"\x80"))  # neither a zip of torch nor a pickle
        text = content.decode("utf-8", "ignore")
        assert not [each for each in sample_texts if len(each.split()) > 1 and each in text]
    assert len(sample_texts) > 500


def test_the_fingerprint_tells_twins_apart(saved: Path, tmp_path: Path) -> None:
    twin = load(saved)
    assert len(twin.fingerprint) == 64
    assert load(saved).fingerprint == twin.fingerprint
    twin.with_decision(threshold=0.123).save(tmp_path / "other")
    assert load(tmp_path / "other").fingerprint != twin.fingerprint
    assert load(tmp_path / "other").threshold == 0.123


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_byte_is_noticed(copied: Path, name: str, data: st.DataObject) -> None:
    file = copied / name
    whole = file.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[at] ^ data.draw(st.integers(1, 255))
    file.write_bytes(whole[:at] + bytes([flipped]) + whole[at + 1 :])
    try:
        with pytest.raises(BundleError) as error:
            load(copied)
        assert str(copied) in str(error.value)
        if name != "twin.json":
            assert f"{file} has changed since the twin was saved" in str(error.value)
    finally:
        file.write_bytes(whole)
    assert load(copied).fingerprint


def test_a_changed_threshold_is_noticed(copied: Path) -> None:
    file = copied / "twin.json"
    about = json.loads(file.read_text())
    about["decision"]["threshold"] = 0.61
    file.write_text(json.dumps(about))
    with pytest.raises(BundleError, match=r"twin\.json has changed since the twin was saved"):
        load(copied)


@pytest.mark.parametrize("name", FILES)
def test_an_added_blank_is_noticed(copied: Path, name: str) -> None:
    with (copied / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(BundleError, match=f"{name} has changed since the twin was saved"):
        load(copied)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_shortened_file_is_named(copied: Path, name: str) -> None:
    file = copied / name
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BundleError, match=name):
        load(copied)
    file.unlink()
    with pytest.raises(BundleError, match=f"copied is no twin: it has no {name}"):
        load(copied)
    file.mkdir()
    with pytest.raises(BundleError, match=f"{name} cannot be read: "):
        load(copied)


@pytest.mark.parametrize("said", [b"", b"{", b"[]", b"3", b"{}", b'{"format": "1"}', b"\xff\xfe"])
def test_a_twin_json_that_describes_no_twin(copied: Path, said: bytes) -> None:
    (copied / "twin.json").write_bytes(said)
    with pytest.raises(BundleError, match=r"twin\.json (is no JSON|does not describe a twin)"):
        load(copied)


def test_no_digests(copied: Path) -> None:
    (copied / "twin.json").write_text('{"format": 1, "sha256": 3}')
    with pytest.raises(BundleError, match="it has no sha256"):
        load(copied)


def test_a_newer_format_says_how_to_update(copied: Path) -> None:
    about = json.loads((copied / "twin.json").read_text())
    about |= {"format": 4, "textsiamese": "9.1"}
    (copied / "twin.json").write_text(json.dumps(about))
    with pytest.raises(BundleError, match=r"of format 4 \(textsiamese 9\.1\).* pip install -U"):
        load(copied)


def test_a_folder_that_is_no_twin(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"is no twin: it has no twin\.json"):
        load(tmp_path)


def test_a_bundle_of_format_1_opens_as_it_did(tmp_path: Path) -> None:
    twin = load(OLD)
    expected = [-0.41206396, 0.04106253, -0.78192741, -0.34093207, -0.31760353]
    np.testing.assert_allclose(twin.encode("How do I learn Python?"), expected, atol=1e-6)
    probability = twin.score("How do I learn Python?", "Where is my parcel?")
    np.testing.assert_allclose(probability, 0.77303370, atol=1e-6)
    assert twin.info.name == "format-1"
    twin.save(tmp_path / "renewed")
    again = load(tmp_path / "renewed")
    assert again.score("How do I learn Python?", "Where is my parcel?") == probability
    old, renewed = contents(OLD), contents(tmp_path / "renewed")
    assert sorted(renewed) == FILES
    kept = [name for name in old if name not in ("twin.json", "model.safetensors")]
    assert [old[name] for name in kept] == [renewed[name] for name in kept]


@pytest.mark.parametrize("name", ["with spaces", "überzwilling 双子", "no ascii \U0001f46f"])
def test_a_bundle_opens_wherever_it_is_moved(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    expected = load(saved).encode(["a question", "why"])
    moved = Path(shutil.copytree(saved, tmp_path / name))
    (tmp_path / "link").symlink_to(moved, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    for place in (moved, name, "link", Path("link", "..", name)):
        assert np.array_equal(load(place).encode(["a question", "why"]), expected)


def test_opening_and_scoring_write_nothing(saved: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(saved, tmp_path / "kept"))
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555)
    assert 0 < load(folder).score("a", "b") < 1
    assert load(folder).encoder
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    folder.chmod(0o755)


def test_no_path_of_this_machine_is_in_a_bundle(saved: Path, tmp_path: Path) -> None:
    for name, content in contents(saved).items():
        for path in (str(saved.parent), str(tmp_path.parent), str(Path.home()), os.getcwd()):
            assert len(path) < 5 or path.encode() not in content, name


def test_weights_are_little_endian(saved: Path) -> None:
    content = (saved / "similarity.safetensors").read_bytes()
    size = int.from_bytes(content[:8], "little")
    about = json.loads(content[8 : 8 + size])["offset"]
    start, end = about["data_offsets"]
    assert about["dtype"] == "F16"
    kept = np.frombuffer(content[8 + size :][start:end], "<f2")
    assert np.array_equal(kept, load(saved).measure.weights["offset"])
    assert kept[0] == 3.0


def test_all_files_are_fetched_from_the_hub(monkeypatch: pytest.MonkeyPatch, saved: Path) -> None:
    asked: list[str] = []

    def snapshot_download(name: str, allow_patterns: list[str], **_: Any) -> str:
        asked.extend(allow_patterns)
        return str(saved)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    assert load("owner/small").info.name == "small"
    assert all(any(fnmatch(file, pattern) for pattern in asked) for file in FILES)


def test_a_folder_that_is_no_twin_is_not_written_to(torch_twin: Siamese, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("notes", "file"):
        with pytest.raises(OutputError, match=f"{name} exists and is no twin"):
            torch_twin.save(tmp_path / name)
    assert sorted(contents(tmp_path / "notes")) == ["mine.txt"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "notes"]


def test_new_folders_are_made_and_empty_ones_used(torch_twin: Siamese, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "some/where/new"):
        torch_twin.save(tmp_path / name)
        assert sorted(contents(tmp_path / name)) == FILES
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) & 0o555 == 0o555
    assert sorted(each.name for each in tmp_path.iterdir()) == ["empty", "some"]


def test_a_twin_is_replaced_and_what_lies_beside_it_stays(
    torch_twin: Siamese, copied: Path
) -> None:
    (copied / "TERMS.md").write_text("terms")
    torch_twin.with_decision(threshold=0.9).save(copied)
    assert load(copied).threshold == 0.9
    assert sorted(contents(copied)) == sorted([*FILES, "TERMS.md"])


def test_a_twin_of_another_kind_leaves_nothing_behind(
    torch_twin: Siamese, bert: TransformerEncoder, tmp_path: Path
) -> None:
    folder = tmp_path / "twin"
    torch_twin.save(folder)
    before = contents(folder)
    Siamese(bert).save(folder)
    listed = json.loads((folder / "twin.json").read_text())["sha256"]
    found = {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
    assert found == set(listed)
    torch_twin.save(folder)
    assert contents(folder) == before


@pytest.mark.parametrize("written", range(len(FILES)))
def test_a_write_that_fails_leaves_the_old_twin_whole(
    torch_twin: Siamese, copied: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    before, calls = contents(copied), []
    write = Path.write_bytes

    def fails(path: Path, content: Any) -> int:
        calls.append(path)
        if len(calls) > written:
            write(path, content[:10])
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", fails)
    for target in (copied, copied.parent / "new"):
        calls.clear()
        with pytest.raises(OutputError, match=f"{target.name} cannot be written: No space left"):
            torch_twin.with_decision(threshold=0.9).save(target)
    assert contents(copied) == before
    assert [each.name for each in copied.parent.iterdir()] == ["copied"]


def test_a_graph_that_is_wrong_is_not_saved(
    torch_twin: Siamese, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(copied)

    def wrong(encoder: LstmEncoder) -> bytes:
        raise TextsiameseError("the encoder's graph and torch differ")

    monkeypatch.setattr(lstm_tower, "checked_graph", wrong)
    with pytest.raises(TextsiameseError, match="differ"):
        save(torch_twin, copied)
    assert contents(copied) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_permission(torch_twin: Siamese, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match="cannot be written: Permission denied"):
        torch_twin.save(tmp_path / "twin")


def test_digests_are_of_the_files(saved: Path) -> None:
    about = json.loads((saved / "twin.json").read_text())
    for name in FILES:
        if name != "twin.json":
            expected = hashlib.sha256((saved / name).read_bytes()).hexdigest()
            assert about["sha256"][name] == expected
