from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.inputs import stored
from textsiamese.inputs.stored import (
    StoredTexts,
    TextFile,
    digest_texts,
    held,
    held_bytes,
    join,
    sample,
    take,
)

a_text = st.text(st.characters(codec="utf-8"), max_size=12)


def in_file(texts: list[str], pieces: int = 1) -> StoredTexts:
    file = TextFile()
    parts = np.array_split(np.arange(len(texts)), pieces)
    numbers = [file.append([texts[i] for i in part]) for part in parts]
    return StoredTexts(file, np.concatenate(numbers))


@given(st.lists(a_text, max_size=20), st.integers(1, 4), st.data())
def test_stored_texts_are_a_sequence_like_any_other(
    texts: list[str], pieces: int, data: st.DataObject
) -> None:
    found = in_file(texts, pieces)
    assert len(found) == len(texts)
    assert list(found) == texts
    for i in range(-len(texts), len(texts)):
        assert found[i] == texts[i]
    for outside in (len(texts), -len(texts) - 1):
        with pytest.raises(IndexError):
            found[outside]
    part = data.draw(st.slices(len(texts)))
    assert isinstance(found[part], StoredTexts)
    assert list(found[part]) == texts[part]
    which = np.array(data.draw(st.lists(st.integers(0, max(0, len(texts) - 1)))), np.int64)
    which = which if texts else which[:0]
    assert list(take(found, which)) == list(take(texts, which)) == [texts[i] for i in which]
    assert held_bytes(found) == sum(len(text.encode()) for text in texts) + 64 * len(texts)


@pytest.mark.parametrize(("gap", "run"), [(0, 1), (0, 40), (7, 1 << 22), (1 << 14, 100)])
def test_however_the_file_is_read(monkeypatch: pytest.MonkeyPatch, gap: int, run: int) -> None:
    monkeypatch.setattr(stored, "_GAP", gap)
    monkeypatch.setattr(stored, "_RUN", run)
    monkeypatch.setattr(stored, "_BLOCK", 7)
    random = np.random.default_rng(0)
    texts = [f"{i} é" * int(random.integers(9)) for i in range(100)]
    found = in_file(texts, 3)
    for which in (np.arange(100), np.arange(0, 100, 3), random.integers(100, size=300)):
        assert list(take(found, which)) == [texts[i] for i in which]


def test_texts_may_be_added_after_some_were_read() -> None:
    found = in_file(["a", "bc"])
    assert list(found) == ["a", "bc"]
    assert found.file.append(["def"]).tolist() == [2]
    assert list(StoredTexts(found.file, np.array([2, 0]))) == ["def", "a"]


def test_joined_sides_stay_stored_in_one_file_only() -> None:
    found = in_file(["a", "b", "c"])
    whole = join(found[1:], found[:2])
    assert isinstance(whole, StoredTexts)
    assert list(whole) == ["b", "c", "a", "b"]
    assert join(found, in_file(["d"])) == ["a", "b", "c", "d"]
    assert join(found, ["d"]) == ["a", "b", "c", "d"]
    assert join(["d"], found) == ["d", "a", "b", "c"]


def test_sides_are_held_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = in_file(["a" * 36]), in_file(["b" * 36])
    mine = ["c"]
    monkeypatch.setattr(stored, "HELD_BYTES", 200)
    assert held(one, other, mine) == [["a" * 36], ["b" * 36], ["c"]]
    monkeypatch.setattr(stored, "HELD_BYTES", 199)
    assert held(one, other, mine) == [one, other, mine]
    assert held(one, mine) == [["a" * 36], mine]


def test_a_sample_is_what_may_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{i:036}" for i in range(50)]
    found = in_file(texts)
    assert sample(found, 0) == texts
    monkeypatch.setattr(stored, "HELD_BYTES", 1000)
    drawn = sample(found, 0)
    assert len(drawn) in (10, 11)
    assert len(set(drawn)) == len(drawn)
    assert set(drawn) < set(texts)
    assert sample(found, 0) == drawn != sample(found, 1)
    assert sample(texts, 0) is texts


@given(st.lists(a_text, max_size=12))
def test_digests_are_equal_where_the_keys_are(texts: list[str]) -> None:
    plain = digest_texts(texts, str.lower)
    assert plain.dtype == np.uint64
    for i, j in itertools.product(range(len(texts)), repeat=2):
        assert (plain[i] == plain[j]) == (texts[i].lower() == texts[j].lower())
    found = in_file(texts)
    for _ in range(2):
        assert digest_texts(found[::-1], str.lower).tolist() == plain[::-1].tolist()
    assert digest_texts(found, str).tolist() == digest_texts(texts, str).tolist()


def test_all_64_bits_tell_texts_apart() -> None:
    found = digest_texts([str(i) for i in range(20_000)], str)
    bits = np.unpackbits(found.view(np.uint8).reshape(-1, 8), axis=1).mean(axis=0)
    assert (abs(bits - 0.5) < 0.02).all()
