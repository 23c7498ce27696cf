from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from textsiamese.cli.messages import guard, leave, say
from textsiamese.errors import InputError, OutputError, TextsiameseError


def ended(error: BaseException) -> int:
    with pytest.raises(SystemExit) as end, guard():
        raise error
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError("line 3 is bad"), 2, "Error: line 3 is bad"),
        (OutputError("o.csv cannot be written"), 1, "Error: o.csv cannot be written"),
        (TextsiameseError("broken"), 1, "Error: broken"),
        (KeyboardInterrupt(), 130, "stopped"),
        (KeyboardInterrupt("stopped; go on with --resume"), 130, "stopped; go on with --resume"),
        (OSError(errno.ENOSPC, "No space left", "x"), 1, "Error: x cannot be used: No space left"),
        (MemoryError(), 1, "Error: the memory does not suffice"),
        (RuntimeError("CUDA out of memory. Tried"), 1, "Error: the memory does not suffice"),
        (RuntimeError("CPUAllocator: can't allocate memory"), 1, "Error: the memory does not"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_every_error_has_its_line_and_code(
    error: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(error) == code
    told = capsys.readouterr()
    assert told.err.startswith(line)
    assert told.err.count("\n") == (1 if line else 0)
    assert told.out == ""


def test_ctrl_c_that_a_module_hides_while_it_loads(capsys: pytest.CaptureFixture[str]) -> None:
    hidden = ImportError("initialization failed")
    hidden.__cause__ = KeyboardInterrupt()
    assert ended(hidden) == 130
    assert capsys.readouterr().err == "stopped\n"


@pytest.mark.parametrize(
    ("closed", "code", "told"),
    [
        ("<&-", 2, "stdin cannot be read"),
        (">&-", 1, "standard output cannot be used: Bad file descriptor"),
        ("2>&-", 0, ""),
        ("<&- >&- 2>&-", 1, ""),
    ],
)
def test_a_process_without_streams(closed: str, code: int, told: str, tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from textsiamese.cli.messages import guard, say\n"
        "from textsiamese.errors import InputError\n"
        "with guard():\n"
        "    say('hello')\n"
        "    assert open('f', 'w').fileno() > 2\n"
        "    print('data')\n"
        "    sys.stdout.flush()\n"
        "    if '<&-' in sys.argv[1]:\n"
        "        try: sys.stdin.buffer.read()\n"
        "        except OSError: raise InputError('stdin cannot be read')\n"
    )
    (tmp_path / "s.py").write_text(script)
    run = ["bash", "-c", f'"$0" s.py "$1" {closed}', sys.executable, closed]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_what_nobody_expected_asks_for_a_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ended(KeyError("a\nb")) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "KeyError" in told
    assert "test_messages.py, line " in told
    assert "report it" in told
    monkeypatch.setenv("TEXTSIAMESE_DEBUG", "1")
    ended(KeyError("a"))
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("error", [SystemExit(7), typer.Exit(3), typer.BadParameter("x")])
def test_exits_and_wrong_usage_pass_through(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, guard():
        raise error
    assert caught.value is error


def test_no_error_no_exit(capsys: pytest.CaptureFixture[str]) -> None:
    with guard():
        sys.stdout.write("fine\n")
    assert capsys.readouterr() == ("fine\n", "")


def test_leaving_is_the_usual_exit_where_no_thread_waits() -> None:
    end = SystemExit(2)
    with pytest.raises(SystemExit) as caught:
        leave(end)
    assert caught.value is end


def test_leaving_does_not_wait_for_a_thread_that_does() -> None:
    code = (
        "import sys, threading, time\n"
        "from textsiamese.cli.messages import READER, leave\n"
        "threading.Thread(target=time.sleep, args=(60,), name=READER).start()\n"
        "print('flushed')\n"
        "leave(SystemExit(3))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30)
    assert (done.returncode, done.stdout) == (3, b"flushed\n")


def test_a_closed_stderr_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/null", "w") as closed:
        pass
    monkeypatch.setattr(sys, "stderr", closed)
    say("nobody hears it")
