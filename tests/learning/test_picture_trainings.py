"""Trainings of captions with pictures: killed and resumed, and in two processes by torchrun."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.drawing import dealt_scenes, drawn_pairs
from textsiamese.twins.bundle import load

SCRIPT = Path(__file__).parent / "pictures_in_two_processes.py"
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a table of captions and the pictures that it names."""
    folder = tmp_path_factory.mktemp("trainings")
    pairs = drawn_pairs(dealt_scenes(50)[1], folder / "pictures")
    with (folder / "captions.csv").open("w", newline="") as file:
        paths = [os.path.relpath(path, folder) for path in pairs.right]
        csv.writer(file).writerows([("caption", "image"), *zip(pairs.left, paths, strict=True)])
    return folder


def run(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_killed_at_any_moment_and_resumed_it_is_the_same_twin(folder: Path) -> None:
    run(SCRIPT, "killed", folder)
    for side in ("left", "right"):
        one, other = (folder / out / side / "model.safetensors" for out in ("whole", "resumed"))
        assert one.read_bytes() == other.read_bytes()
    histories = [load(folder / out).info.training["epochs"] for out in ("whole", "resumed")]
    assert histories[0] == histories[1]
    assert len(histories[0]) == 2


def test_two_processes_train_the_twin_that_one_trains(folder: Path) -> None:
    run(*TORCHRUN, SCRIPT, "together", folder)
    first, second = (torch.load(folder / f"weights-{process}.pt") for process in (0, 1))
    torch.testing.assert_close(first, second, rtol=0, atol=0)
    run(SCRIPT, "alone", folder)
    alone = torch.load(folder / "weights-0.pt")
    torch.testing.assert_close(first, alone, rtol=0, atol=1e-4)
