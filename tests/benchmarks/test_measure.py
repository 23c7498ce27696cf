from __future__ import annotations

import sys
from pathlib import Path

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
