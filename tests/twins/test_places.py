from __future__ import annotations

from pathlib import Path

import pytest

from textsiamese.errors import BundleError
from textsiamese.twins import places
from textsiamese.twins.places import DEFAULT, bundled, find


def test_the_default_is_bundled() -> None:
    assert DEFAULT in bundled()
    assert (find(DEFAULT) / "twin.json").is_file()


def test_unknown_names(monkeypatch: pytest.MonkeyPatch, saved: Path) -> None:
    monkeypatch.setattr(places, "_PRETRAINED", saved.parent)
    assert bundled() == ["small"]
    assert find("small") == saved
    with pytest.raises(BundleError, match='no bundled twin "smal"; did you mean "small"'):
        find("smal")
    with pytest.raises(BundleError, match='"xyz"; bundled twins: small'):
        find("xyz")
    with pytest.raises(BundleError, match='did you mean "all-MiniLM-L6-v2"'):
        find("all-minilm-l6-v2")
    for path in ("./no/twin", "/no/twin", "no/twin/here"):
        with pytest.raises(BundleError, match="there is no folder and no bundled twin"):
            find(path)


def test_a_folder_is_found_and_a_file_is_not(tmp_path: Path) -> None:
    assert find(tmp_path) == find(str(tmp_path)) == tmp_path
    (tmp_path / "pairs.csv").write_text("a,b\n")
    with pytest.raises(BundleError, match=r"pairs\.csv is a file; a twin, or a model, is a folder"):
        find(tmp_path / "pairs.csv")
