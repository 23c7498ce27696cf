from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import textsiamese as ts
from tests.conftest import TEXTS
from textsiamese.cli.opening import undecided

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def test_what_a_twin_is(command: Run, tiny_folder: Path) -> None:
    done = command("info", tiny_folder)
    shown = done.stdout.decode()
    assert done.returncode == 0
    assert str(ts.load(tiny_folder).info) in shown
    assert "terms     free for everybody" in shown
    assert "probability of 0.5 (rule accuracy), where 40.0% of the pairs are the same" in shown
    assert done.stderr == b""


def test_a_twin_without_a_decision(command: Run, tiny_folder: Path, tmp_path: Path) -> None:
    twin = ts.load(tiny_folder)
    twin.decision = None
    twin.save(tmp_path / "undecided")
    shown = command("info", "undecided").stdout.decode()
    assert shown.splitlines()[-1] == undecided("undecided")


def test_what_stands_on_each_side_where_one_holds_pictures(command: Run, tmp_path: Path) -> None:
    captions = ts.LstmEncoder.for_texts(TEXTS, ts.LstmConfig(embedding=8, hidden=8, dim=4), 400)
    pictures = ts.CnnEncoder(ts.CnnConfig(size=16, widths=(8,), dim=4))
    ts.PseudoSiamese(captions, pictures).save(tmp_path / "two")
    shown = command("info", "two").stdout.decode()
    assert "reads     texts on the left, pictures on the right" in shown.splitlines()


def test_no_such_twin(command: Run) -> None:
    done = command("info", "nowhere")
    assert (done.returncode, done.stdout) == (2, b"")
