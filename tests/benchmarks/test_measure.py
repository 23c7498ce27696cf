from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


def test_a_run_is_measured(benchmarks: None) -> None:
    from measure import run

    idle = run([sys.executable, "-c", "pass"])
    busy = run([sys.executable, "-c", "x = b'1' * 200_000_000; sum(range(3_000_000))"])
    assert busy.memory > idle.memory + 150
    assert busy.cpu > idle.cpu
    assert busy.wall > 0
    assert (idle.printed, run([sys.executable, "-c", "print('ä\\n2')"]).printed) == ("", "ä\n2\n")


def test_a_run_that_fails_is_no_result(benchmarks: None) -> None:
    from measure import run

    with pytest.raises(SystemExit, match="no such thing"):
        run([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_the_table_is_as_long_as_asked(benchmarks: None, tmp_path: Path) -> None:
    from tasks import Bench

    columns = ["question1", "question2", "is_duplicate"]
    table = pd.DataFrame([[f"a {i}?", f'b, "{i}"', i % 2] for i in range(7)], columns=columns)
    (tmp_path / "quora").mkdir()
    table.to_parquet(tmp_path / "quora" / "train.parquet")
    made = pd.read_csv(Bench(tmp_path, tmp_path).quora(17))
    assert list(made.columns) == columns
    assert len(made) == 17
    assert made.iloc[7:14].reset_index(drop=True).equals(table)
