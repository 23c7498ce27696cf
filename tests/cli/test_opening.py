from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from textsiamese.cli.opening import open_decided, open_twin, undecided
from textsiamese.errors import InputError
from textsiamese.twins import places


@pytest.fixture
def shipped(tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny twin as if it came with the package, and a user who has never used it."""
    monkeypatch.setattr(places, "_PRETRAINED", tiny_folder.parent)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_terms_of_a_bundled_twin_are_told_once(
    shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_twin("tiny", quiet=True)
    assert capsys.readouterr().err == ""
    open_twin("tiny")
    assert capsys.readouterr().err == "tiny: free for everybody\n"
    open_twin("tiny")
    assert capsys.readouterr() == ("", "")


def test_a_cache_that_cannot_be_written_is_no_trouble(
    shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped.touch()
    open_twin("tiny")
    open_twin("tiny")
    assert capsys.readouterr().err == "tiny: free for everybody\n" * 2


def test_a_twin_of_ones_own_has_no_terms_to_tell(
    tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_twin(str(tiny_folder))
    assert capsys.readouterr().err == ""


def test_one_sentence_where_a_decision_is_needed(tiny_folder: Path, bert_folder: Path) -> None:
    assert open_decided(str(tiny_folder)).threshold == 0.5
    with pytest.raises(InputError, match=r"has no decision yet.* fits one") as told:
        open_decided(str(bert_folder))
    assert str(told.value) == undecided(str(bert_folder))
    assert f"textsiamese calibrate {bert_folder} PAIRS -o DIR" in str(told.value)


def test_in_torch_the_numbers_are_the_same(tiny_folder: Path) -> None:
    texts = ["How do I learn Python?", "What is your age?", "x"]
    plain = open_twin(str(tiny_folder))
    torch = open_twin(str(tiny_folder), device="cpu:0")
    np.testing.assert_allclose(torch.encode(texts), plain.encode(texts), atol=1e-5)
    assert torch.fingerprint != plain.fingerprint


def test_devices_and_threads_that_are_none(tiny_folder: Path) -> None:
    for device in ("abacus", "meta"):
        with pytest.raises(InputError, match=f"--device {device} cannot be used here"):
            open_twin(str(tiny_folder), device=device)
    with pytest.raises(InputError, match="--threads 0: at least one"):
        open_twin(str(tiny_folder), threads=0)
