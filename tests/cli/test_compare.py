from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import textsiamese as ts
from tests.conftest import TEXTS
from textsiamese.cli.opening import undecided
from textsiamese.judging.calibration import Platt

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
PAIR = ("How old are you?", "What is your age?")


def test_the_answer_for_a_person(command: Run, tiny_folder: Path) -> None:
    done = command("compare", *PAIR, "--twin", tiny_folder)
    twin = ts.load(tiny_folder)
    probability, similarity = twin.score(*PAIR), twin.similarity(*PAIR)
    verdict = "yes (at or above" if twin.predict(*PAIR) else "no (below"
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [
        f"probability  {probability:.4g}",
        f"same         {verdict} the threshold of 0.5)",
        f"similarity   {similarity:.4g}",
    ]
    assert done.stderr == b""


def test_the_answer_for_a_program(command: Run, tiny_folder: Path) -> None:
    done = command("compare", "--json", *PAIR, "--twin", tiny_folder)
    twin = ts.load(tiny_folder)
    answer = json.loads(done.stdout)
    assert answer == {
        "probability": twin.score(*PAIR),
        "predicted": twin.predict(*PAIR),
        "similarity": twin.similarity(*PAIR),
        "threshold": 0.5,
    }


def test_without_a_decision_the_similarity_is_told(command: Run, bert_folder: Path) -> None:
    similarity = ts.load(bert_folder).similarity(*PAIR)
    done = command("compare", *PAIR, "--twin", bert_folder)
    assert (done.returncode, done.stdout.decode()) == (0, f"similarity   {similarity:.4g}\n")
    assert done.stderr.decode() == undecided(str(bert_folder)) + "\n"
    done = command("compare", "--json", *PAIR, "--twin", bert_folder)
    unsaid = {"probability": None, "predicted": None, "threshold": None}
    assert json.loads(done.stdout) == {**unsaid, "similarity": pytest.approx(similarity)}


def test_a_text_with_itself_is_surer(command: Run, tiny_folder: Path) -> None:
    def probability(a: str, b: str) -> float:
        done = command("compare", "--json", a, b, "--twin", tiny_folder)
        return float(json.loads(done.stdout)["probability"])

    assert probability(PAIR[0], PAIR[0]) > probability(*PAIR)


def test_nothing_is_reported_to_anybody_and_nothing_stays(
    command: Run, tiny_folder: Path, tmp_path: Path
) -> None:
    assert command("compare", *PAIR, "--twin", tiny_folder).returncode == 0
    assert list(tmp_path.iterdir()) == []  # a cache there would be that of onnxruntime's telemetry


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["", "b"], "the first text is empty"),
        (["a", " \n"], "the second text is blank"),
        (["a", "b", "--twin", "nowhere"], 'no folder and no bundled twin "nowhere"'),
        (["a", "b", "--twin", "."], "is no twin"),
    ],
)
def test_what_cannot_be_compared(command: Run, arguments: list[str], told: str) -> None:
    done = command("compare", *arguments)
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert done.stderr.decode().count("\n") == 1
    assert done.stdout == b""


def test_a_text_that_is_none_is_named(command: Run, tiny_folder: Path) -> None:
    done = command("compare", os.fsdecode(b"\xff\xfe"), "a", "--twin", tiny_folder)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("Error: the first text holds half of a surrogate pair")


def test_a_picture_that_cannot_be_read_is_an_error(command: Run, tmp_path: Path) -> None:
    encoder = ts.CnnEncoder(ts.CnnConfig(size=16, widths=(8,), dim=4))
    decision = ts.Decision(Platt(4.0, -2.0), 0.5, "accuracy", 0.5, 0.5, 100)
    ts.Siamese(encoder, decision=decision).save(tmp_path / "pictures")
    captions = ts.LstmEncoder.for_texts(TEXTS, ts.LstmConfig(embedding=8, hidden=8, dim=4), 400)
    ts.PseudoSiamese(captions, encoder, decision=decision).save(tmp_path / "two")
    Image.new("RGB", (20, 20), "red").save(tmp_path / "red.png")
    done = command("compare", "red.png", "gone.png", "--twin", "pictures")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"Error: there is no file gone.png\n"
    assert command("compare", "red.png", "red.png", "--twin", "pictures").returncode == 0
    turned = command("compare", "red.png", "a shoe", "--twin", "two")
    said = b"there is no file a shoe (this twin reads texts first, then pictures)"
    assert (turned.returncode, turned.stderr) == (2, b"Error: " + said + b"\n")
