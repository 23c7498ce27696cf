"""Reading one step ahead of the work that the items are for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
READER = "textsiamese reader"
"""The name of the thread, by which a process that ends can see that it still waits for a pipe."""

_LOOK_AGAIN = 0.1  # seconds


class _End:
    """The last thing the thread sends: no more items, and the error if one is why."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterator[T]) -> Generator[T]:
    """Yield the items in order while a thread already makes the next one.

    One item waits and one is being made, so memory is that of a few items. An error of `items` is
    raised here, in its place. Closing this iterator ends the thread after the item that it is at.
    """
    ready: queue.Queue[T | _End] = queue.Queue(maxsize=1)
    stop = threading.Event()
    threading.Thread(target=_make, args=(items, ready, stop), name=READER, daemon=True).start()
    try:
        while not isinstance(item := ready.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stop.set()


def _make(items: Iterator[T], ready: queue.Queue[T | _End], stop: threading.Event) -> None:
    end = _End()
    try:
        for item in items:
            _send(item, ready, stop)
            if stop.is_set():
                return
    except BaseException as error:
        end = _End(error)
    _send(end, ready, stop)


def _send(item: T | _End, ready: queue.Queue[T | _End], stop: threading.Event) -> None:
    while not stop.is_set():
        with suppress(queue.Full):
            ready.put(item, timeout=_LOOK_AGAIN)
            return
