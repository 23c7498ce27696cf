"""A folder that one process at a time writes to."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class FolderLock:
    """Keeps out of a folder all who ask for its lock, until this process lets go or ends.

    On Windows, and on a file system without locks, nobody is kept out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor = -1

    def take(self) -> bool:
        """Take the lock, and say whether that went well; if not, somebody else has it.

        Raises:
            OSError: there is no such folder.
        """
        if sys.platform == "win32":
            return True
        import fcntl

        self._descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        except OSError:  # a file system without locks
            return True
        return True

    def release(self) -> None:
        """Let others in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
