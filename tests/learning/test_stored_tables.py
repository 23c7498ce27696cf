"""A table that would fill the memory takes the same way as any other, to the same end."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.inputs import stored
from textsiamese.inputs.overlap import measure_overlap
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.stored import StoredTexts
from textsiamese.inputs.whole import read_pairs
from textsiamese.learning import side as batching
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.beginning import first_twin
from textsiamese.learning.config import FitConfig
from textsiamese.learning.fit import fit
from textsiamese.learning.tables import prepare_tables
from textsiamese.learning.teaching import teach
from textsiamese.twins.bundle import load

N = 400


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of a few hundred questions, some of them more than once or labelled both ways."""
    draws = random.Random(0)
    words = [f"{a}{b}n" for a in "bdfgklmprst" for b in "aeiou"]
    known = [" ".join(draws.choices(words, k=6)) for _ in range(500)]
    left, right = ([draws.choice(known) for _ in range(N)] for _ in "lr")
    left[-20:], right[-20:] = right[:20], [f"{text}?" for text in left[:20]]
    labels = [draws.randrange(2) for _ in range(N)]
    table = pa.table({"question1": left, "question2": right, "is_duplicate": labels})
    path = tmp_path_factory.mktemp("big") / "big.parquet"
    pq.write_table(table, path, row_group_size=90)
    return path


@pytest.fixture
def plain(path: Path) -> Pairs:
    return read_pairs(path)


@pytest.fixture
def large(plain: Pairs, path: Path, monkeypatch: pytest.MonkeyPatch) -> Pairs:
    """The table as it is read where 20,000 bytes of texts would fill the memory."""
    monkeypatch.setattr(stored, "HELD_BYTES", 20_000)
    return read_pairs(path)


def assert_equal(one: Pairs, other: Pairs) -> None:
    assert list(one.left) == list(other.left)
    assert list(one.right) == list(other.right)
    assert list(one.texts) == list(other.texts)
    assert one.labels.tolist() == other.labels.tolist()
    assert one.rows is not None
    assert other.rows is not None
    assert one.rows.tolist() == other.rows.tolist()
    assert one.fingerprint() == other.fingerprint()


def test_the_pairs_are_the_same(plain: Pairs, large: Pairs) -> None:
    assert isinstance(plain.left, list)
    assert isinstance(large.left, StoredTexts)
    assert_equal(plain, large)
    some = np.random.default_rng(0).permutation(N)[: N // 2]
    assert isinstance(large.subset(some).right, StoredTexts)
    assert_equal(plain.subset(some), large.subset(some))
    assert isinstance(large.subset([3, 1]).left, list)
    assert_equal(plain.subset([3, 1]), large.subset([3, 1]))


def test_the_split_is_the_same(plain: Pairs, large: Pairs) -> None:
    ours, theirs = (prepare_tables(table, seed=3) for table in (plain, large))
    assert ours.notes == theirs.notes
    assert any("labelled both ways" in note for note in ours.notes)
    assert isinstance(theirs.train.left, StoredTexts)
    assert isinstance(theirs.dev.left, list)
    for role in ("train", "dev", "test"):
        assert_equal(getattr(ours, role), getattr(theirs, role))
    held = plain.subset(range(50))
    assert measure_overlap(large, held) == measure_overlap(plain, held)


def test_the_batches_are_the_same(plain: Pairs, large: Pairs, encoder: LstmEncoder) -> None:
    ours, theirs = PairBatches(plain, encoder), PairBatches(large, encoder)
    assert len(ours) == len(theirs) == N
    for rows in np.array_split(np.random.default_rng(1).permutation(N), 7):
        one, other = ours(rows), theirs(rows)
        for (ids, lengths), (same_ids, same_lengths) in zip(
            one.pop("groups"), other.pop("groups"), strict=True
        ):
            assert torch.equal(ids, same_ids)
            assert torch.equal(lengths, same_lengths)
        assert one.pop("grades") is other.pop("grades") is None
        assert all(torch.equal(one[name], other[name]) for name in ("left", "right", "alike"))


def test_of_stored_texts_some_are_looked_at_for_cut_ones(
    plain: Pairs, large: Pairs, encoder: LstmEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = int(np.median(encoder.tokens(plain.texts).lengths))
    monkeypatch.setattr(encoder, "config", replace(encoder.config, max_length=usual))
    cut, texts = PairBatches(plain, encoder).sides[0].cut()
    assert 0.2 < cut / texts < 0.8
    assert PairBatches(large, encoder).sides[0].cut() == (cut, texts)
    monkeypatch.setattr(batching, "_LOOKED_AT", 100)
    some, looked_at = PairBatches(large, encoder).sides[0].cut()
    assert 50 < looked_at <= 100
    assert some / looked_at == pytest.approx(cut / texts, abs=0.2)


def test_a_stored_table_trains_a_twin(large: Pairs, tmp_path: Path) -> None:
    tables = prepare_tables(large)
    twin = first_twin("lstm", tables.train)
    assert len(twin.encoder.vocabulary) > 300
    config = FitConfig(epochs=1, batch_size=64)
    trained = fit(twin, tables.train, tables.dev, out=tmp_path / "twin", config=config)
    assert 0 < trained.score("ban den", "ban den") < 1


def test_a_stored_table_has_a_teacher_like_any_other(
    plain: Pairs, large: Pairs, encoder: LstmEncoder, tiny_folder: Path, tmp_path: Path
) -> None:
    teacher, taught = load(tiny_folder), np.linspace(0, 1, N)
    store = teach(teacher, replace(large, taught=taught), tmp_path / "v")
    assert len(store) == len(set(plain.texts))
    ours, theirs = (
        PairBatches(replace(table, taught=taught), encoder, teacher=store)(range(50, 90))
        for table in (plain, large)
    )
    assert torch.equal(ours["targets"], theirs["targets"])
    assert torch.equal(ours["taught"], theirs["taught"])
