"""The house rules, checked: style, types, layers, tests beside modules, and a quick start."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import textsiamese as ts

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "textsiamese"
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ["torch", "pandas", "sklearn", "scipy", "transformers", "onnx", "pyarrow", "datasets"]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=280
    )


def name_of(file: Path) -> str:
    """The dotted name of a module's file."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize(
    "check",
    [
        ("-m", "ruff", "check", "--no-cache"),
        ("-m", "ruff", "format", "--check", "--no-cache"),
        ("-m", "mypy"),
        ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
    ],
    ids=["ruff check", "ruff format", "mypy", "import layers"],
)
def test_checkers(check: tuple[str, ...]) -> None:
    done = python(*check)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_has_its_test_file() -> None:
    assert len(MODULES) > 40
    modules = [file.relative_to(PACKAGE) for file in MODULES if file.name != "__init__.py"]
    wanted = {ROOT / "tests" / file.parent / f"test_{file.name}" for file in modules}
    missing = [str(file.relative_to(ROOT)) for file in sorted(wanted) if not file.exists()]
    assert not missing


def test_no_file_of_the_package_is_long() -> None:
    lengths = {name_of(file): len(file.read_text().splitlines()) for file in MODULES}
    assert {name: n for name, n in lengths.items() if n > 300} == {}


@pytest.mark.parametrize("name", ts.__all__)
def test_public_names(name: str) -> None:
    value = getattr(ts, name)
    assert name in dir(ts)
    if name != "__version__":
        assert value.__name__ == name
        assert value.__doc__


def test_a_type_checker_sees_the_names_that_are_loaded_lazily() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    (checked,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.name: node.module
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {name: f"textsiamese.{home}" for name, home in ts._HOMES.items()}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'siamese_network'"):
        ts.siamese_network  # noqa: B018


def loaded_after(code: str) -> set[str]:
    """Top-level packages that a fresh interpreter has loaded after some lines."""
    done = python("-c", f"{code}\nimport sys\nsys.stdout.write(' '.join(sys.modules))")
    assert done.returncode == 0, done.stderr
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_loads_next_to_nothing() -> None:
    loaded = loaded_after("import textsiamese")
    assert "textsiamese" in loaded
    assert not loaded & {*HEAVY, "numpy", "tokenizers", "onnxruntime", "typer"}


def test_scoring_loads_only_what_it_uses(tiny_folder: Path) -> None:
    loaded = loaded_after(
        f"import textsiamese as ts\nassert ts.load({str(tiny_folder)!r}).score('a', 'b') > 0"
    )
    assert {"numpy", "tokenizers", "onnxruntime", "safetensors"} <= loaded
    assert not loaded & set(HEAVY)


def imported_on_import(file: Path) -> set[str]:
    """Our modules that importing this one imports: not inside functions, not for types only."""
    found: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textsiamese"):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {node.module or ""} | names
    return found


def test_no_module_imports_itself_in_a_ring() -> None:
    waiting = {name_of(file): imported_on_import(file) for file in MODULES}
    waiting.pop("textsiamese")
    assert any(len(imports) > 3 for imports in waiting.values())
    while ready := {name for name, imports in waiting.items() if not imports & waiting.keys()}:
        waiting = {name: imports for name, imports in waiting.items() if name not in ready}
    assert not waiting


@pytest.mark.parametrize("name", [name_of(file) for file in MODULES])
def test_every_module_imports_and_has_a_docstring(name: str) -> None:
    assert importlib.import_module(name).__doc__


FOREIGN = {
    "a path of one machine": r"""(?<![\w.~$}/:-])/(?:work|root|home|Users|opt|mnt|srv)/\w""",
    "a package registry": r"(?:index-url|find-links)[ =]|\bpypi\.[a-z]{2,3}\b|pythonhosted",
}


def texts_of_the_repository() -> list[Path]:
    """Every text file that is not made by a tool."""
    found = []
    for file in ROOT.rglob("*"):
        parts = file.relative_to(ROOT).parts
        made = any((p.startswith(".") and p != ".ci") or p in MADE for p in parts)
        if not made and file.is_file() and b"\0" not in file.read_bytes()[:1024]:
            found.append(file)
    return found


MADE = {"__pycache__", "build", "dist", "runs", "venv", "node_modules"}


@pytest.mark.parametrize("kind", FOREIGN)
def test_nothing_of_one_machine_is_in_the_repository(kind: str) -> None:
    files = [file for file in texts_of_the_repository() if file != Path(__file__)]
    assert len(files) > 100
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1)
        if re.search(FOREIGN[kind], line)
    ]
    assert not found


def test_what_would_be_found() -> None:
    path, registry = (re.compile(pattern) for pattern in FOREIGN.values())
    for line in ("cd /home/me", 'open("/root/x")', "=/opt/wheels"):
        assert path.search(line), line
    for line in ("https://a.org/home/x", "data/home/x", "./work/x", "and/or/work/x"):
        assert not path.search(line), line
    for line in ("--index-url https://x", "https://pypi.org/simple", "files.pythonhosted.org"):
        assert registry.search(line), line
