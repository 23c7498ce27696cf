from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import textsiamese as ts

ROOT = Path(__file__).parent.parent.parent
Told = dict[tuple[Path, bool], dict[str, float]]


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


@pytest.fixture
def trains(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Told, list[str]], None]:
    """Lets training scripts tell what is given: by script, and whether it is asked for bf16."""
    import tasks
    from measure import Run

    def telling(told: Told, asked: list[str]) -> None:
        def run(command: list[str | Path]) -> Run:
            script, *options = command[1:]
            bf16 = options[-1] == "--bf16"
            assert [str(each) for each in options[: len(options) - bf16]] == [str(tmp_path), *asked]
            wall = 20.0 if script == tasks.TRAIN else 60.0
            said = json.dumps(told[Path(script), bf16])
            return Run(wall, 0.0, 0.0, f"a line before\n{said}\n")

        monkeypatch.setattr(tasks, "run", run)

    return telling


def told(seconds: float, precision: float, accuracy: float) -> dict[str, float]:
    return {"seconds": seconds, "average_precision": precision, "accuracy": accuracy}


@pytest.mark.parametrize(
    ("seconds", "accuracy", "met"), [(10.0, 0.8, True), (30.0, 0.8, False), (10.0, 0.69, False)]
)
def test_training_must_be_twice_as_fast_and_no_worse(
    tmp_path: Path, trains: Callable, seconds: float, accuracy: float, met: bool
) -> None:
    import tasks

    ours, peer = told(seconds, 0.8, accuracy), told(50.0, 0.75, 0.7)
    trains({(tasks.TRAIN, False): ours, (tasks.PEER_TRAIN, False): peer}, ["--pairs", "40000"])
    result = tasks.train(tasks.Bench(tmp_path, tmp_path))
    assert result.met is met
    said = f"{40_000 / seconds:,.0f} pairs/s, 20 s in all, dev AP 0.800, accuracy {accuracy:.1%}"
    assert result.ours == said
    assert result.peer.startswith("800 pairs/s, 60 s in all, dev AP 0.750, accuracy 70.0%")
    assert result.peer.endswith(f"{50 / seconds:.1f}x in the loop, 3.0x as a process")


@pytest.mark.parametrize(
    ("seconds", "precision", "met"), [(40.0, 0.81, True), (60.0, 0.9, False), (40.0, 0.80, False)]
)
def test_fine_tuning_is_held_against_the_peer_as_it_is_and_shown_beside_its_bf16(
    tmp_path: Path, trains: Callable, seconds: float, precision: float, met: bool
) -> None:
    import tasks

    trains(
        {
            (tasks.TRAIN, False): told(seconds, precision, 0.80),
            (tasks.PEER_TRAIN, False): told(80.0, 0.815, 0.80),
            (tasks.PEER_TRAIN, True): told(20.0, 0.9, 0.85),
        },
        ["--pairs", "8000", "--base", "all-MiniLM-L6-v2", "--dev", "2000"],
    )
    result = tasks.finetune(tasks.Bench(tmp_path, tmp_path))
    assert result.met is met
    assert result.peer.startswith("100 pairs/s, 60 s in all, dev AP 0.815, accuracy 80.0%")
    assert f"{80 / seconds:.1f}x in the loop, 3.0x as a process; 400 pairs/s" in result.peer
    assert result.peer.endswith(f"(its bf16=True): {20 / seconds:.1f}x in the loop")


@pytest.mark.parametrize(
    ("wall", "shift", "met"), [(10.0, 0.009, True), (11.0, 0.0, False), (9.0, 0.011, False)]
)
def test_scoring_must_be_three_times_as_fast_and_the_same_to_a_hundredth(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tiny_folder: Path,
    wall: float,
    shift: float,
    met: bool,
) -> None:
    import tasks
    from measure import Run

    twin, texts = ts.load(tiny_folder), ["a", "b b", "c", "how do i"]
    probability = twin.score(texts[:2], texts[2:]) + np.array([0, shift])
    walls = iter([wall + 9, wall, wall + 1, wall - 1])

    def run(command: list[str | Path]) -> Run:
        if command[0] == tasks.SCRIPT:
            assert command[command.index("--twin") + 1] == str(tiny_folder)
            bench.scored.write_text(f"probability\n{probability[0]}\n{probability[1]}\n0.5\n")
            return Run(next(walls), 0.0, 700.0, "")
        assert command[command.index("--model") + 1] == tiny_folder
        vectors = twin.encode(texts).reshape(2, 2, -1)
        np.save(command[command.index("--vectors") + 1], vectors)
        return Run(30.0, 0.0, 900.0, "")

    monkeypatch.setattr(tasks, "run", run)
    bench = tasks.Bench(tmp_path, tmp_path, str(tiny_folder))
    (tmp_path / "quora_100000.csv").touch()
    result = tasks.minilm(bench)
    assert result.met is met
    listed = f"{wall:.1f}, {wall + 1:.1f}, {wall - 1:.1f}"
    assert result.ours == f"{wall:.1f} s (median of 3: {listed}), 700 MB"
    assert result.peer.startswith(f"30 s, 900 MB (plain script, same weights): {30 / wall:.1f}x;")
    assert f"probabilities of 2 pairs at most {shift:.4f} apart (99.9%" in result.peer


def test_the_table_is_as_long_as_asked(tmp_path: Path) -> None:
    from tasks import Bench

    columns = ["question1", "question2", "is_duplicate"]
    table = pd.DataFrame([[f"a {i}?", f'b, "{i}"', i % 2] for i in range(7)], columns=columns)
    (tmp_path / "quora").mkdir()
    table.to_parquet(tmp_path / "quora" / "train.parquet")
    made = pd.read_csv(Bench(tmp_path, tmp_path).quora(17))
    assert list(made.columns) == columns
    assert len(made) == 17
    assert made.iloc[7:14].reset_index(drop=True).equals(table)


def test_the_scripts_are_there() -> None:
    import tasks

    assert tasks.TRAIN.is_file()
    assert tasks.PEER_TRAIN.is_file()
    assert tasks.PEER.is_file()
