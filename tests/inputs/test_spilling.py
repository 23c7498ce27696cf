from __future__ import annotations

import errno
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.errors import TextsiameseError
from textsiamese.inputs import stored
from textsiamese.inputs.spilling import Sides
from textsiamese.inputs.stored import StoredTexts

batches = st.lists(st.lists(st.tuples(st.text("aé ", max_size=9), st.text("b", max_size=9))))


@given(batches, st.sampled_from([0, 200, 1000, 1 << 28]))
def test_sides_are_what_was_added(rows: list[list[tuple[str, str]]], bound: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "HELD_BYTES", bound)
        sides = Sides("pairs.csv")
        for batch in rows:
            sides.add([a for a, _ in batch], [b for _, b in batch])
    left, right = sides.texts()
    flat = [pair for batch in rows for pair in batch]
    assert list(zip(left, right, strict=True)) == flat
    size = sum(128 + len(a) + len(b) for a, b in flat)
    for side in (left, right):
        assert isinstance(side, StoredTexts if size > bound else list)


def test_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(stored, "HELD_BYTES", 0)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(TextsiameseError, match=r"pairs\.csv has more text .*No space.* TMPDIR"):
        Sides("pairs.csv").add(["a"], ["b"])
