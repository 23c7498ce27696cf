"""SIGKILL before every single step that changes the disk, and a resume after each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = """
import os, signal, sys
import pyarrow.compute, pyarrow.parquet  # once, before the forks
import textsiamese as ts
import textsiamese.serving.match_tables
import textsiamese.serving.tables

job, folder, source, out, kind, stride = sys.argv[1:]
twin = ts.load(folder)
os.fsync = lambda descriptor: None  # slow, and of use only where the power goes

def score(path, **options):
    if job == "score":
        ts.score_table(twin, source, path, chunk_rows=100, **options)
    else:
        page = path + ".html"
        ts.match_table(twin, source, source, path, chunk_rows=100, k=2, html=page, **options)

def in_child(work):
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return os.waitpid(child, 0)[1]

def deadly(steps, path):
    def guarded(real):
        def step(*arguments, **options):
            nonlocal steps
            steps -= 1
            if steps < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)
        return step
    for name in ("mkdir", "replace", "fsync", "unlink", "rmdir"):
        setattr(os, name, guarded(getattr(os, name)))
    score(path)

assert in_child(lambda: score(os.path.join(out, "whole" + kind))) == 0
whole = open(os.path.join(out, "whole" + kind), "rb").read()
assert len(whole) > 1000
if job == "match":
    page = open(os.path.join(out, "whole" + kind + ".html"), "rb").read()
for steps in range(0, 1000, int(stride)):
    path = os.path.join(out, f"{steps}{kind}")
    status = in_child(lambda: deadly(steps, path))
    existed = os.path.exists(path)
    if existed:
        assert open(path, "rb").read() == whole, ("half a file", steps)
    if status == 0:
        break
    assert os.WTERMSIG(status) == signal.SIGKILL, steps
    assert in_child(lambda: score(path, resume=True)) == 0, steps
    assert open(path, "rb").read() == whole, ("not the same", steps)
    assert not os.path.exists(path + ".partial"), steps
    if job == "match":
        assert open(path + ".html", "rb").read() == page, ("another page", steps)
print(steps)
"""


@pytest.mark.parametrize(
    ("job", "kind", "stride"),
    [("score", ".csv", 1), ("score", ".parquet", 6), ("match", ".csv", 3)],
)
def test_killed_at_every_step_and_resumed(
    tiny_folder: Path, pairs_csv: Path, tmp_path: Path, job: str, kind: str, stride: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRIVER]
        + [str(each) for each in (job, tiny_folder, pairs_csv, tmp_path, kind, stride)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30  # three chunks of six steps each, and those around them
