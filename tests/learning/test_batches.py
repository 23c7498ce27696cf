from __future__ import annotations

import copy
import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.sharing import Share


@pytest.fixture(scope="module")
def batches(train: Pairs, encoder: LstmEncoder) -> PairBatches:
    return PairBatches(train, encoder)


def pieces(groups: list[tuple[torch.Tensor, torch.Tensor]]) -> list[list[int]]:
    """The texts of a batch as lists of ids, without padding."""
    return [ids[row, : lengths[row]].tolist() for ids, lengths in groups for row in range(len(ids))]


@given(rows=st.lists(st.integers(0, 199), min_size=1, max_size=200))
def test_each_text_once_and_indices_right(
    batches: PairBatches, train: Pairs, encoder: LstmEncoder, rows: list[int]
) -> None:
    batch = batches(rows)
    texts = pieces(batch["groups"])
    wanted = {text for row in rows for text in (train.left[row], train.right[row])}
    assert len(texts) == len(wanted)
    for side, given_texts in (("left", train.left), ("right", train.right)):
        assert batch[side].dtype == torch.int64
        for place, row in zip(batch[side].tolist(), rows, strict=True):
            assert texts[place] == encoder.tokens([given_texts[row]]).flat.tolist()
    assert batch["grades"] is batch["taught"] is batch["targets"] is None
    assert batch["labels"].tolist() == [int(train.labels[row]) for row in rows]


def test_texts_joined_by_same_pairs_are_known_to_be_alike(encoder: LstmEncoder) -> None:
    left, right = ["a", "b", "e", "x"], ["b", "c", "f", "a"]
    batches = PairBatches(Pairs(left, right, np.array([1, 1, 1, 0]), "chain"), encoder)
    whole = batches(range(4))
    texts, alike = pieces(whole["groups"]), whole["alike"].tolist()
    number = {t: alike[texts.index(encoder.tokens([t]).flat.tolist())] for t in "abcefx"}
    assert number["a"] == number["b"] == number["c"]
    assert len({number["a"], number["e"], number["x"]}) == 3
    assert number["e"] == number["f"]
    part = batches([1, 3])  # a and c are alike though no pair of the batch says so
    texts, alike = pieces(part["groups"]), part["alike"].tolist()
    a, c = (alike[texts.index(encoder.tokens([text]).flat.tolist())] for text in "ac")
    assert a == c


def test_pairs_of_one_row_come_together(train: Pairs, encoder: LstmEncoder) -> None:
    rows = np.array([5, 9, 5, 7])
    pairs = dataclasses.replace(train.subset(range(4)), rows=rows, grades=[0.1, 0.2, 0.3, 0.4])
    batches = PairBatches(pairs, encoder)
    assert len(batches) == 3
    assert batches([0])["grades"].tolist() == pytest.approx([0.1, 0.3])
    assert batches([2, 1])["grades"].tolist() == pytest.approx([0.2, 0.4])
    assert batches([1])["labels"].tolist() == [int(train.labels[3])]


class Numbered:
    """A store of vectors that hold the number of their text among all texts, out of order."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = sorted(set(texts))
        self.vectors = np.arange(len(self.texts), dtype=np.float16)[:, None] * np.ones(3, "f2")

    def rows(self, texts: list[str]) -> np.ndarray:
        return np.array([self.texts.index(text) for text in texts])


@pytest.mark.parametrize("share", [Share(), Share(1, 2)])
def test_what_a_teacher_said_stands_beside_its_texts_and_pairs(
    train: Pairs, encoder: LstmEncoder, share: Share
) -> None:
    taught = dataclasses.replace(train, taught=np.linspace(0, 1, 200))
    store: Any = Numbered(taught.texts)
    batches, rows = PairBatches(taught, encoder, share, store), [7, 150, 3, 7, 99]
    batch = batches(rows)
    assert batch["taught"].tolist() == pytest.approx(np.linspace(0, 1, 200)[rows])
    targets = batch["targets"]
    assert (targets.dtype, targets.shape) == (torch.float32, (len(batch["alike"]), 3))
    for side in ("left", "right"):
        expected = store.rows([getattr(train, side)[row] for row in rows])
        assert targets[batch[side]][:, 2].tolist() == expected.tolist()
    texts = pieces(PairBatches(train, encoder)(rows)["groups"])  # in the order of the vectors
    by_pieces = {tuple(encoder.tokens([text]).flat.tolist()): text for text in store.texts}
    expected = store.rows([by_pieces[tuple(text)] for text in texts])
    assert targets[:, 0].tolist() == expected.tolist()


@given(rows=st.lists(st.integers(0, 199), min_size=1, max_size=200))
def test_processes_hold_the_same_pairs_and_share_the_texts(
    batches: PairBatches, rows: list[int]
) -> None:
    whole = batches(rows)
    parts = [share_of(batches, Share(process, 3))(rows) for process in range(3)]
    for part in parts:
        for name in ("left", "right", "labels", "alike"):
            assert torch.equal(part[name], whole[name])
    texts = pieces(whole["groups"])
    for process, part in enumerate(parts):
        assert pieces(part["groups"]) == (texts[process::3] or texts[-1:])


def share_of(batches: PairBatches, share: Share) -> PairBatches:
    """The same table as another process has it."""
    other = copy.copy(batches)
    other._share = share
    return other


def test_groups_are_of_like_length_shortest_first(batches: PairBatches) -> None:
    groups = batches(range(200))["groups"]
    assert len(groups) > 1
    lengths = [length for _, group in groups for length in group.tolist()]
    assert lengths == sorted(lengths)
    assert all(ids.shape[1] == group.max() for ids, group in groups)


def test_rows_of_any_kind(batches: PairBatches) -> None:
    expected = batches([5, 3, 5])
    for rows in (np.array([5, 3, 5]), torch.tensor([5, 3, 5]), (5, 3, 5)):
        batch = batches(rows)
        assert torch.equal(batch["left"], expected["left"])
        assert pieces(batch["groups"]) == pieces(expected["groups"])


def test_a_pair_of_one_text_with_itself(encoder: LstmEncoder) -> None:
    same = Pairs(["why"], ["why"], np.ones(1, dtype=np.int8), "same")
    batch = PairBatches(same, encoder)([0])
    assert pieces(batch["groups"]) == [encoder.tokens(["why"]).flat.tolist()]
    assert batch["left"].tolist() == batch["right"].tolist() == [0]


def test_a_table_without_pairs_can_be_held(encoder: LstmEncoder) -> None:
    assert len(PairBatches(Pairs([], [], np.zeros(0, dtype=np.int8), "none"), encoder)) == 0


def test_texts_that_are_longer_than_the_encoder_reads_are_counted(
    batches: PairBatches, train: Pairs, encoder: LstmEncoder
) -> None:
    texts = len(set(train.texts))
    assert batches.sides[0].cut() == (0, texts)
    long = [f"{text} {'and so on ' * 40}" for text in train.left[:3]]
    more = dataclasses.replace(train, left=[*long, *long[:1], *train.left[4:]])
    cut, among = PairBatches(more, encoder).sides[0].cut()
    assert (cut, among) == (3, len({*more.left, *more.right}))
