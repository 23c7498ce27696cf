"""One run of a command, as the operating system accounts for it; and the machine it ran on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("torch", "onnxruntime", "tokenizers", "pyarrow", "sentence-transformers")


@dataclass(frozen=True)
class Run:
    """Wall and CPU seconds of one process, the most memory it held, in MB, and what it printed."""

    wall: float
    cpu: float
    memory: float
    printed: str


def run(command: Sequence[str | Path]) -> Run:
    """Run a command to its end; what it says on stderr is thrown away unless it fails.

    It is started and measured by a small process of its own: a child begins with the peak memory
    of the process that it was forked from.
    """
    launched = [sys.executable, "-S", __file__, *map(str, command)]
    done = subprocess.run(launched, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr}")
    return Run(**json.loads(done.stdout))


def _launch(command: Sequence[str]) -> None:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "memory": memory, "printed": printed}))
    sys.exit(os.waitstatus_to_exitcode(status))


def machine() -> str:
    """Processor, usable cores, Python and the packages that matter."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].split(":")[1].strip() if lines else name
    from importlib.metadata import version

    found = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    cores = len(os.sched_getaffinity(0))
    return f"{name}, {cores} cores, Python {platform.python_version()}, {found}"


def commit() -> str:
    """The commit that is checked out, with a + if files differ from it."""
    git = ("git", "-C", str(Path(__file__).parent))
    found = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    changed = subprocess.run(
        [*git, "status", "--porcelain", "--", "../textsiamese"], capture_output=True, text=True
    )
    return found.stdout.strip() + ("+" if changed.stdout.strip() else "")


if __name__ == "__main__":
    _launch(sys.argv[1:])
