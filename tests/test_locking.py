"""One at a time: in one process, among several, and after one was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from textsiamese.locking import FolderLock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nobody is kept out there")

HOLDER = """
import sys, time
from pathlib import Path
from textsiamese.locking import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print(lock.take(), flush=True)
time.sleep(60)
"""


def test_one_at_a_time(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    assert first.take()
    assert not second.take()
    second.release()
    assert not second.take()
    first.release()
    first.release()
    assert second.take()
    second.release()


def test_it_goes_with_the_process_that_held_it(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout
    assert holder.stdout.readline() == b"True\n"
    lock = FolderLock(tmp_path)
    assert not lock.take()
    holder.kill()
    holder.communicate()
    assert lock.take()
    lock.release()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FolderLock(tmp_path / "none").take()
