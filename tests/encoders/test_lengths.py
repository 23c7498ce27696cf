from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.encoders.lengths import equal_length_batches


@given(
    st.lists(st.integers(1, 9), max_size=60),
    st.integers(1, 7),
    st.one_of(st.none(), st.integers(1, 30)),
)
def test_every_row_once_in_batches_of_one_length(
    lengths: list[int], rows: int, pieces: int | None
) -> None:
    found = list(equal_length_batches(np.array(lengths, dtype=np.int64), rows, pieces))
    assert sorted(row for batch in found for row in batch) == list(range(len(lengths)))
    for batch in found:
        of_batch = {lengths[row] for row in batch}
        assert len(of_batch) == 1
        assert 1 <= len(batch) <= rows
        assert pieces is None or len(batch) == 1 or len(batch) * of_batch.pop() <= pieces
    firsts = [lengths[batch[0]] for batch in found]
    assert firsts == sorted(firsts, reverse=True)


@pytest.mark.parametrize("pieces", [None, 8])
def test_no_texts(pieces: int | None) -> None:
    assert list(equal_length_batches(np.zeros(0, dtype=np.int64), 4, pieces)) == []
