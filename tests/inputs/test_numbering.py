from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.inputs import stored
from textsiamese.inputs.numbering import number_texts, number_values
from textsiamese.inputs.stored import StoredTexts, TextFile


@given(st.lists(st.text("ab", max_size=3)), st.booleans())
def test_stored_texts_get_the_numbers_of_a_list(texts: list[str], many: bool) -> None:
    slow: list[str] = []
    for text in texts:
        if text not in slow:
            slow.append(text)
    rows, distinct = number_texts(texts)
    assert distinct == slow
    assert rows.dtype == np.int64
    assert [slow[row] for row in rows] == texts
    file = TextFile()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "HELD_BYTES", 0 if many else 1 << 28)
        found, lying = number_texts(StoredTexts(file, file.append(texts)))
    assert found.tolist() == rows.tolist()
    assert list(lying) == slow
    assert isinstance(lying, StoredTexts if many and texts else list)


@given(st.lists(st.integers(0, 5)))
def test_values_are_numbered_in_order_of_appearance(values: list[int]) -> None:
    rows, first = number_values(np.array(values, np.uint64))
    slow = list(dict.fromkeys(values))
    assert rows.tolist() == [slow.index(value) for value in values]
    assert first.tolist() == [values.index(value) for value in slow]
