from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textsiamese.errors import InputError, OutputError, OutputExistsError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.metrics import average_precision
from textsiamese.learning.tables import Tables
from textsiamese.learning.towers import Towers
from textsiamese.learning.train import Trained, check_out, train_twin
from textsiamese.twins.bundle import load

SETTINGS = {"epochs": 2, "batch_size": 50, "bf16": False}


@pytest.fixture(scope="module")
def tables(train: Pairs, dev: Pairs, held: Pairs) -> Tables:
    return Tables(train, dev, held, [])


@pytest.fixture(scope="module")
def trained(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Path]:
    """A training, and the folder of its twin."""
    out = tmp_path_factory.mktemp("trained") / "twin"
    return train_twin(tables, out, encoder="lstm", settings=SETTINGS), out


def test_the_twin_is_judged_on_test_and_says_so(
    trained: tuple[Trained, Path], tables: Tables
) -> None:
    done, out = trained
    assert (done.role, done.judged.pairs) == ("test", tables.test)
    twin = load(out)
    assert twin.info.scores["test pairs"] == 80
    assert twin.info.scores["test accuracy"] == done.judged.evaluation.accuracy
    assert twin.fingerprint == done.twin.fingerprint
    assert (twin.info.name, twin.info.trained_on) == ("twin", "train.csv (200 pairs)")
    assert [epoch["epoch"] for epoch in twin.info.training["epochs"]] == [1, 2]
    assert sum(epoch["kept"] for epoch in twin.info.training["epochs"]) == 1
    assert not Path(f"{out}.checkpoints").exists()


def test_without_test_it_is_judged_on_dev(train: Pairs, dev: Pairs, tmp_path: Path) -> None:
    tables = Tables(train, dev, None, [])
    told: list[str] = []
    options: dict[str, Any] = {"settings": {**SETTINGS, "epochs": 1}, "tell": told.append}
    done = train_twin(tables, tmp_path / "t", encoder="lstm", **options)
    assert (done.role, done.judged.pairs) == ("dev", dev)
    assert "dev accuracy" in done.twin.info.scores
    assert "loss cross-entropy+0.3*multiple-negatives; at most 1 epoch of 200 pairs" in told[1]


def test_what_a_known_twin_says_of_itself_goes_on(tables: Tables, tmp_path: Path) -> None:
    told: list[str] = []
    done = train_twin(tables, tmp_path / "mine", settings=SETTINGS, tell=told.append)
    info = done.twin.info
    assert (info.base, info.name, info.language) == ("lstm-quora", "mine", "English")
    assert info.terms == load().info.terms
    assert "quora/dev accuracy, own threshold" not in info.scores
    assert f"under its terms: {load().info.terms}. " in told[0]


def test_a_finished_training_is_only_judged_again(
    trained: tuple[Trained, Path], tables: Tables, capsys: pytest.CaptureFixture[str]
) -> None:
    done, out = trained
    capsys.readouterr()
    again = train_twin(tables, out, encoder="lstm", settings=SETTINGS, resume=True)
    assert "epoch" not in capsys.readouterr().err
    assert again.twin.fingerprint == done.twin.fingerprint


@pytest.mark.parametrize(
    ("change", "said"), [({"epochs": 3}, "epochs was 2 and is 3"), ({"seed": 1}, "seed was 0")]
)
def test_resuming_a_finished_one_as_another_is_refused(
    trained: tuple[Trained, Path], tables: Tables, change: dict[str, Any], said: str
) -> None:
    done, out = trained
    with pytest.raises(InputError, match=said):
        train_twin(tables, out, encoder="lstm", settings=SETTINGS | change, resume=True)
    assert load(out).fingerprint == done.twin.fingerprint


def test_a_twin_in_the_way(
    trained: tuple[Trained, Path], train: Pairs, dev: Pairs, tmp_path: Path
) -> None:
    with pytest.raises(OutputExistsError, match="holds a twin already"):
        check_out(trained[1], resume=False, overwrite=False)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="is no twin"):
        check_out(tmp_path / "notes", resume=False, overwrite=True)
    tables = Tables(train, dev, None, [])
    settings = {**SETTINGS, "epochs": 1}
    first = train_twin(tables, tmp_path / "t", encoder="lstm", settings=settings)
    other = train_twin(
        tables, tmp_path / "t", encoder="lstm", settings={**settings, "seed": 2}, overwrite=True
    )
    assert not np.array_equal(*(t.twin.encode(["why"]) for t in (first, other)))


