from __future__ import annotations

import pytest

from textsiamese.cli.progress import Bar
from textsiamese.serving.tally import Progress


def run(shown: bool | None, size: int | None) -> None:
    with Bar(shown) as bar:
        bar.say("before")
        bar.update(Progress(0, 0, size))
        bar.update(Progress(65_536, 500, size))
        bar.say("between")
        bar.update(Progress(100_000, 1000, size))


def test_rows_a_second_and_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    run(True, 1000)
    told = capsys.readouterr()
    assert "50% |" in told.err
    assert "65,536 rows, " in told.err
    assert "rows/s [" in told.err
    assert " left]" in told.err
    assert told.out == ""
    lines = [line.strip() for line in told.err.replace("\r", "\n").splitlines()]
    assert lines.index("before") < lines.index("between")


def test_a_pipe_has_no_end_in_sight(capsys: pytest.CaptureFixture[str]) -> None:
    run(True, None)
    told = capsys.readouterr().err
    assert "100,000 rows, " in told
    assert "left" not in told


@pytest.mark.parametrize("shown", [False, None])
def test_only_messages_where_it_is_not_shown(
    shown: bool | None, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shown, 1000)
    assert capsys.readouterr().err == "before\nbetween\n"
