from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.twins.bundle import load
from textsiamese.twins.plain import fingerprint_of, plain_model


def test_a_plain_model_compares_by_cosine_and_has_no_decision(bert_folder: Path) -> None:
    twin = load(bert_folder)
    assert twin.measure.name == "cosine"
    a, b = twin.encode(["how do i", "why"])
    assert twin.similarity("how do i", "why") == pytest.approx(float(a @ b), abs=1e-6)
    with pytest.raises(InputError, match=r"has no decision yet.*ts\.calibrate\(twin, pairs\)"):
        twin.score("how do i", "why")


def test_the_fingerprint_is_of_the_weights(bert_folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(bert_folder, tmp_path / "copied"))
    (copied / "README.md").write_text("of no account")
    first = plain_model(copied, "copied").fingerprint
    assert len(first) == 64
    assert first == plain_model(bert_folder, "bert").fingerprint
    content = bytearray((copied / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (copied / "model.safetensors").write_bytes(bytes(content))
    assert plain_model(copied, "copied").fingerprint != first


@pytest.mark.parametrize(
    "name", ["vocab.txt", "merges.txt", "spiece.model", "0_Transformer/vocab.txt"]
)
def test_the_fingerprint_is_of_the_pieces(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    prints = set()
    for content in ("how\nwhy", "why\nhow"):
        (tmp_path / name).write_text(content)
        prints.add(fingerprint_of(tmp_path))
    assert len(prints) == 2


def test_pieces_that_are_not_read_are_of_no_account(bert_folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(bert_folder, tmp_path / "copied"))
    (copied / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwhy\n")
    one, two = load(bert_folder), load(copied)
    np.testing.assert_array_equal(one.encode(["how do i"]), two.encode(["how do i"]))
    assert one.fingerprint == two.fingerprint


def test_calibrated_and_saved_it_is_a_twin(bert_folder: Path, tmp_path: Path) -> None:
    from textsiamese.inputs.pairs import Pairs
    from textsiamese.twins.calibrate import calibrate

    texts = [f"{word} {i}" for i in range(40) for word in ("how", "why")]
    labels = np.arange(80) % 2
    right = [text if same else "what else" for text, same in zip(texts, labels, strict=True)]
    twin = calibrate(load(bert_folder), Pairs(texts, right, labels))
    twin.save(tmp_path / "twin")
    again = load(tmp_path / "twin")
    assert "no decision" not in str(again.info)
    assert again.score(texts[1], texts[1]) > again.score(texts[0], "what else")
    np.testing.assert_array_equal(again.score(texts, right), twin.score(texts, right))