def test_a_trained_twin_keeps_its_weights_unless_an_epoch_is_better(
    trained: tuple[Trained, Path], train: Pairs, dev: Pairs, tmp_path: Path
) -> None:
    before = trained[0].twin
    similarity = before.similarity(dev.left, dev.right)
    labels = (similarity > np.median(similarity)).astype(np.int8)
    tables = Tables(train, Pairs(dev.left, dev.right, labels, "as the twin says"), None, [])
    settings = {**SETTINGS, "epochs": 1}
    after = train_twin(tables, tmp_path / "t", encoder=str(trained[1]), settings=settings).twin
    epochs = after.info.training["epochs"]
    assert [(each["epoch"], each["kept"]) for each in epochs] == [(0, True), (1, False)]
    assert epochs[0]["average_precision"] == 1
    assert np.array_equal(*(each.encode(dev.left) for each in (before, after)))


def test_a_trained_twin_takes_the_better_weights(
    trained: tuple[Trained, Path], train: Pairs, held: Pairs, tmp_path: Path
) -> None:
    tables = Tables(train, held, None, [])
    settings = {**SETTINGS, "epochs": 6, "batch_size": 10, "learning_rate": 0.02}
    after = train_twin(tables, tmp_path / "t", encoder=str(trained[1]), settings=settings).twin
    epochs = after.info.training["epochs"]
    (kept,) = [each for each in epochs if each["kept"]]
    assert kept["epoch"] > 0
    assert kept["average_precision"] == max(each["average_precision"] for each in epochs)
    found = average_precision(after.similarity(held.left, held.right), held.labels)
    assert found == pytest.approx(kept["average_precision"], abs=0.01)  # fp16


def test_event_files_for_tensorboard(train: Pairs, dev: Pairs, tmp_path: Path) -> None:
    tables, settings = Tables(train, dev, None, []), {**SETTINGS, "epochs": 1}
    train_twin(tables, tmp_path / "t", encoder="lstm", settings=settings, tensorboard=True)
    (events,) = (tmp_path / "t.tensorboard").iterdir()
    content = events.read_bytes()
    for name in (b"eval/average_precision", b"train/loss"):
        assert name in content


def test_hard_negatives_enter_train_alone_and_mark_the_run(tables: Tables, tmp_path: Path) -> None:
    told: list[str] = []
    settings = {**SETTINGS, "epochs": 1}
    options: dict[str, Any] = {"settings": settings, "tell": told.append}
    done = train_twin(tables, tmp_path / "t", **options, hard_negatives=1)
    assert "hard negatives mined with lstm-quora" in told[1]
    count = int(told[1].split()[0])
    assert f"of {200 + count} pairs" in told[3]
    assert done.twin.info.trained_on.startswith(f"train.csv + {count} hard negatives (")
    run = done.twin.info.training
    assert (run["train"]["pairs"], run["dev"]["pairs"]) == (200 + count, 100)
    assert done.judged.pairs is tables.test
    again = train_twin(tables, tmp_path / "t", **options, hard_negatives=1, resume=True)
    assert again.twin.fingerprint == done.twin.fingerprint
    for other in (0, 2):
        with pytest.raises(InputError, match="train"):
            train_twin(tables, tmp_path / "t", **options, hard_negatives=other, resume=True)


def test_a_new_encoder_mines_nothing(tables: Tables, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a new encoder knows nothing yet"):
        train_twin(tables, tmp_path / "t", encoder="lstm", hard_negatives=1)
    assert not list(tmp_path.iterdir())


def test_a_teacher_is_named_and_its_terms_are_told(
    train: Pairs, dev: Pairs, tiny_folder: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    taught = replace(train, taught=np.clip(train.labels, 0.1, 0.9))
    options: dict[str, Any] = {"settings": {**SETTINGS, "epochs": 1}, "tell": told.append}
    options |= {"teacher": load(tiny_folder), "teacher_vectors": tmp_path / "vectors"}
    done = train_twin(Tables(taught, dev, None, []), tmp_path / "t", **options)
    said = "learns the vectors of tiny, and what comes out is under its terms: free for everybody"
    assert said in told
    losses = "0.5*cross-entropy+0.5*distillation+0.2*multiple-negatives+vector-distillation"
    assert f"loss {losses}; at most 1 epoch of 200 pairs" in told[-1]
    assert done.twin.info.terms == "free for everybody"
    assert done.twin.info.training["teacher"].startswith("tiny (")
    assert done.twin.encoder.config.dim == 16
    texts = Tables(Pairs.of_texts(sorted(set(train.left)), "t.csv"), dev, None, [])
    alone = train_twin(texts, tmp_path / "alone", **options)
    assert "loss vector-distillation; at most 1 epoch of " in told[-1]
    assert alone.twin.measure.name == "cosine"
    assert "texts), taught by the vectors of tiny" in alone.twin.info.trained_on


def test_hard_negatives_are_not_mined_with_two_towers(tables: Tables, tmp_path: Path) -> None:
    towers = Towers("lstm", "lstm")
    with pytest.raises(InputError, match="and here there are two: leave them out"):
        train_twin(tables, tmp_path / "t", encoder=towers, hard_negatives=1)
