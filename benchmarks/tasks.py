"""What is measured: each task runs our command, and its peer in the same call."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Run, run

SCRIPT = Path(sys.executable).with_name("textsiamese")
PEER = Path(__file__).with_name("peer_minilm.py")
TRAIN, PEER_TRAIN = (Path(__file__).with_name(f"{side}_train.py") for side in ("ours", "peer"))
TRAIN_PAIRS, TRAIN_EPOCHS = 40_000, 1


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    task: str
    ours: str
    peer: str
    goal: str
    met: bool


@dataclass(frozen=True)
class Trained:
    """What a training script printed, and how long it took as a process."""

    speed: float
    wall: float
    average_precision: float
    accuracy: float

    def __str__(self) -> str:
        return (
            f"{self.speed:,.0f} pairs/s, {self.wall:.0f} s in all, dev AP "
            f"{self.average_precision:.3f}, accuracy {100 * self.accuracy:.1f}%"
        )


@dataclass(frozen=True)
class Bench:
    """Where the data lies, and where tables may be written."""

    data: Path
    folder: Path

    def quora(self, rows: int) -> Path:
        """A CSV of the first ``rows`` pairs of quora/train, which is repeated as needed."""
        import pandas as pd

        path = self.folder / f"quora_{rows}.csv"
        if not path.exists():
            columns = ["question1", "question2", "is_duplicate"]
            pairs = pd.read_parquet(self.data / "quora" / "train.parquet", columns=columns)
            for start in range(0, rows, len(pairs)):
                part = pairs.head(rows - start)
                part.to_csv(path, mode="a", index=False, header=start == 0)
        return path

    def score(self, rows: int) -> Run:
        """``textsiamese score`` over so many pairs."""
        out = self.folder / "scored.csv"
        return run([SCRIPT, "score", self.quora(rows), "-o", out, "--overwrite", "--quiet"])


def speed(bench: Bench) -> Result:
    """100,000 pairs, whole process, against the MiniLM script."""
    table = bench.quora(100_000)
    ours = [bench.score(100_000) for _ in range(4)][1:]
    peer = run([sys.executable, PEER, table, bench.folder / "peer.csv"])
    wall = statistics.median(each.wall for each in ours)
    ratio = peer.wall / wall
    return Result(
        "score 100,000 Quora pairs, whole process",
        f"{wall:.1f} s (median of 3: {_listed(ours)}), {ours[0].memory:.0f} MB",
        f"{peer.wall:.0f} s, {peer.memory:.0f} MB (MiniLM script): {ratio:.1f}x",
        "at least 40x",
        ratio >= 40,
    )


def memory(bench: Bench) -> Result:
    """5 million pairs against 500,000: memory does not grow with the rows."""
    small, large = bench.score(500_000), bench.score(5_000_000)
    return Result(
        "memory of score, 5,000,000 rows",
        f"{large.memory:.0f} MB, {large.wall:.0f} s",
        f"{small.memory:.0f} MB at 500,000 rows",
        "at most 1,500 MB",
        large.memory <= 1500,
    )


def train(bench: Bench) -> Result:
    """A BiLSTM from scratch, against sentence-transformers' own modules, loss and trainer."""
    ours, peer = _trained(TRAIN, bench), _trained(PEER_TRAIN, bench)
    loop, whole = ours.speed / peer.speed, peer.wall / ours.wall
    no_worse = ours.average_precision >= peer.average_precision and ours.accuracy >= peer.accuracy
    return Result(
        f"train on {TRAIN_PAIRS:,} Quora pairs, {TRAIN_EPOCHS} epoch",
        str(ours),
        f"{peer} (sentence-transformers): {loop:.1f}x in the loop, {whole:.1f}x as a process",
        "at least 2x in the loop, dev no worse",
        loop >= 2 and no_worse,
    )


def _trained(script: Path, bench: Bench) -> Trained:
    sizes = ("--pairs", str(TRAIN_PAIRS), "--epochs", str(TRAIN_EPOCHS))
    done = run([sys.executable, script, bench.data, *sizes])
    told = json.loads(done.printed.splitlines()[-1])
    speed = TRAIN_PAIRS * TRAIN_EPOCHS / told.pop("seconds")
    return Trained(speed, done.wall, **told)


def cold_compare(_: Bench) -> Result:
    """``textsiamese compare``, a new process each time."""
    return _start(["compare", "How old are you?", "What is your age?"], "cold compare", 1.0)


def help_page(_: Bench) -> Result:
    """``textsiamese --help``, a new process each time."""
    return _start(["--help"], "--help", 0.5)


def _start(arguments: Sequence[str], name: str, limit: float) -> Result:
    runs = [run([SCRIPT, *arguments]) for _ in range(10)]
    bare = statistics.median(run([sys.executable, "-c", "import numpy"]).wall for _ in range(5))
    wall = statistics.median(each.wall for each in runs)
    return Result(
        f"textsiamese {name}",
        f"{wall:.2f} s (median of 10, slowest {max(each.wall for each in runs):.2f})",
        f"{bare:.2f} s (python -c 'import numpy')",
        f"at most {limit:g} s",
        wall <= limit,
    )


def _listed(runs: Sequence[Run]) -> str:
    return ", ".join(f"{each.wall:.1f}" for each in runs)


TASKS: dict[str, Callable[[Bench], Result]] = {
    "speed": speed,
    "memory": memory,
    "train": train,
    "compare": cold_compare,
    "help": help_page,
}
