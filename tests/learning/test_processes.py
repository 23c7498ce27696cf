from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.distributed import HashStore, distributed_c10d

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.processes import (
    by_the_first,
    first_to_tell,
    how_many,
    is_first,
    join,
    leave_word,
)
from textsiamese.learning.sharing import Share
from textsiamese.twins.bundle import load

FOLDER = Path(__file__).parent
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if torchrun had started this process among three."""
    monkeypatch.setenv("WORLD_SIZE", "3")
    monkeypatch.setenv("LOCAL_RANK", "0")


@pytest.fixture(scope="module")
def task() -> ModuleType:
    """What the two processes do, to be done by one here."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("task", FOLDER / "two_processes.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def two(train: Pairs, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which two processes have left their twins, and what they said on the way."""
    folder = tmp_path_factory.mktemp("two")
    with (folder / "pairs.csv").open("w", newline="") as file:
        rows = zip(train.left, train.right, train.labels, strict=True)
        csv.writer(file).writerows([("left", "right", "label"), *rows])
    said = ""
    for phase in ("at-first", "once-more"):
        done = subprocess.run(
            [*TORCHRUN, FOLDER / "two_processes.py", phase, folder],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=280,
        )
        killed = phase == "at-first"
        assert done.returncode == killed, done.stderr
        assert killed or "Traceback" not in done.stderr
        said += done.stderr.partition("torch/distributed/elastic")[0]
    return folder, said


@pytest.mark.parametrize("kind", ["cosine", "head"])
def test_the_first_gradients_are_those_of_one_process(
    two: tuple[Path, str], task: ModuleType, train: Pairs, kind: str
) -> None:
    alone = task.first_gradients(kind, train, Share())
    assert alone["texts"] % 2 == 1  # one process has a text more
    assert sum(bool(gradient.any()) for gradient in alone.values()) == len(alone)
    for process in (0, 1):
        together = torch.load(two[0] / f"{kind}-gradients-{process}.pt")
        torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", ["cosine", "head"])
def test_the_weights_after_20_steps_are_those_of_one_process(
    two: tuple[Path, str], task: ModuleType, train: Pairs, dev: Pairs, tmp_path: Path, kind: str
) -> None:
    task.train_twin(kind, train, dev, tmp_path / kind)
    alone, together = (
        load_file(root / f"{kind}.checkpoints" / "checkpoint-20" / "model.safetensors")
        for root in (tmp_path, two[0])
    )
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)
    begun = task.new_twin(kind, train).encoder.state_dict()
    assert all((alone[f"encoder.{name}"] - begun[name]).abs().max() > 1e-3 for name in begun)
    one, other = (load(root / kind) for root in (tmp_path, two[0]))
    scores = [twin.score(dev.left, dev.right) for twin in (one, other)]
    np.testing.assert_allclose(*scores, atol=2e-3)  # weights in fp16
    assert [epoch["kept"] for epoch in one.info.training["epochs"]] == [
        epoch["kept"] for epoch in other.info.training["epochs"]
    ]


def test_a_killed_process_ends_the_training_and_resumed_it_is_the_same_twin(
    two: tuple[Path, str],
) -> None:
    folder, said = two
    lost = f"the last checkpoint is {folder}/killed.checkpoints/checkpoint-12"
    assert said.count("another process of this training ended early") == 1
    assert f"{lost}: go on with resume=True (--resume)\n" in said
    one, other = (folder / name / "model.safetensors" for name in ("head", "killed"))
    assert one.read_bytes() == other.read_bytes()
    histories = [load(folder / name).info.training["epochs"] for name in ("head", "killed")]
    assert histories[0] == histories[1]


def test_the_command_speaks_with_one_voice(two: tuple[Path, str]) -> None:
    folder, said = two
    for words in ("no question is on two sides", "in 2 processes", "epoch 1 of 1", "judged on"):
        assert said.count(words) == 1, words
    assert said.count("epoch 2 of 2") == 3  # of the three other twins
    assert load(folder / "by-command").info.training["epochs"]
    assert (folder / "by-command" / "report.html").exists()


def test_an_error_of_one_process_is_told_once_and_none_waits(two: tuple[Path, str]) -> None:
    assert two[1].count("the memory does not suffice for batches of 21 rows") == 1
    assert two[1].count("Error: ") == 2  # this one, and that a process was killed


def test_the_others_wait_while_the_first_does_what_takes_hours(
    launched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, timedelta] = {}

    class State:
        process_index, num_processes = 1, 3

        def __init__(self, **options: timedelta) -> None:
            given.update(options)

    monkeypatch.setattr("accelerate.PartialState", State)
    assert join() == Share(1, 3)
    assert given["timeout"] >= timedelta(days=1)


def test_a_process_on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert (how_many(), is_first(), join()) == (1, True, Share())
    assert by_the_first(lambda: 3) == 3
    assert first_to_tell()
    assert first_to_tell()


@pytest.mark.usefixtures("launched")
def test_one_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    for rank in range(3):
        monkeypatch.setenv("RANK", str(rank))
        assert (how_many(), is_first()) == (3, rank == 0)
        assert first_to_tell() == (rank == 0)  # they have not met


@pytest.mark.usefixtures("launched")
def test_whoever_asks_first_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    store = HashStore()
    monkeypatch.setattr(distributed_c10d, "_get_default_store", lambda: store)
    assert [first_to_tell() for _ in range(3)] == [True, False, False]


def test_several_without_a_launcher_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert (how_many(), is_first(), first_to_tell()) == (1, True, True)
    with pytest.raises(InputError, match=r"WORLD_SIZE is 2, but LOCAL_RANK is not set: .*torchrun"):
        join()


def test_a_word_for_the_launcher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leave_word("nobody reads this")
    monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(tmp_path / "error.json"))
    leave_word("no such table")
    word = json.loads((tmp_path / "error.json").read_text())["message"]
    assert (word["message"], word["extraInfo"]["py_callstack"]) == ("no such table",) * 2
    assert int(word["extraInfo"]["timestamp"]) > 1_700_000_000
    monkeypatch.setenv("TORCHELASTIC_ERROR_FILE", str(tmp_path / "nowhere" / "error.json"))
    leave_word("there is no such folder")
