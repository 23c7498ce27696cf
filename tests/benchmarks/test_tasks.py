from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


@pytest.mark.parametrize(
    ("seconds", "accuracy", "met"), [(10.0, 0.8, True), (30.0, 0.8, False), (10.0, 0.69, False)]
)
def test_training_must_be_twice_as_fast_and_no_worse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, accuracy: float, met: bool
) -> None:
    import tasks
    from measure import Run

    told = {
        tasks.TRAIN: {"seconds": seconds, "average_precision": 0.8, "accuracy": accuracy},
        tasks.PEER_TRAIN: {"seconds": 50.0, "average_precision": 0.75, "accuracy": 0.7},
    }

    def run(command: list[str | Path]) -> Run:
        assert command[2:] == [tmp_path, "--pairs", "40000", "--epochs", "1"]
        wall = 20.0 if command[1] == tasks.TRAIN else 60.0
        return Run(wall, 0.0, 0.0, "a line before\n" + json.dumps(told[Path(command[1])]) + "\n")

    monkeypatch.setattr(tasks, "run", run)
    result = tasks.train(tasks.Bench(tmp_path, tmp_path))
    assert result.met is met
    ours = f"{40_000 / seconds:,.0f} pairs/s, 20 s in all, dev AP 0.800, accuracy {accuracy:.1%}"
    assert result.ours == ours
    assert result.peer.startswith("800 pairs/s, 60 s in all, dev AP 0.750, accuracy 70.0%")
    assert result.peer.endswith(f"{50 / seconds:.1f}x in the loop, 3.0x as a process")


def test_the_scripts_are_there() -> None:
    import tasks

    assert tasks.TRAIN.is_file()
    assert tasks.PEER_TRAIN.is_file()
    assert tasks.PEER.is_file()
