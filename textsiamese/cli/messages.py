"""What a command tells a person, on stderr, and the exit code it ends with."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from textsiamese.errors import TextsiameseError, tells_of_memory
from textsiamese.learning.processes import first_to_tell, leave_word
from textsiamese.serving.pipeline import READER

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
DEBUG = "TEXTSIAMESE_DEBUG"


def say(message: str) -> None:
    """Write one line to stderr; a stderr that is closed is no reason to stop."""
    with suppress(OSError, ValueError):
        print(message, file=sys.stderr, flush=True)


@contextmanager
def guard() -> Iterator[None]:
    """Run a command; whatever goes wrong is told in one line and ends in its exit code.

    Exit codes: 1 an error of ours or of the machine, 2 the user's input cannot be used, 130 Ctrl-C.
    A reader of stdout that has left (``| head``) ends the command quietly with 0. A traceback is
    shown only with TEXTSIAMESE_DEBUG=1.

    Raises:
        SystemExit: if anything went wrong.
    """
    _open_missing_streams()
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt as error:
        _end(str(error) or "stopped", INTERRUPTED)
    except BrokenPipeError:
        _end("", DONE)
    except TextsiameseError as error:
        _end(f"Error: {error}", error.exit_code)
    except OSError as error:
        where = error.filename or "standard output"
        _end(f"Error: {where} cannot be used: {error.strerror or error}", FAILED)
    except SystemExit:
        raise
    except Exception as error:
        if type(error).__module__.startswith("typer"):  # wrong usage, help: typer tells it
            raise
        if tells_of_memory(error):
            _end("Error: the memory does not suffice; close other programs and try again", FAILED)
        if _was_interrupted(error):
            _end("stopped", INTERRUPTED)
        _end(_unexpected(error), FAILED)


def leave(end: SystemExit) -> None:
    """Let the process end, at once if a thread still waits for stdin.

    An interpreter that shuts down under such a thread aborts: the thread holds the lock of stdin.

    Raises:
        SystemExit: the one given, in the usual case.
    """
    if not any(thread.name == READER for thread in threading.enumerate()):
        raise end
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(end.code if isinstance(end.code, int) else FAILED)


def _end(message: str, code: int) -> None:
    if os.environ.get(DEBUG, "0") not in ("", "0"):
        traceback.print_exc()
    leave_word(message)
    if message and first_to_tell():
        say(message)
    _drop_stdout()
    sys.exit(code)


def _open_missing_streams() -> None:
    """Give a process that was started without stdin, stdout or stderr one on its own number.

    Else the next file opened would get that number, and a message would land in it. The stdin
    cannot be read and the stdout cannot be written, as if they were not there; stderr goes nowhere.
    """
    ways = {"stdin": os.O_WRONLY, "stdout": os.O_RDONLY, "stderr": os.O_WRONLY}
    for number, (name, way) in enumerate(ways.items()):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, way)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def _was_interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind an error; it is where it met a module of C++ that was loading."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _drop_stdout() -> None:
    """What stdout still holds goes nowhere, so that the exit cannot fail or wait on it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"Error: {what} ({os.path.basename(last.filename)}, line {last.lineno}). This is a fault "
        f"of textsiamese: please report it where you got the package, with the command and the "
        f"traceback that {DEBUG}=1 shows"
    )
