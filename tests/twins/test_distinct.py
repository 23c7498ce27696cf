from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.twins.distinct import distinct_inputs, distinct_of_pairs

words = st.sampled_from(["a", "b", "c", "ä", "aa"])


@given(texts=st.lists(words))
def test_each_text_once_in_order(texts: list[str]) -> None:
    distinct, rows = distinct_inputs(texts)
    assert distinct == sorted(set(texts), key=texts.index)
    assert [distinct[row] for row in rows] == texts


@given(pairs=st.lists(st.tuples(words, words)), turned=st.lists(st.booleans()))
def test_pairs_are_the_same_whichever_way_round(
    pairs: list[tuple[str, str]], turned: list[bool]
) -> None:
    turns = (turned + [False] * len(pairs))[: len(pairs)]
    other = [(b, a) if turn else (a, b) for (a, b), turn in zip(pairs, turns, strict=True)]
    distinct, a, b = distinct_of_pairs([x for x, _ in pairs], [y for _, y in pairs])
    again, a2, b2 = distinct_of_pairs([x for x, _ in other], [y for _, y in other])
    assert distinct == again
    assert len(set(distinct)) == len(distinct)
    assert np.array_equal(a, a2)
    assert np.array_equal(b, b2)
    found = [{distinct[i], distinct[j]} for i, j in zip(a, b, strict=True)]
    assert found == [set(pair) for pair in pairs]
