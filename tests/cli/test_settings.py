from __future__ import annotations

from pathlib import Path

import pytest

from textsiamese.cli.settings import given_settings
from textsiamese.errors import InputError


def test_options_go_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text('{"seed": 5, "epochs": 3}')
    flags = {"epochs": 7, "lora": None, "gradient_checkpointing": None}
    assert given_settings(file, flags) == {"seed": 5, "epochs": 7}
    assert given_settings(None, flags) == {"epochs": 7}


@pytest.mark.parametrize(
    ("content", "said"), [("epochs=3", "is no JSON"), ("[3]", "holds no settings"), (None, "read")]
)
def test_files_that_hold_no_settings(tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "s.json"
    if content:
        file.write_text(content)
    with pytest.raises(InputError, match=said):
        given_settings(file, {})
