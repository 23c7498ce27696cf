from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import InputError
from textsiamese.inputs.tape import Tape


@given(st.binary(max_size=40), st.lists(st.integers(1, 9), max_size=5))
def test_every_play_starts_at_the_first_byte(content, looks):
    tape = Tape(io.BytesIO(content), "<stdin>")
    for size in looks:
        look = tape.play(last=False).read(size)
        assert content.startswith(look)
        assert bool(look) == bool(content)
    play = tape.play(last=True)
    read = b""
    while block := play.read(7):
        read += block
        assert play.tell() == len(read)
    assert read == content


def test_after_the_last_play_there_is_none():
    tape = Tape(io.BytesIO(b"abc"), "<stdin>")
    tape.play(last=True)
    with pytest.raises(InputError, match="<stdin> can be read only once"):
        tape.play(last=False)


def test_the_last_play_keeps_nothing():
    tape = Tape(io.BytesIO(b"x" * 100), "<stdin>")
    tape.play(last=False).read(10)
    play = tape.play(last=True)
    while play.read(9):
        pass
    assert len(tape._kept) == 10
