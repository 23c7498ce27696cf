"""A bar on stderr: how far, how many rows a second, how long still."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from textsiamese.cli.messages import say

if TYPE_CHECKING:
    from textsiamese.serving.tally import Progress


class Bar:
    """Shows the progress of scoring; messages told meanwhile stand above it."""

    def __init__(self, shown: bool | None) -> None:
        """Show it or not; None: where stderr is a terminal."""
        self._shown = sys.stderr.isatty() if shown is None else shown
        self._bar: Any = None
        self._first: Progress | None = None
        self._began = 0.0

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def say(self, message: str) -> None:
        """Write a line to stderr."""
        if self._bar is None:
            say(message)
        else:
            self._bar.clear()
            say(message)
            self._bar.refresh()

    def update(self, progress: Progress) -> None:
        """Show how far it has come; the first call begins the bar."""
        if not self._shown:
            return
        if self._first is None:
            self._open(progress)
            return
        rate = (progress.rows - self._first.rows) / max(time.perf_counter() - self._began, 1e-9)
        self._bar.n = progress.position
        self._bar.set_description_str(f"{progress.rows:,} rows, {rate:,.0f} rows/s")

    def _open(self, progress: Progress) -> None:
        from tqdm import tqdm

        known = "{percentage:3.0f}% |{bar}| {desc} [{elapsed}, {remaining} left]"
        self._first, self._began = progress, time.perf_counter()
        self._bar = tqdm(
            total=progress.size,
            initial=progress.position,
            file=sys.stderr,
            bar_format=known if progress.size else "{desc} [{elapsed}]",
            leave=False,
            dynamic_ncols=True,
        )
