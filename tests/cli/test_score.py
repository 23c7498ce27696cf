from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import textsiamese as ts
from textsiamese.cli.score import summary_lines
from textsiamese.serving.tally import Summary, Tally

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
Start = Callable[..., "subprocess.Popen[bytes]"]
NEW = ["similarity", "probability", "predicted", "problem"]


@pytest.fixture(scope="session")
def long_csv(pairs_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """6,000 rows: some seconds' work in chunks of 50."""
    header, *rows = pairs_csv.read_text().splitlines()
    path = tmp_path_factory.mktemp("long") / "long.csv"
    path.write_text("\n".join([header, *rows * 20]) + "\n")
    return path


@pytest.fixture(scope="session")
def long_scored(tiny_folder: Path, long_csv: Path) -> bytes:
    """What an uninterrupted run makes of it."""
    stream = io.BytesIO()
    ts.score_table(ts.load(tiny_folder), long_csv, stream, chunk_rows=50)
    return stream.getvalue()


def wait_for_part(process: subprocess.Popen[bytes], folder: Path, index: int) -> None:
    """Wait until a run has finished a chunk."""
    part = folder / f"part-{index:06d}.json"
    for _ in range(3000):
        if part.exists():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    pytest.fail(f"{part} does not come")


def error_of(done: subprocess.CompletedProcess[bytes]) -> str:
    """The one line that a failed command told."""
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_data_goes_to_stdout_and_all_else_to_stderr(
    command: Run, tiny_folder: Path, pairs_csv: Path
) -> None:
    done = command("score", pairs_csv, "--twin", tiny_folder)
    assert done.returncode == 0
    rows = list(csv.reader(io.StringIO(done.stdout.decode(), newline="")))
    assert rows[0] == ["id", "question1", "question2", "is_duplicate", *NEW]
    assert len(rows) == 301
    told = done.stderr.decode()
    assert "300 rows, 0 of them with a problem" in told
    assert "accuracy at the threshold: " in told
    assert "of 300 labelled rows" in told
    assert " rows/s" in told
    assert "\r" not in told


def test_stdin_and_a_dash_for_stdout(command: Run, tiny_folder: Path, pairs_csv: Path) -> None:
    plain = command("score", pairs_csv, "--twin", tiny_folder)
    with pairs_csv.open("rb") as stdin:
        piped = command("score", "-", "--twin", tiny_folder, "-o", "-", stdin=stdin)
    assert piped.returncode == 0
    assert piped.stdout == plain.stdout


def test_quiet_tells_nothing(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    done = command("score", pairs_csv, "--twin", tiny_folder, "-o", "o.csv", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "o.csv").exists()


def test_progress_is_shown_when_asked(command: Run, tiny_folder: Path, pairs_csv: Path) -> None:
    done = command("score", pairs_csv, "--twin", tiny_folder, "-o", "o.csv", "--progress")
    assert b"100%" in done.stderr
    assert b"written to o.csv" in done.stderr


def test_options_reach_the_scores(command: Run, tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_bytes("a\tb\tsame\nx\té\t0\n".encode("latin-1"))
    done = command(
        *("score", "t.tsv", "--twin", tiny_folder, "--left", "b", "--right", "a"),
        *("--label", "same", "--similar-is-zero", "--encoding", "latin-1", "--threshold", "0.0"),
        *("--prior", "0.3", "--prefix", "ts_", "--threads", "1", "--chunk-rows", "10"),
    )
    assert done.returncode == 0, done.stderr
    header, row = done.stdout.decode().splitlines()
    assert header == "a,b,same,ts_similarity,ts_probability,ts_predicted,ts_problem"
    assert row.startswith("x,é,0,")
    assert row.endswith(",1,")
    assert b"accuracy at the threshold: 100.0% of 1 labelled row" in done.stderr


def test_the_first_five_problems_are_told(command: Run, tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("question1,question2\na,b\n" + "lonely\n" * 8)
    done = command("score", "p.csv", "--twin", tiny_folder)
    told = done.stderr.decode().splitlines()
    assert done.returncode == 0
    assert told[:2] == [f"p.csv, line {i}: 1 cell where the header has 2" for i in (3, 4)]
    assert sum("line" in line for line in told) == 5
    assert "9 rows, 8 of them with a problem" in told
    assert len(done.stdout.decode().splitlines()) == 10


def test_strict(command: Run, tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("question1,question2\na,b\nlonely\n")
    done = command("score", "p.csv", "--twin", tiny_folder, "--strict", "-o", "o.csv")
    assert done.returncode == 2
    assert error_of(done) == "Error: p.csv, line 3: 1 cell where the header has 2"
    assert os.listdir(tmp_path) == ["p.csv"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.csv"], "there is no file missing.csv"),
        (["p.csv", "--left", "frage"], 'no column "frage" (--left); its columns are "id"'),
        (["p.csv", "-o", "p.csv"], "p.csv is the input itself"),
        (["p.csv", "-o", "there.csv"], "is there already; replace it with --overwrite"),
        (["p.csv", "-o", "no/such/o.csv"], "there is no folder no/such"),
        (["p.csv", "-o", "o.xlsx"], "the kind of output follows the suffix"),
        (["p.csv", "-o", "."], ". is a folder"),
        (["p.csv", "--threshold", "2"], "threshold is 2.0"),
        (["p.csv", "--resume"], "name it with -o"),
        (["p.csv", "--twin", "nowhere"], 'no bundled twin "nowhere"'),
        (["p.csv", "--device", "abacus"], "--device abacus cannot be used here"),
    ],
)
def test_what_cannot_be_used_ends_with_2_and_one_line(
    command: Run,
    tiny_folder: Path,
    pairs_csv: Path,
    tmp_path: Path,
    arguments: list[str],
    told: str,
) -> None:
    (tmp_path / "p.csv").write_bytes(pairs_csv.read_bytes())
    (tmp_path / "there.csv").write_text("precious")
    if "--twin" not in arguments:
        arguments = [*arguments, "--twin", str(tiny_folder)]
    done = command("score", *arguments)
    assert done.returncode == 2
    assert told in error_of(done)
    assert done.stdout == b""
    assert sorted(os.listdir(tmp_path)) == ["p.csv", "there.csv"]
    assert (tmp_path / "there.csv").read_text() == "precious"


def test_resuming_a_finished_output(
    command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path
) -> None:
    run = ["score", pairs_csv, "--twin", tiny_folder, "-o", "o.csv", "--resume"]
    assert command(*run).returncode == 0
    content = (tmp_path / "o.csv").read_bytes()
    again = command(*run)
    assert again.returncode == 0
    assert error_of(again) == "o.csv is whole already: nothing is left to do"
    assert (tmp_path / "o.csv").read_bytes() == content


@pytest.mark.parametrize("part", [0, 7])
def test_killed_and_resumed(
    start: Start,
    command: Run,
    tiny_folder: Path,
    long_csv: Path,
    long_scored: bytes,
    tmp_path: Path,
    part: int,
) -> None:
    run = ["score", long_csv, "--twin", tiny_folder, "-o", "o.csv", "--chunk-rows", 50]
    process = start(*run)
    wait_for_part(process, tmp_path / "o.csv.partial", part)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "o.csv").exists()
    refused = command(*run)
    assert refused.returncode == 2
    assert "--resume" in error_of(refused)
    done = command(*run, "--resume")
    assert done.returncode == 0
    assert b"rows of an earlier run" in done.stderr
    assert (tmp_path / "o.csv").read_bytes() == long_scored
    assert os.listdir(tmp_path) == ["o.csv"]


def test_stopped_by_ctrl_c_and_resumed(
    start: Start,
    command: Run,
    tiny_folder: Path,
    long_csv: Path,
    long_scored: bytes,
    tmp_path: Path,
) -> None:
    run = ["score", long_csv, "--twin", tiny_folder, "-o", "o.csv", "--chunk-rows", 50]
    process = start(*run)
    wait_for_part(process, tmp_path / "o.csv.partial", 2)
    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=30)
    assert process.returncode == 130
    (line,) = told.decode().splitlines()
    assert line.startswith("stopped; the ")
    assert "o.csv.partial; run the same command with --resume" in line
    assert out == b""
    assert command(*run, "--resume").returncode == 0
    assert (tmp_path / "o.csv").read_bytes() == long_scored


def test_stopped_by_ctrl_c_while_stdin_is_silent(
    start: Start, tiny_folder: Path, tmp_path: Path
) -> None:
    run = ["score", "-", "--twin", tiny_folder, "-o", "o.csv", "--chunk-rows", 10_000]
    process = start(*run, stdin=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(b"question1,question2\n" + b"a,b\n" * 300_000)
    process.stdin.flush()
    wait_for_part(process, tmp_path / "o.csv.partial", 1)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    told = process.communicate()[1].decode()
    assert process.returncode == 130
    assert told == "stopped; nothing was left behind\n"
    assert os.listdir(tmp_path) == []


def test_stopped_by_ctrl_c_while_nobody_reads_stdout(
    start: Start, tiny_folder: Path, long_csv: Path
) -> None:
    process = start("score", long_csv, "--twin", tiny_folder, "--chunk-rows", 2000)
    assert process.stdout
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    told = process.communicate()[1].decode()
    assert process.returncode == 130
    assert told == "stopped; standard output holds only the rows before\n"


def test_two_at_once(
    start: Start, command: Run, tiny_folder: Path, long_csv: Path, tmp_path: Path
) -> None:
    run = ["score", long_csv, "--twin", tiny_folder, "-o", "o.csv", "--chunk-rows", 50]
    process = start(*run)
    wait_for_part(process, tmp_path / "o.csv.partial", 0)
    process.send_signal(signal.SIGSTOP)
    try:
        second = command(*run, "--resume")
        assert second.returncode == 2
        assert "another process is writing o.csv" in error_of(second)
    finally:
        process.kill()
        process.communicate()


def test_a_reader_that_leaves_ends_it_quietly(
    start: Start, tiny_folder: Path, long_csv: Path
) -> None:
    process = start("score", long_csv, "--twin", tiny_folder, "--chunk-rows", 500)
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=30) == 0
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_stdout(command: Run, tiny_folder: Path, pairs_csv: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = command("score", pairs_csv, "--twin", tiny_folder, stdout=full)
    assert done.returncode == 1
    assert "standard output cannot be written: there is no space left" in error_of(done)


def test_a_limit_on_the_file_behind_o(
    command: Run, tiny_folder: Path, long_csv: Path, long_scored: bytes, tmp_path: Path
) -> None:
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    run = ["score", long_csv, "--twin", tiny_folder, "-o", "o.csv", "--chunk-rows", 1000]
    done = command(*run, preexec_fn=limit)
    assert done.returncode == 1
    assert "o.csv cannot be written: it is larger than a file may be" in error_of(done)
    assert "the 6,000 rows finished so far are kept" in error_of(done)
    assert not (tmp_path / "o.csv").exists()
    assert command(*run, "--resume").returncode == 0
    assert (tmp_path / "o.csv").read_bytes() == long_scored


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission(command: Run, tiny_folder: Path, pairs_csv: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    done = command("score", pairs_csv, "--twin", tiny_folder, "-o", "closed/o.csv")
    assert done.returncode == 1
    assert "no permission to write there" in error_of(done)


def test_summary_of_texts_in_another_language() -> None:
    summary = Summary(Tally(rows=10, problems=1, predicted=3, texts=18, cut=2, foreign=9))
    lines = "\n".join(summary_lines(summary, "English"))
    assert "10 rows, 1 of them with a problem" in lines
    assert "predicted the same: 3 (33.3%)" in lines
    assert "cut: 2 of 18" in lines
    assert "texts with more than 30% of their pieces in unknown words: 50.0%" in lines
    assert "Warning: this twin reads English" in lines
    assert "accuracy" not in lines


def test_summary_without_rows() -> None:
    assert summary_lines(Summary(Tally(), seconds=1.0), "English")[0].startswith("0 rows")
