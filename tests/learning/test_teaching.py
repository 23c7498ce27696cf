from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.teaching import open_vectors, teach
from textsiamese.twins.bundle import load
from textsiamese.twins.siamese import Siamese


@pytest.fixture
def teacher(tiny_folder: Path) -> Siamese:
    return load(tiny_folder)


def test_each_text_is_encoded_once(
    teacher: Siamese, train: Pairs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = teach(teacher, train, tmp_path / "v")
    assert len(store) == len(set(train.texts))
    np.testing.assert_allclose(
        store.vectors[store.rows(train.left)], teacher.encode(train.left), atol=3e-4
    )
    out, err = capsys.readouterr()
    assert out == ""
    count = len(store)
    told = f"tiny encodes the texts of train.csv: {count:,} that it has not encoded before"
    assert err.splitlines()[0] == told
    assert f"{count} of {count}" in err.splitlines()[-1]
    teach(teacher, train, tmp_path / "v")
    assert capsys.readouterr().err == ""
    more = Pairs([*train.left, "a new one?"], [*train.right, "why"], np.ones(201), "more.csv")
    assert len(teach(teacher, more, tmp_path / "v")) == len(set(more.texts))
    assert f"{len(set(more.texts)) - count} of" in capsys.readouterr().err


def test_vectors_of_another_twin(teacher: Siamese, train: Pairs, tmp_path: Path) -> None:
    teach(teacher, train, tmp_path / "v")
    teacher.with_decision(threshold=0.6).save(tmp_path / "other")
    with pytest.raises(InputError, match=r"holds vectors of tiny .*, not of tiny"):
        open_vectors(load(tmp_path / "other"), tmp_path / "v")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is no folder of vectors"):
        open_vectors(teacher, tmp_path / "notes")
