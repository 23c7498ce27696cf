from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from textsiamese.cli.teaching import Teaching
from textsiamese.errors import BundleError, InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.twins.siamese import Siamese

NOTHING: dict[str, Any] = dict.fromkeys(("column", "twin", "vectors", "texts", "encoding"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"texts": "q"}, "name it with --teacher TWIN"),
        ({"texts": "q", "twin": "t", "column": "p"}, "leave out --teacher-column, or --texts"),
        ({"vectors": Path("v"), "column": "p"}, "--teacher-vectors v: there is no teacher"),
    ],
)
def test_options_that_make_no_sense_alone_or_together(given: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Teaching(**{**NOTHING, **given})


def test_a_teacher_is_a_twin(tiny_folder: Path, pair_model_folder: Path, tmp_path: Path) -> None:
    assert Teaching(**NOTHING).open(1) is None
    opened = Teaching(**{**NOTHING, "twin": str(tiny_folder)}).open(1)
    assert isinstance(opened, Siamese)
    assert opened.fingerprint
    with pytest.raises(InputError, match="has no vectors: let it score the table"):
        Teaching(**{**NOTHING, "twin": str(pair_model_folder)}).open(1)
    with pytest.raises(BundleError):
        Teaching(**{**NOTHING, "twin": str(tmp_path / "nobody")}).open(1)


def test_pairs_or_texts_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,q,n\n1,why,3\n2,,4\n3,how é,5\n", encoding="utf-8")

    def read_pairs(source: str, *, taught: str | None) -> Pairs:
        return Pairs([source], [str(taught)], [1])

    assert Teaching(**{**NOTHING, "column": "p"}).read("x", read_pairs).texts == ["x", "p"]
    alone = Teaching(**{**NOTHING, "twin": "t", "texts": "Q"}).read(str(path), read_pairs)
    assert (list(alone.left), alone.only_texts, alone.name) == (["why", "how é"], True, "t.csv")
    assert "t.csv: 1 row was left out" in capsys.readouterr().err
