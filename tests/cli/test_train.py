"""`textsiamese train` as a process of its own, killed and resumed among other things."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from textsiamese.cli.main import app
from textsiamese.errors import InputError
from textsiamese.learning.tables import Tables
from textsiamese.twins.bundle import load

Command = Callable[..., subprocess.CompletedProcess[bytes]]
Start = Callable[..., subprocess.Popen[bytes]]

TOWERS = ["--left-encoder", "lstm", "--right-encoder", "cnn"]
SMALL = ["--encoder", "lstm", "--epochs", "2", "--threads", "1"]
COLUMNS = ["question1", "question2", "is_duplicate"]


def rows(n: int, shift: int = 0) -> list[list[object]]:
    topics = ["bread", "python", "shoes", "trains", "guitars", "gardens", "loans", "paint"]
    found: list[list[object]] = []
    for i in range(shift, shift + n):
        topic, same = topics[i % 8], i % 3 == 0
        other = topic if same else topics[(i + 1 + i // 8 % 7) % 8]
        found.append([f"how do I learn about {topic} {i}", f"a lesson {i} on {other}", int(same)])
    return found


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write(tmp_path / "pairs.csv", rows(240))


def write(path: Path, lines: list[list[object]], header: list[str] = COLUMNS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *lines])
    return path


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    err = done.stderr.decode()
    assert "Traceback" not in err
    return err


def test_from_a_table_to_a_twin_and_a_report(table: Path, command: Command, tmp_path: Path) -> None:
    done = command("train", table, "-o", "mine", *SMALL)
    err = said(done)
    assert done.returncode == 0, err
    assert done.stdout == b""
    for line in (
        "no question is on two sides",
        "begins with a new LSTM encoder",
        "epoch 2 of 2",
        "judged on 60 test pairs",
        "saved to mine",
        f"next: textsiamese score {table} --twin mine -o scored.csv",
    ):
        assert line in err
    twin = load(tmp_path / "mine")
    assert 0 < twin.score("how do I learn about bread", "a lesson on bread") < 1
    page = (tmp_path / "mine" / "report.html").read_text(encoding="utf-8")
    assert "ContrastiveLoss" not in page
    assert "PairCrossEntropy" in page
    assert "a lesson" in page
    again = command("train", table, "-o", "mine", *SMALL)
    assert again.returncode == 2
    assert "--overwrite" in said(again)
    resumed = command("train", table, "-o", "mine", *SMALL, "--resume", "--no-examples")
    assert resumed.returncode == 0
    assert "epoch" not in said(resumed).replace("epochs", "")
    assert "a lesson" not in (tmp_path / "mine" / "report.html").read_text(encoding="utf-8")


def test_killed_at_any_moment_and_resumed_it_is_the_same_twin(
    table: Path, command: Command, start: Start, tmp_path: Path
) -> None:
    (tmp_path / "settings.json").write_text('{"batch_size": 8, "save_steps": 4}')
    options = [*SMALL[:2], "--epochs", "4", "--config", "settings.json", "--threads", "1"]
    whole = command("train", table, "-o", "whole", *options)
    assert whole.returncode == 0, said(whole)
    kills = 0
    for wanted in ("checkpoint-4", "checkpoint-20", "checkpoint-32"):
        process = start("train", table, "-o", "killed", *options, "--resume")
        checkpoint = tmp_path / "killed.checkpoints" / wanted
        while process.poll() is None and not checkpoint.exists():
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        process.communicate()
    assert kills >= 2
    done = command("train", table, "-o", "killed", *options, "--resume")
    assert done.returncode == 0, said(done)
    one, other = (tmp_path / name / "model.safetensors" for name in ("whole", "killed"))
    assert one.read_bytes() == other.read_bytes()
    histories = [load(tmp_path / name).info.training["epochs"] for name in ("whole", "killed")]
    assert histories[0] == histories[1]
    assert len(histories[0]) == 4


def test_options_become_settings(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, settings: dict[str, object], **__: object) -> None:
        raise InputError(json.dumps(settings))

    monkeypatch.setattr("textsiamese.learning.train.train_twin", refuse)
    (table.parent / "settings.json").write_text('{"seed": 5, "accumulation": 3}')
    options = {"--epochs": 7, "--accumulation": 2, "--learning-rate": 0.5}
    given = [str(word) for pair in options.items() for word in pair]
    given += ["--head-learning-rate", "0.25", "--gradient-checkpointing", "--lora", "4"]
    where = ["-o", str(table.parent / "mine"), "--config", str(table.parent / "settings.json")]
    with pytest.raises(SystemExit) as end:
        app(["train", str(table), *where, *given])
    assert end.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert json.loads(said.removeprefix("Error: ")) == {
        "seed": 5,
        "epochs": 7,
        "accumulation": 2,
        "learning_rate": 0.5,
        "head_learning_rate": 0.25,
        "lora": 4,
        "gradient_checkpointing": True,
    }


def test_contrast_pairs_are_added_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(tables: Tables, *_: object, **__: object) -> None:
        raise InputError(tables.train.name)

    monkeypatch.setattr("textsiamese.learning.train.train_twin", refuse)
    lines = [[f"How do I cook thing{i} well?", f"a thing{i}", i % 2] for i in range(240)]
    table = write(tmp_path / "pairs.csv", lines)
    with pytest.raises(SystemExit):
        app(["train", str(table), "-o", str(tmp_path / "mine"), "--contrasts", "0.1"])
    told = capsys.readouterr().err.splitlines()
    assert "6 contrast pairs made of pairs.csv, to learn from" in told
    assert told[-1] == "Error: pairs.csv with 6 contrast pairs"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["few.csv"], "few.csv has 10 pairs"),
        (["same.csv", "--loss", "contrastive"], "are labelled same (1)"),
        (["graded.csv"], "graded score"),
        (["numbers.csv"], "numbers only"),
        (["pairs.csv", "--loss", "contrastiv"], "did you mean 'contrastive'"),
        (["pairs.csv", "--config", "odd.json"], "did you mean 'epochs'"),
        (["pairs.csv", "--config", "no.json"], "no.json is no JSON"),
        (["pairs.csv", "--config", "none.json"], "none.json cannot be read"),
        (["pairs.csv", "--encoder", "lstm-qora"], 'did you mean "lstm-quora"'),
        (["pairs.csv", "--conflicts", "dorp"], "did you mean 'drop'"),
        (["pairs.csv", "--graded", "5"], "is no scale"),
        (["pairs.csv", "--hard-negatives", "1", "--encoder", "lstm"], "knows nothing yet"),
        (["pairs.csv", "--same-from", "4"], "--graded 0-5"),
        (["pairs.csv", *TOWERS, "--contrasts", "0.1"], "the right side holds pictures"),
        (["pairs.csv", *TOWERS[:2]], "--right-encoder is missing"),
        (["pairs.csv", "--contrasts", "2"], "must lie between 0 and 1"),
        (["pairs.csv", "--teacher-column", "p"], 'no column "p" (--teacher-column)'),
        (["pairs.csv", "--loss", "distillation"], "name their column with --teacher-column"),
        (["pairs.csv", "--loss", "vector-distillation"], "name the teacher with --teacher"),
        (["pairs.csv", "--teacher", "minilm-qora"], 'did you mean "minilm-quora"'),
        (["pairs.csv", "--texts", "question1"], "name it with --teacher TWIN"),
        (["pairs.csv", "--texts", "question1", "--teacher", "lstm-quora"], "give them as --dev"),
        (["pairs.csv", "--dev", "pairs.csv"], "--allow-shared-pairs"),
        (["missing.csv"], "missing.csv"),
        (["missing.csv", "--encoder", "lstm-qora"], 'did you mean "lstm-quora"'),
    ],
)
def test_what_cannot_be_trained_on_is_one_sentence(
    arguments: list[str],
    words: str,
    table: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = table.parent
    write(folder / "same.csv", [[*row[:2], 1] for row in rows(240)])
    write(folder / "graded.csv", [[*row[:2], 2.5] for row in rows(240)])
    write(folder / "numbers.csv", [[i, row[1], row[2]] for i, row in enumerate(rows(9))])
    write(folder / "few.csv", rows(10))
    (folder / "odd.json").write_text('{"epoch": 3}')
    (folder / "no.json").write_text("epochs=3")
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as end:
        app(["train", *arguments, "-o", "mine"])
    said = capsys.readouterr().err
    assert end.value.code == 2, said
    assert words in said
    assert said.splitlines()[-1].startswith("Error: ")
    assert not (folder / "mine").exists()
    assert not (folder / "mine.checkpoints").exists()


@pytest.mark.parametrize("form", ["graded", "triplets", "positives"])
def test_tables_of_other_forms(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options: list[str] = []
    if form == "graded":
        lines = [[*row[:2], 4.5 if row[2] else i % 4] for i, row in enumerate(rows(240))]
        write(tmp_path / "t.csv", lines, ["sentence1", "sentence2", "similarity"])
        options = ["--graded", "0-5"]
    elif form == "triplets":
        lines = [[f"learn {i}", f"a lesson {i}", f"sell shoes {i * 7}"] for i in range(200)]
        write(tmp_path / "t.csv", lines, ["anchor", "positive", "negative"])
    else:
        write(tmp_path / "t.csv", [row[:2] for row in rows(240)], ["left", "right"])
        options = ["--positives-only"]
    with pytest.raises(SystemExit) as end:
        app(["train", "t.csv", "-o", "mine", *SMALL[:2], "--epochs", "1", *options])
    assert end.value.code == 0
    training = json.loads((tmp_path / "mine" / "twin.json").read_text())["info"]["training"]
    loss = {"graded": "CoSent", "triplets": "CrossEntropy", "positives": "MultipleNegatives"}[form]
    assert loss in training["losses"]


def test_a_teacher_labels_a_table_and_a_student_learns_from_it(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = rows(240)
    unlabelled = [[*row[:2], ""] for row in rows(40, 240)]
    write(tmp_path / "pairs.csv", [*lines, *unlabelled])
    write(tmp_path / "dev.csv", rows(80, 300))
    write(tmp_path / "texts.csv", [[row[0]] for row in lines], ["question"])
    teacher = ["--teacher", str(tiny_folder), "--dev", "dev.csv", "--teacher-vectors", "vectors"]
    assert ended("score", "pairs.csv", "--twin", str(tiny_folder), "-o", "scored.csv") == 0
    for name, options in {
        "both": ["scored.csv", "--teacher-column", "probability", *teacher],
        "alone": ["texts.csv", "--texts", "question", *teacher],
    }.items():
        assert ended("train", *options, "-o", name, *SMALL[:2], "--epochs", "1") == 0
    said = capsys.readouterr().err
    assert "scored.csv: 40 of 280 pairs have no label, and take the teacher's word" in said
    assert "cross-entropy+0.5*distillation+0.2*multiple-negatives+vector-distillation" in said
    assert "loss vector-distillation; at most 1 epoch of 240 texts" in said
    for name in ("both", "alone"):  # what was trained on cannot be scored: it is, or has no pairs
        assert f"next: textsiamese score PAIRS --twin {name} -o scored.csv" in said
    both, alone = (load(tmp_path / name) for name in ("both", "alone"))
    assert both.measure.name == "pair-head"
    assert alone.measure.name == load(tiny_folder).measure.name
    assert both.encoder.config.dim == alone.encoder.config.dim == 16
    assert "taught by the vectors of tiny" in str(both.info)
    assert "tiny (" in (tmp_path / "both" / "report.html").read_text(encoding="utf-8")


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        app(arguments)
    return int(end.value.code or 0)


def test_ctrl_c_says_how_to_go_on(table: Path, start: Start, tmp_path: Path) -> None:
    process = start("train", table, "-o", "mine", "--encoder", "lstm", "--epochs", "500")
    while process.poll() is None and not list(tmp_path.glob("mine.checkpoints/checkpoint-*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"--resume to go on from mine.checkpoints" in err
    assert b"Traceback" not in err
