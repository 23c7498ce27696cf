"""The README's commands and examples do what they say."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from textsiamese.cli.main import app
from textsiamese.encoders import fetching
from textsiamese.twins.bundle import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXTSIAMESE = Path(sys.executable).with_name("textsiamese")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bert_folder: Path) -> Path:
    """Where a reader would stand: the sample data in its place, a tiny model in MiniLM's."""
    monkeypatch.setattr(fetching, "_packaged_minilm", lambda: bert_folder)
    monkeypatch.setattr(fetching, "_from_hub", lambda name: bert_folder)
    (tmp_path / "data" / "questions").mkdir(parents=True)
    for name in ("sample_pairs.csv", "asked.csv", "answered.csv"):
        shutil.copy(ROOT / "data/questions" / name, tmp_path / "data/questions")
    shutil.copytree(ROOT / "data/pictures", tmp_path / "data/pictures")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_the_two_set_up_commands_are_those_of_ci() -> None:
    commands = [block.strip() for block in blocks("sh") if block.startswith("pip install")]
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert len(commands) == 2
    for command in commands:
        assert command in ci


@pytest.mark.parametrize("block", blocks("console"))
def test_console_examples_print_what_is_shown(block: str, folder: Path) -> None:
    for example in block.strip().split("$ ")[1:]:
        command, *shown = example.strip().split("\n")
        name, *arguments = shlex.split(command)
        assert name == "textsiamese"
        done = subprocess.run(
            [TEXTSIAMESE, *arguments], capture_output=True, text=True, check=True, cwd=folder
        )
        assert shown
        for line in shown:
            assert line.rstrip() in done.stdout.splitlines()


@pytest.mark.parametrize("block", [each for each in blocks("sh") if "--teacher-column" in each])
def test_a_student_learns_by_the_commands_that_are_shown(block: str, folder: Path) -> None:
    lines = (folder / "data/questions/sample_pairs.csv").read_text(encoding="utf-8").splitlines()
    for name, rows in {"pairs": lines[1:41], "train": lines[41:81], "dev": lines[281:]}.items():
        (folder / f"{name}.csv").write_text("\n".join([lines[0], *rows]), encoding="utf-8")
    questions = ["question", *(f"Where is the {thing} of the lawn?" for thing in "abcdefghi")]
    (folder / "questions.csv").write_text("\n".join(questions), encoding="utf-8")
    commands = [shlex.split(line) for line in block.strip().splitlines()]
    assert {name for name, *_ in commands} == {"textsiamese"}
    for _, *arguments in commands:
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
    assert load("my-twin").decision


@pytest.mark.parametrize("block", [each for each in blocks("sh") if "--right-encoder" in each])
def test_captions_and_pictures_by_the_commands_that_are_shown(block: str, folder: Path) -> None:
    commands = [shlex.split(line) for line in block.strip().splitlines()]
    done = [CliRunner().invoke(app, arguments) for _, *arguments in commands]
    assert [each.exit_code for each in done] == [0] * 4, [each.output for each in done]
    assert len((folder / "scored.csv").read_text(encoding="utf-8").splitlines()) == 321
    assert len((folder / "matches.csv").read_text(encoding="utf-8").splitlines()) == 961
    assert (folder / "matches.html").read_text(encoding="utf-8").count("<article") == 100
    assert done[3].stdout.startswith("retrieval ")


@pytest.mark.parametrize("block", [each for each in blocks("sh") if "asked.csv" in each])
def test_questions_are_matched_by_the_commands_that_are_shown(block: str, folder: Path) -> None:
    commands = [shlex.split(line) for line in block.strip().splitlines()]
    assert [name for name, *_ in commands] == ["textsiamese"] * 2
    done = [CliRunner().invoke(app, arguments) for _, *arguments in commands]
    assert [each.exit_code for each in done] == [0, 0]
    assert len((folder / "matches.csv").read_text(encoding="utf-8").splitlines()) == 51
    assert (folder / "matches.html").read_text(encoding="utf-8").count("<article") == 10
    assert len(done[1].stdout.splitlines()) == 11
    assert "answered.vectors" in {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python_examples_run_and_give_what_their_comments_say(number: int, folder: Path) -> None:
    block = blocks("python")[number]
    lines = block.splitlines()
    names: dict[str, object] = {}
    for statement in ast.parse(block).body:
        last = lines[statement.end_lineno - 1]
        if isinstance(statement, ast.Expr):
            value = eval(compile(ast.Expression(statement.value), "README", "eval"), names)
            told = re.search(r"# (\d\.\d+)$", last)
            if told:
                digits = len(told[1].split(".")[1])
                np.testing.assert_allclose(value, float(told[1]), atol=0.6 * 10**-digits)
        else:
            exec(compile(ast.Module([statement], []), "README", "exec"), names)


def test_examples_exist() -> None:
    assert len(blocks("python")) >= 3
    assert blocks("console")


def test_module_map_names_every_module() -> None:
    package = ROOT / "textsiamese"
    for path in package.rglob("*.py"):
        if path.name != "__init__.py":
            assert re.search(rf"\b{path.name}\b", README), f"{path.relative_to(ROOT)} is missing"


def test_no_page_has_a_blank_to_fill_in() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("data/*.md"), *ROOT.glob("benchmarks/*.md")]
    pages += ROOT.glob("textsiamese/pretrained/*/*.md")
    assert len(pages) >= 5
    for page in pages:
        assert "@@" not in page.read_text(encoding="utf-8"), page.name


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
