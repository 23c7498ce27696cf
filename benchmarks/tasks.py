"""What is measured: each task runs our command, and its peer in the same call."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from measure import Run, run

import textsiamese as ts
from textsiamese.twins.places import DEFAULT, find

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCRIPT = Path(sys.executable).with_name("textsiamese")
PEER = Path(__file__).with_name("peer_minilm.py")
TRAIN, PEER_TRAIN = (Path(__file__).with_name(f"{side}_train.py") for side in ("ours", "peer"))
SCORE_PAIRS, TRAIN_PAIRS, TUNE_PAIRS, TUNE_DEV = 100_000, 40_000, 8_000, 2_000
TUNE_BASE = "all-MiniLM-L6-v2"
NOISE = 0.01


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
    """What a training script printed, and how long it took as a process; pairs a second."""

    speed: float
    wall: float
    average_precision: float
    accuracy: float

    def __str__(self) -> str:
        return (
            f"{self.speed:,.0f} pairs/s, {self.wall:.0f} s in all, dev AP "
            f"{self.average_precision:.3f}, accuracy {100 * self.accuracy:.1f}%"
        )

    def no_worse(self, other: Trained, by: float = 0.0) -> bool:
        """Whether neither score on dev is lower than the other's, or lower by so much at most."""
        apart = other.average_precision - self.average_precision, other.accuracy - self.accuracy
        return max(apart) <= by


@dataclass(frozen=True)
class Bench:
    """Where the data lies, where tables may be written, and the twin of the task ``minilm``."""

    data: Path
    folder: Path
    twin: str = "minilm-quora"

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

    def score(self, rows: int, twin: str = DEFAULT) -> Run:
        """``textsiamese score`` over so many pairs."""
        options = ("--twin", twin, "--overwrite", "--quiet")
        return run([SCRIPT, "score", self.quora(rows), "-o", self.scored, *options])

    @property
    def scored(self) -> Path:
        """What ``score`` wrote last."""
        return self.folder / "scored.csv"


def speed(bench: Bench) -> Result:
    """100,000 pairs, whole process, against the MiniLM script."""
    ours, wall = _scored(bench, DEFAULT)
    peer = run([sys.executable, PEER, bench.quora(SCORE_PAIRS), bench.folder / "peer.csv"])
    ratio = peer.wall / wall
    return Result(
        f"score {SCORE_PAIRS:,} Quora pairs, whole process",
        ours,
        f"{peer.wall:.0f} s, {peer.memory:.0f} MB (MiniLM script): {ratio:.1f}x",
        "at least 40x",
        ratio >= 40,
    )


def minilm(bench: Bench) -> Result:
    """The same with a transformer twin, against the plain script with the same weights."""
    ours, wall = _scored(bench, bench.twin)
    vectors = bench.folder / "vectors.npy"
    files = (bench.quora(SCORE_PAIRS), bench.folder / "peer.csv")
    options = ("--model", find(bench.twin), "--vectors", vectors)
    peer = run([sys.executable, PEER, *files, *options])
    ratio, apart = peer.wall / wall, probabilities_apart(bench.twin, vectors, bench.scored)
    return Result(
        f"score {SCORE_PAIRS:,} Quora pairs with {Path(bench.twin).name}, whole process",
        ours,
        f"{peer.wall:.0f} s, {peer.memory:.0f} MB (plain script, same weights): {ratio:.1f}x; "
        f"probabilities of {len(apart):,} pairs at most {apart.max():.4f} apart "
        f"(99.9% of them {np.quantile(apart, 0.999):.4f})",
        "at least 3x, probabilities within 0.01",
        bool(ratio >= 3 and apart.max() <= 0.01),
    )


def probabilities_apart(twin: str, vectors: Path, scored: Path) -> NDArray[np.float64]:
    """How far our probabilities lie from those of a peer's vectors of the first pairs.

    Args:
        twin: compares the peer's vectors, and turns them into probabilities.
        vectors: a file of the peer's, (2, pairs, d).
        scored: what ``textsiamese score`` wrote of these pairs, and perhaps of more.

    Returns:
        (pairs,), 0 or more.
    """
    import pandas as pd

    judge = ts.load(twin)
    left, right = np.load(vectors)
    peer = judge.decision.probability(judge.measure(left, right))
    ours = pd.read_csv(scored, usecols=["probability"], nrows=len(left))["probability"]
    return np.abs(ours.to_numpy() - peer)


def _scored(bench: Bench, twin: str) -> tuple[str, float]:
    """What scoring takes, in words, and its wall time: the median of 3 runs after a warm-up."""
    runs = [bench.score(SCORE_PAIRS, twin) for _ in range(4)][1:]
    wall = statistics.median(each.wall for each in runs)
    listed = ", ".join(f"{each.wall:.1f}" for each in runs)
    return f"{wall:.1f} s (median of 3: {listed}), {runs[0].memory:.0f} MB", wall


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
    ours, peer = (_trained(script, bench, TRAIN_PAIRS) for script in (TRAIN, PEER_TRAIN))
    loop, whole = ours.speed / peer.speed, peer.wall / ours.wall
    return Result(
        f"train on {TRAIN_PAIRS:,} Quora pairs, 1 epoch",
        str(ours),
        f"{peer} (sentence-transformers): {loop:.1f}x in the loop, {whole:.1f}x as a process",
        "at least 2x in the loop, dev no worse",
        loop >= 2 and ours.no_worse(peer),
    )


def finetune(bench: Bench) -> Result:
    """MiniLM fine-tuned, against sentence-transformers' trainer: as it is, and in bf16."""
    options = ("--base", TUNE_BASE, "--dev", TUNE_DEV)
    ours, peer = (_trained(each, bench, TUNE_PAIRS, *options) for each in (TRAIN, PEER_TRAIN))
    half = _trained(PEER_TRAIN, bench, TUNE_PAIRS, *options, "--bf16")
    loop, whole = ours.speed / peer.speed, peer.wall / ours.wall
    return Result(
        f"fine-tune {TUNE_BASE} on {TUNE_PAIRS:,} Quora pairs, 1 epoch",
        str(ours),
        f"{peer} (sentence-transformers): {loop:.1f}x in the loop, {whole:.1f}x as a process; "
        f"{half} (its bf16=True): {ours.speed / half.speed:.1f}x in the loop",
        f"at least 1.5x in the loop, dev at most {NOISE} worse",
        loop >= 1.5 and ours.no_worse(peer, by=NOISE),
    )


def _trained(script: Path, bench: Bench, pairs: int, *options: Any) -> Trained:
    done = run([sys.executable, script, bench.data, "--pairs", str(pairs), *map(str, options)])
    told = json.loads(done.printed.splitlines()[-1])
    return Trained(pairs / told.pop("seconds"), done.wall, **told)


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


TASKS: dict[str, Callable[[Bench], Result]] = {
    "speed": speed,
    "minilm": minilm,
    "memory": memory,
    "train": train,
    "finetune": finetune,
    "compare": cold_compare,
    "help": help_page,
}
