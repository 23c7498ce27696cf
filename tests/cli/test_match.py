"""The command match: two tables in, each left row beside its matches out, words on stderr."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

import textsiamese as ts
from textsiamese.cli.main import app
from textsiamese.cli.match import summary_lines
from textsiamese.judging.calibration import Platt
from textsiamese.serving.tally import Summary, Tally
from textsiamese.twins.decision import Decision

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def tables(tmp_path: Path, sample_texts: list[str]) -> tuple[Path, Path]:
    """Twelve new questions, one of them blank, and forty known ones with answers."""
    new, known = tmp_path / "new.csv", tmp_path / "known.tsv"
    asked = [*sample_texts[:11], " "]
    pd.DataFrame({"id": range(12), "question": asked}).to_csv(new, index=False)
    frame = pd.DataFrame({"question": sample_texts[20:60]})
    frame["answer"] = [f"Answer {i}" for i in range(40)]
    frame.to_csv(known, sep="\t", index=False)
    return new, known


def test_matches_go_to_stdout_and_words_to_stderr(
    command: Run, tables: tuple[Path, Path], tiny_folder: Path, sample_texts: list[str]
) -> None:
    done = command("match", "new.csv", "known.tsv", "-k", 2, "--twin", tiny_folder)
    assert done.returncode == 0, done.stderr
    got = pd.read_csv(io.BytesIO(done.stdout))
    expected = ts.match(ts.load(tiny_folder), sample_texts[:11], sample_texts[20:60], 2)
    assert len(got) == 23
    assert got["right_row"][:22].astype(int).tolist() == expected["right_row"].tolist()
    assert got["answer"][:22].tolist() == [f"Answer {row}" for row in expected["right_row"]]
    assert got["problem"].tolist()[-1] == "line 13: question is blank"
    told = done.stderr.decode().splitlines()
    assert told[0].startswith("known.tsv: 40 rows, 40 different texts: 40 encoded (")
    assert told[1] == "new.csv, line 13: question is blank"
    assert told[2] == "12 rows to match, 1 of them with a problem"
    assert told[3].startswith("best match predicted the same: ")


def test_a_file_a_page_and_an_index(
    command: Run, tables: tuple[Path, Path], tiny_folder: Path, tmp_path: Path
) -> None:
    options = ("--twin", tiny_folder, "--index", "ix", "--min-probability", 0.2)
    for number, encoded in ((0, "40 encoded, 0 taken from ix"), (1, "0 encoded, 40 taken from ix")):
        files = ("-o", f"{number}.parquet", "--html", f"{number}.html")
        done = command("match", "new.csv", "known.tsv", *files, *options)
        assert done.returncode == 0, done.stderr
        assert done.stdout == b""
        assert encoded in done.stderr.decode()
        assert done.stderr.decode().splitlines()[-1] == f"written to {number}.parquet"
    one, other = (pd.read_parquet(tmp_path / f"{number}.parquet") for number in (0, 1))
    pd.testing.assert_frame_equal(one, other, rtol=1e-5)
    assert one["probability"].min() >= 0.2
    assert (tmp_path / "0.html").read_text().count("<article") == 12


def test_a_pipe_is_matched_and_quiet_is_quiet(
    command: Run, tables: tuple[Path, Path], tiny_folder: Path
) -> None:
    given = "question\nHow old are you?\n"
    options = ("--twin", tiny_folder, "-k", 1, "--quiet")
    done = command("match", "-", "known.tsv", *options, input=given.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-", "-"), "one of the two tables can come from standard input, and not both"),
        (("new.csv", "gone.csv"), "there is no file gone.csv"),
        (("new.csv", "known.tsv", "-k", "0"), "k is 0; it must be a whole number, 1 or more"),
        (("new.csv", "known.tsv", "--right", "x"), 'known.tsv has no column "x" (--right)'),
        (("new.csv", "known.tsv", "--left", "x"), 'new.csv has no column "x" (--left)'),
        (("new.csv", "known.tsv", "--strict"), "new.csv, line 13: question is blank"),
        (("new.csv", "known.tsv", "-o", "new.csv"), "new.csv is one of the tables to match"),
        (
            ("new.csv", "known.tsv", "-o", "known.tsv", "--overwrite"),
            "known.tsv is one of the tables to match; give the output another name",
        ),
        (("new.csv", "known.tsv", "--resume"), "--resume goes on with a file; name it with -o"),
        (("new.csv", "known.tsv", "--html", "a/b.html"), "there is no folder a to write b.html"),
        (("new.csv", "known.tsv", "--html", "new.csv", "--overwrite"), "new.csv is one of the ta"),
        (("new.csv", "known.tsv", "--index", "new.csv"), "new.csv is a file; vectors are kept in"),
        (("new.csv", "known.tsv", "--min-probability", "2"), "min_probability is 2.0; it must be"),
        (("new.csv", "known.tsv", "--pictures", "."), "tiny reads texts on both sides: leave out"),
        (("new.csv", "known.tsv", "--device", "moon"), "--device moon cannot be used here"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    command: Run,
    tables: tuple[Path, Path],
    tiny_folder: Path,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    done = command("match", *arguments, "--twin", tiny_folder)
    assert done.returncode == 2
    last = done.stderr.decode().splitlines()[-1]
    assert last.startswith("Error: ")
    assert message in last


def test_an_index_of_another_twin_is_refused(
    command: Run, tables: tuple[Path, Path], tiny_folder: Path, tmp_path: Path
) -> None:
    options = ("new.csv", "known.tsv", "-q", "--index", "ix", "-o")
    assert command("match", *options, "a.csv", "--twin", tiny_folder).returncode == 0
    done = command("match", *options, "b.csv")
    assert done.returncode == 2
    assert "ix holds vectors of tiny (" in done.stderr.decode()
    assert not (tmp_path / "b.csv").exists()


def test_a_twin_without_a_decision_says_so(
    command: Run, tables: tuple[Path, Path], tiny_folder: Path, tmp_path: Path
) -> None:
    twin = ts.load(tiny_folder)
    twin.with_parts(measure=twin.measure).save(tmp_path / "undecided")
    done = command("match", "new.csv", "known.tsv", "--twin", "undecided")
    assert done.returncode == 0, done.stderr
    told = done.stderr.decode().splitlines()
    assert told[0] == "tiny has no decision yet: similarities only, no probabilities"
    assert not any(line.startswith("best match") for line in told)
    assert pd.read_csv(io.BytesIO(done.stdout))["probability"].isna().all()


@pytest.fixture
def captions_twin(tmp_path: Path, sample_texts: list[str]) -> Path:
    """A saved twin with an encoder a side, texts and pictures; its weights are random."""
    import torch

    torch.manual_seed(0)
    config = ts.LstmConfig(embedding=16, hidden=8, dim=12, max_length=40)
    pixels = ts.CnnConfig(size=16, widths=(8, 16), dim=12)
    twin = ts.PseudoSiamese(
        ts.LstmEncoder.for_texts(sample_texts, config, 400),
        ts.CnnEncoder(pixels),
        decision=Decision(Platt(8.0, -4.0), 0.5, "accuracy", 0.4, 0.4, 100),
    )
    twin.save(tmp_path / "captions")
    return tmp_path / "captions"


def test_captions_are_matched_with_the_pictures_of_a_folder(
    captions_twin: Path,
    tables: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from PIL import Image

    def command(*arguments: object) -> Result:
        return CliRunner().invoke(app, list(map(str, arguments)))

    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos" / "more").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.jpg", "more/c.webp", "same.bmp")):
        colour = (90 * (number % 3), 200 - 60 * (number % 3), 40)
        Image.new("RGB", (20, 12), colour).save(tmp_path / "photos" / name)
    (tmp_path / "photos" / "cut.png").write_bytes((tmp_path / "photos/a.png").read_bytes()[:40])
    (tmp_path / "photos" / "notes.txt").write_bytes(b"x")
    options = ("--twin", captions_twin, "--index", "ix", "--html", "page.html", "--overwrite")
    for encoded in ("4 encoded, 0 taken from ix", "0 encoded, 4 taken from ix"):
        done = command("match", "new.csv", "photos", "-k", 9, "-o", "out.csv", *options)
        assert done.exit_code == 0, done.stderr
        told = done.stderr
        assert "photos: 1 file left out, as the suffix is none of a picture" in told
        assert "cut.png" in told
        assert "photos: 1 row is matched with nothing" in told
        assert encoded in told
    out = pd.read_csv(tmp_path / "out.csv")
    assert set(out["picture"].dropna()) == {"a.png", "b.jpg", "more/c.webp", "same.bmp"}
    twin = ts.load(captions_twin)
    first = out.iloc[0]
    path = str(tmp_path / "photos" / first["picture"])
    assert first["probability"] == pytest.approx(twin.score(first["question"], path), abs=1e-5)
    assert (tmp_path / "page.html").read_text().count('<img src="data:image/jpeg') == 44
    done = command("match", "photos", "new.csv", "--twin", captions_twin)
    assert done.exit_code == 2
    assert "new.csv: the column of the pictures cannot be told from the names" in done.stderr


def test_the_summary_says_what_came_of_it(overlap_twin: Any) -> None:
    tally = Tally(rows=1000, problems=200, predicted=300, texts=700, cut=7, foreign=350)
    lines = summary_lines(Summary(tally, 100, 2.0, Path("out.csv")), overlap_twin)
    assert lines == [
        "1,000 rows to match, 200 of them with a problem",
        "best match predicted the same: 300 (37.5%)",
        "texts longer than the twin reads, cut: 7 of 700",
        "texts with more than 30% of their pieces in unknown words: 50.0%",
        "Warning: this twin reads English, and many of these texts seem to be something else; "
        "their scores mean little",
        "2.0 s, 450 rows/s (100 rows came from an earlier run)",
        "written to out.csv",
    ]
    overlap_twin.decision = None
    lines = summary_lines(Summary(Tally(rows=1)), overlap_twin)
    assert lines[0].startswith("1 row to match")
    assert len(lines) == 2
