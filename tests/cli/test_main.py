from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer.testing

import textsiamese
from textsiamese.cli.main import app

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
HEAVY = "'torch','sklearn','scipy','pandas','pyarrow','rich','transformers','datasets','matplotlib'"
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def loaded(arguments: list[str], names: str = HEAVY) -> list[str]:
    """Which of some packages a command has imported by its end."""
    code = (
        "import sys\nfrom textsiamese.cli.main import main\n"
        "try: main()\nexcept SystemExit as end: assert not end.code, end.code\n"
        f"sys.stderr.write('LOADED ' + ' '.join(m for m in ({names}) if m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.split("LOADED ")[1].split()


def test_version(command: Run) -> None:
    done = command("--version")
    assert done.stdout.decode() == f"textsiamese {textsiamese.__version__}\n"
    assert done.returncode == 0
    assert importlib.metadata.version("textsiamese") == textsiamese.__version__


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_every_help_has_an_example(name: str | None) -> None:
    arguments = ["--help"] if name is None else [name, "--help"]
    shown = typer.testing.CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0
    example = shown.output.split("Example")[1]
    assert f"textsiamese {name or ''}".strip() in example


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_are_commands_as_they_stand(name: str) -> None:
    text = typer.testing.CliRunner().invoke(app, [name, "--help"]).output
    lines = [line for line in text.splitlines() if line.startswith("      ")]
    examples = [line for line in lines if "textsiamese " in line]
    assert examples
    known = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    options = {flag for parameter in known.params for flag in parameter.opts}
    for example in examples:
        words = example.split(f"textsiamese {name}")[1].split()
        assert {word for word in words if word.startswith("-") and word != "-"} <= options


def test_help_and_compare_load_nothing_heavy(tiny_folder: Path) -> None:
    assert loaded(["--help"], HEAVY + ",'numpy','onnxruntime'") == []
    assert loaded(["compare", "a b", "b c", "--twin", str(tiny_folder)]) == []


def test_scoring_a_csv_loads_neither_torch_nor_pandas(tiny_folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "pairs.csv"
    source.write_text('question1,question2,n\n"a ""b"", c",b é,1\n,x,2\n')
    arguments = ["score", str(source), "--twin", str(tiny_folder), "-o", str(tmp_path / "o.csv")]
    assert loaded(arguments) == ["pyarrow"]
    assert len((tmp_path / "o.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    "arguments",
    [["--nonsense"], ["nonsense"], ["score"], ["compare", "only one"], ["score", "a", "--bad"]],
)
def test_wrong_usage_ends_with_2(command: Run, arguments: list[str]) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert b"Error: " in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""


def test_help_into_a_full_disk(command: Run) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with open("/dev/full", "wb") as full:
        done = command("--help", stdout=full)
    assert done.returncode == 1
    assert done.stderr.decode().count("\n") == 1
    assert b"No space left" in done.stderr


def test_debug_shows_the_traceback(command: Run) -> None:
    arguments: list[Any] = ["compare", "a", ""]
    plain, debug = command(*arguments), command("--debug", *arguments)
    assert plain.returncode == debug.returncode == 2
    assert b"Traceback" not in plain.stderr
    assert b"Traceback" in debug.stderr
    assert debug.stderr.endswith(plain.stderr)
