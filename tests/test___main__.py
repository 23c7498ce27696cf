from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import textsiamese
from textsiamese.__main__ import main


def test_the_package_runs_as_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "textsiamese", "--version"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"textsiamese {textsiamese.__version__}\n"


def test_the_command_begins_here() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    assert project["project"]["scripts"] == {"textsiamese": "textsiamese.__main__:main"}


def test_ctrl_c_while_the_command_line_loads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "textsiamese.cli.main":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "textsiamese.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 130
    assert capsys.readouterr() == ("", "")
