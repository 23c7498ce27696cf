from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.encoders.windows import Windowing
from textsiamese.errors import InputError

ENDS = st.tuples(st.integers(0, 2), st.integers(0, 2))


def windows_loop(length: int, how: Windowing) -> list[list[int]]:
    """The places that each window of a text reads, one more window until they cover it."""
    if length <= how.size:
        return [list(range(length))]
    before, after = how.ends
    first, last = list(range(before)), list(range(length - after, length))
    inner, room, count = list(range(before, length - after)), how.size - before - after, 1
    while count * room - (count - 1) * how.overlap < len(inner):
        count += 1
    step = Fraction(len(inner) - room, count - 1)
    begins = [math.floor(number * step) for number in range(count)]
    return [first + inner[begin : begin + room] + last for begin in begins]


def read(lengths: list[int], how: Windowing) -> list[list[list[int]]]:
    """The places that are read of each text, window by window."""
    windows = how.split(np.array(lengths, dtype=np.int64))
    places = windows.places(slice(None))
    found: list[list[list[int]]] = [[] for _ in lengths]
    for row, (of, length) in enumerate(zip(windows.of, windows.lengths, strict=True)):
        assert not places[row, length:].any()
        found[of].append(places[row, :length].tolist())
    assert windows.counts.tolist() == [len(each) for each in found]
    return found


@given(
    lengths=st.lists(st.integers(1, 90), min_size=1, max_size=6),
    room=st.integers(1, 12),
    overlap=st.integers(0, 11),
    ends=ENDS,
)
def test_equals_a_slow_loop(
    lengths: list[int], room: int, overlap: int, ends: tuple[int, int]
) -> None:
    how = Windowing(room + sum(ends), 100, min(overlap, room - 1), ends=ends)
    assert read(lengths, how) == [windows_loop(length, how) for length in lengths]


@given(length=st.integers(1, 300), size=st.integers(1, 20), overlap=st.integers(0, 19), ends=ENDS)
def test_windows_are_full_and_evenly_spaced_and_cover_the_text(
    length: int, size: int, overlap: int, ends: tuple[int, int]
) -> None:
    how = Windowing(size + sum(ends), 400, min(overlap, size - 1), ends=ends)
    (windows,) = read([length], how)
    assert {place for window in windows for place in window} == set(range(length))
    assert {len(window) for window in windows} == {min(length, how.size)}
    begins = np.array([window[ends[0]] for window in windows if len(window) > sum(ends)])
    assert len(begins) < 2 or np.ptp(np.diff(begins)) <= 1
    assert (np.diff(begins) <= size - how.overlap).all()


@given(size=st.integers(1, 20), windows=st.integers(1, 9), overlap=st.integers(0, 19), ends=ENDS)
def test_a_text_at_the_limit_takes_all_windows_and_one_piece_more_would_take_another(
    size: int, windows: int, overlap: int, ends: tuple[int, int]
) -> None:
    how = Windowing(size + sum(ends), windows, min(overlap, size - 1), ends=ends)
    counts = how.split(np.array([how.size, how.size + 1, how.limit, how.limit + 1])).counts
    assert counts.tolist() == [1, 2, windows, windows + 1]


def test_by_hand() -> None:
    assert Windowing(4, 3).limit == 12
    assert read([4, 5, 10], Windowing(4, 3)) == [
        [[0, 1, 2, 3]],
        [[0, 1, 2, 3], [1, 2, 3, 4]],
        [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]],
    ]
    assert read([8], Windowing(5, 2, ends=(1, 1))) == [[[0, 1, 2, 3, 7], [0, 4, 5, 6, 7]]]


@pytest.mark.parametrize("pooling", ["mean", "max"])
@pytest.mark.parametrize("unit", [True, False])
def test_pooled_text_by_text(pooling: Any, unit: bool) -> None:
    vectors = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    pooled = Windowing(9, 9, pooling=pooling, unit=unit).pooled(vectors, np.array([1, 3, 2]))
    for row, part in enumerate((vectors[:1], vectors[1:4], vectors[4:])):
        expected = np.array([getattr(part[:, column], pooling)() for column in range(5)])
        if len(part) > 1 and unit:
            expected /= math.sqrt(sum(expected**2))
        np.testing.assert_allclose(pooled[row], expected, atol=1e-6)
    assert np.array_equal(pooled[0], vectors[0])


def test_no_texts() -> None:
    windows = Windowing(3, 2).split(np.zeros(0, dtype=np.int64))
    assert len(windows.of) == 0
    assert windows.places(slice(0, 5)).shape == (0, 0)
    assert Windowing(3, 2).pooled(np.zeros((0, 4), np.float32), windows.counts).shape == (0, 4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"windows": 0}, "windows is 0; it must be 1 or more"),
        ({"overlap": -1}, "overlap is -1; it must be 0 or more"),
        ({"windows": 2, "overlap": 8}, "overlap is 8; it must be 0 or more, and less than the 8 p"),
        ({"pooling": "sum"}, "window_pooling is 'sum'; the ways known are mean, max"),
        ({"windows": 2, "size": 3, "ends": (2, 1)}, "max_length is 3, but 3 pieces stand at the e"),
    ],
)
def test_values_that_cannot_be_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Windowing(**{"size": 10, "ends": (1, 1), **change})


def test_one_window_may_be_full_of_special_pieces() -> None:
    assert Windowing(3, ends=(2, 1)).split(np.array([3])).counts.tolist() == [1]
