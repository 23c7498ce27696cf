from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from textsiamese.serving.pipeline import ahead


def test_items_come_in_order() -> None:
    assert list(ahead(iter(range(100)))) == list(range(100))


def test_no_items() -> None:
    assert list(ahead(iter([]))) == []


def test_an_error_comes_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken here")

    got = ahead(items())
    assert next(got) == 1
    with pytest.raises(ValueError, match="broken here"):
        next(got)


def test_the_next_item_is_made_while_one_is_in_use() -> None:
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    got = ahead(items())
    assert next(got) == 1
    assert made.wait(5)
    assert list(got) == [2]


def test_only_a_few_items_are_made_ahead() -> None:
    count = 0

    def items() -> Iterator[int]:
        nonlocal count
        while count < 100:
            count += 1
            yield count

    got = ahead(items())
    next(got)
    time.sleep(0.1)
    assert count <= 3
    got.close()


def test_closing_ends_the_thread() -> None:
    before = set(threading.enumerate())
    got = ahead(iter(range(100)))
    next(got)
    (thread,) = set(threading.enumerate()) - before
    got.close()
    thread.join(5)
    assert not thread.is_alive()
