"""One run of a command, as the operating system accounts for it; and the machine it ran on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("torch", "onnxruntime", "tokenizers", "pyarrow", "sentence-transformers")


@dataclass(frozen=True)
class Run:
    """Wall and CPU seconds of one process, and the most memory it held, in MB."""

    wall: float
    cpu: float
    memory: float


def run(command: Sequence[str]) -> Run:
    """Run a command to its end; its output is thrown away unless it fails."""
    with tempfile.TemporaryFile() as told:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=told)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            reason = told.read().decode(errors="replace")
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{reason}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def machine() -> str:
    """Processor, usable cores, Python and the packages that matter."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].split(":")[1].strip() if lines else name
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
