"""Captions and pictures, from drawing to scoring: a tiny twin of an LSTM and a CNN, as users do."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import textsiamese as ts
from tests.drawing import dealt_scenes, drawn_pairs
from textsiamese.errors import InputError
from textsiamese.inputs.negatives import add_random_negatives

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]
AS_DRAWN = ts.AugmentationConfig(crop=1, stretch=1, flip=0, colour=0)  # left is not right


class Drawn:
    """Pictures of scenes, each scene in one of three tables."""

    def __init__(self, folder: Path) -> None:
        learnt, unseen = dealt_scenes(72)
        self.folder = folder
        self.train = drawn_pairs(learnt, folder / "train", pictures=4)
        self.dev = add_random_negatives(drawn_pairs(unseen[:24], folder / "dev", seed=1))
        self.test = drawn_pairs(unseen[24:], folder / "test", seed=2)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    return Drawn(tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="session")
def twin(drawn: Drawn) -> ts.PseudoSiamese:
    """Trained to find what belongs together; its bundle lies in the folder "twin"."""
    config = ts.FitConfig(
        epochs=9, patience=9, batch_size=48, learning_rate=4e-3, bf16=False, augmentation=AS_DRAWN
    )
    return fitted(drawn, ts.MultipleNegativesLoss(), drawn.train, config, drawn.folder / "twin")


def fitted(
    drawn: Drawn, loss: Any, train: ts.Pairs, config: ts.FitConfig, out: Path
) -> ts.PseudoSiamese:
    torch.manual_seed(0)
    text = ts.LstmConfig(embedding=32, hidden=32, dim=64, dropout=0)
    picture = ts.CnnConfig(size=32, widths=(16, 32, 64), dim=64, dropout=0)
    new = ts.PseudoSiamese(
        ts.LstmEncoder.for_texts(train.left, text, 400),
        ts.CnnEncoder(picture),
        info=ts.TwinInfo(name="drawn", language="English"),
    )
    trained = ts.fit(new, train, drawn.dev, loss=loss, out=out, config=config)
    assert isinstance(trained, ts.PseudoSiamese)
    return trained


def test_what_is_tested_was_not_trained_on(drawn: Drawn) -> None:
    tables = [set(table.left) for table in (drawn.train, drawn.dev, drawn.test)]
    assert sum(map(len, tables)) == len(set.union(*tables)) == 2 * 760
    words = {word for caption in drawn.test.left for word in caption.split()}
    assert words == {word for caption in drawn.train.left for word in caption.split()}
    assert [drawn.test.left.count(caption) for caption in drawn.test.left] == [1] * 96
    assert [drawn.test.right.count(path) for path in drawn.test.right] == [2] * 96


def test_unseen_combinations_are_found_both_ways(twin: ts.PseudoSiamese, drawn: Drawn) -> None:
    found = ts.evaluate_retrieval(twin, drawn.test)
    assert (found.left_to_right.queries, found.right_to_left.queries) == (96, 48)
    assert found.left_to_right.recall[1] > 0.9
    assert found.right_to_left.recall[1] > 0.9
    assert ts.evaluate(twin, add_random_negatives(drawn.test)).accuracy > 0.95


@pytest.mark.parametrize(
    ("loss", "pairs"),
    [(ts.ContrastiveLoss(margin=0.5), 2_000), (ts.TripletLoss(margin=0.3), 1_200)],
)
def test_it_learns_by_the_classic_losses_too(
    loss: Any, pairs: int, drawn: Drawn, tmp_path: Path
) -> None:
    """Recall at 1 by chance is 1 in 48; of random pairs, half the order is right."""
    config = ts.FitConfig(
        epochs=6, batch_size=64, learning_rate=1e-3, bf16=False, miner="all", augmentation=AS_DRAWN
    )
    some = add_random_negatives(drawn.train.subset(range(pairs)))
    found = fitted(drawn, loss, some, config, tmp_path / "twin")
    retrieved = ts.evaluate_retrieval(found, drawn.test)
    assert min(retrieved.left_to_right.recall[5], retrieved.right_to_left.recall[5]) > 2 * 5 / 48
    assert ts.evaluate(found, add_random_negatives(drawn.test)).average_precision > 0.7


def test_its_bundle_scores_alike(twin: ts.PseudoSiamese, drawn: Drawn) -> None:
    opened = ts.load(drawn.folder / "twin")
    expected = twin.score(drawn.test.left, drawn.test.right)
    np.testing.assert_allclose(opened.score(drawn.test.left, drawn.test.right), expected, atol=1e-5)
    assert np.ptp(twin.score(drawn.dev.left, drawn.dev.right)) > 0.5


@pytest.fixture
def table(drawn: Drawn, tmp_path: Path) -> Path:
    """Eight captions and pictures beside them, of which one is missing and one was cut short."""
    pairs = drawn.test.subset(range(0, 16, 2))
    for number, path in enumerate(pairs.right):
        shutil.copy(path, tmp_path / f"{number}.png")
    (tmp_path / "2.png").unlink()
    content = (tmp_path / "5.png").read_bytes()
    (tmp_path / "5.png").write_bytes(content[: len(content) // 2])
    with (tmp_path / "table.csv").open("w", newline="") as file:
        lines = [[caption, f"{number}.png"] for number, caption in enumerate(pairs.left)]
        csv.writer(file).writerows([["caption", "image"], *lines])
    return tmp_path / "table.csv"


def test_a_table_of_pictures_comes_back_whole(
    twin: ts.PseudoSiamese, drawn: Drawn, table: Path, tmp_path: Path
) -> None:
    summary = ts.score_table(twin, table, tmp_path / "scored.csv", chunk_rows=3)
    assert (summary.tally.rows, summary.tally.problems) == (8, 2)
    given, got = (pd.read_csv(file) for file in (table, tmp_path / "scored.csv"))
    pd.testing.assert_frame_equal(got[given.columns], given)
    bad = [2, 5]
    assert got.problem.notna().to_numpy().nonzero()[0].tolist() == bad
    assert got.similarity.isna().to_numpy().nonzero()[0].tolist() == bad
    assert "line 4: " in got.problem[2]
    assert "2.png" in got.problem[2]
    assert "line 7: " in got.problem[5]
    assert "5.png is cut short" in got.problem[5]
    sound = got.drop(index=bad)
    expected = twin.score(
        list(sound.caption), [drawn.test.right[2 * number] for number in sound.index]
    )
    np.testing.assert_allclose(sound.probability, expected, rtol=1e-5, atol=1e-6)


def test_strict_stops_at_a_bad_picture(twin: ts.PseudoSiamese, table: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 4: .*2\.png"):
        ts.score_table(twin, table, tmp_path / "scored.csv", strict=True)
    assert not (tmp_path / "scored.csv").exists()


@pytest.mark.usefixtures("twin")
def test_the_command_scores_a_table_of_pictures(
    drawn: Drawn, table: Path, command: Command
) -> None:
    done = command("score", table, "--twin", drawn.folder / "twin")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(done.stdout.decode().splitlines()))
    assert [bool(row["problem"]) for row in rows] == [number in (2, 5) for number in range(8)]
    assert "8 rows, 2 of them with a problem" in done.stderr.decode()
    strict = command("score", table, "--twin", drawn.folder / "twin", "--strict")
    assert (strict.returncode, strict.stdout) == (2, b"")
    assert "line 4" in strict.stderr.decode()
    assert "Traceback" not in strict.stderr.decode()


@pytest.mark.usefixtures("twin")
def test_the_command_judges_on_a_table_of_pictures(
    drawn: Drawn, command: Command, tmp_path: Path
) -> None:
    judged = add_random_negatives(drawn.test)
    with (tmp_path / "judged.csv").open("w", newline="") as file:
        paths = [os.path.relpath(path, drawn.folder) for path in judged.right]
        lines = zip(judged.left, paths, judged.labels, strict=True)
        csv.writer(file).writerows([("caption", "image", "label"), *lines])
    done = command(*("evaluate", drawn.folder / "twin", "judged.csv", "--pictures", drawn.folder))
    assert done.returncode == 0, done.stderr
    expected = ts.evaluate(ts.load(drawn.folder / "twin"), judged)
    assert (
        f"{expected.accuracy:.3f}" in done.stdout.decode() or str(expected) in done.stdout.decode()
    )


def test_the_command_trains_on_captions_and_pictures(
    drawn: Drawn, command: Command, tmp_path: Path
) -> None:
    for name, pairs in (("captions", drawn.train.subset(range(8))), ("dev", drawn.test)):
        with (tmp_path / f"{name}.csv").open("w", newline="") as file:
            paths = [os.path.relpath(path, tmp_path) for path in pairs.right]
            csv.writer(file).writerows([("caption", "image"), *zip(pairs.left, paths, strict=True)])
    done = command(
        *("train", "captions.csv", "--dev", "dev.csv", "-o", "mine", "--positives-only"),
        *("--left-encoder", "lstm", "--right-encoder", "cnn", "--epochs", "1", "--threads", "1"),
    )
    said = done.stderr.decode()
    assert done.returncode == 0, said
    assert "epoch 1 of 1" in said
    assert "all pairs are the same" in said
    mine = ts.load(tmp_path / "mine")
    assert (mine.reads("left"), mine.reads("right")) == ("texts", "pictures")
    assert 0 < mine.score(drawn.test.left[0], drawn.test.right[0]) < 1
    assert (tmp_path / "mine" / "report.html").exists()
