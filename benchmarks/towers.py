"""What is measured of matching, and of twins with two different towers."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from measure import Run, run
from tasks import SCRIPT, Bench, Result

from textsiamese.twins.places import DEFAULT

PEER = Path(__file__).with_name("peer_match.py")
OURS = Path(__file__).with_name("ours_pictures.py")
PICTURES = "caption-image"
TRAIN = Path(__file__).with_name("train_pictures.py")
KNOWN, NEW, K = 500_000, 1_000, 5
TRAIN_PAIRS = 20_000


def match_questions(bench: Bench) -> Result:
    """New questions against known ones, whole process, all of them encoded."""
    new, known = _questions(bench, "dev", NEW), _questions(bench, "train", KNOWN)
    ours, peer, same = _matched(bench, new, known, DEFAULT)
    ratio = peer.wall / ours.wall
    return Result(
        f"match {NEW:,} new questions with {KNOWN:,} known ones, k={K}, whole process",
        f"{ours.wall:.1f} s, {ours.memory:.0f} MB",
        f"{peer.wall:.1f} s, {peer.memory:.0f} MB (encode and semantic_search, same encoder): "
        f"{ratio:.1f}x; the nearest by cosine is among ours for {same:.1%}",
        "at least 3x",
        ratio >= 3,
    )


def match_again(bench: Bench) -> Result:
    """The same with the vectors of the known questions kept from an earlier match."""
    new, known = _questions(bench, "dev", NEW), _questions(bench, "train", KNOWN)
    index = ("--index", bench.folder / "index")
    first, again = (_match(bench, new, known, DEFAULT, *index) for _ in range(2))
    return Result(
        "the same, with the known vectors kept (--index)",
        f"{again.wall:.1f} s, {again.memory:.0f} MB",
        f"{first.wall:.1f} s when they are encoded and kept",
        "at least 3x",
        first.wall >= 3 * again.wall,
    )


def match_captions(bench: Bench) -> Result:
    """All captions of Flickr8k against all its pictures, whole process."""
    captions, pictures = _flickr(bench)
    options = ("--pictures", pictures)
    ours = _match(bench, captions, pictures, PICTURES)
    peer = _peer(bench, captions, pictures, PICTURES, *options)
    ratio = peer.wall / ours.wall
    return Result(
        f"match {_rows(captions):,} captions with {len(list(pictures.iterdir())):,} pictures, "
        f"k={K}, whole process",
        f"{ours.wall:.1f} s, {ours.memory:.0f} MB",
        f"{peer.wall:.1f} s, {peer.memory:.0f} MB (plain script, same towers): {ratio:.1f}x",
        "at least 1.5x",
        ratio >= 1.5,
    )


def pictures(bench: Bench) -> Result:
    """Pictures a second, from the file to the vector."""
    captions, folder = _flickr(bench)
    count = len(list(folder.iterdir()))
    peer = _peer(bench, captions, folder, PICTURES, "--pictures", folder)
    done = (run([sys.executable, OURS, PICTURES, folder]), peer)
    ours, theirs = (count / json.loads(each.printed.splitlines()[-1])["right"] for each in done)
    return Result(
        f"encode {count:,} pictures (decode and CNN)",
        f"{ours:,.0f} pictures/s",
        f"{theirs:,.0f} pictures/s (one after the other, same CNN): {ours / theirs:.1f}x",
        "at least 1.2x",
        ours >= 1.2 * theirs,
    )


def train_pictures(bench: Bench) -> Result:
    """Captions and pictures, one epoch, a new LSTM and a new CNN."""
    captions, folder = _flickr(bench)
    command = [sys.executable, TRAIN, captions, folder, "--pairs", str(TRAIN_PAIRS)]
    done = (run(command), run([*command, "--peer"]))
    ours, theirs = (
        TRAIN_PAIRS / json.loads(each.printed.splitlines()[-1])["seconds"] for each in done
    )
    return Result(
        f"train on {TRAIN_PAIRS:,} captions and their pictures, 1 epoch",
        f"{ours:,.0f} pairs/s, judging and saving included",
        f"{theirs:,.0f} pairs/s (plain loop, same towers, fp32): {ours / theirs:.1f}x",
        "at least 1.5x",
        ours >= 1.5 * theirs,
    )


def _matched(bench: Bench, left: Path, right: Path, twin: str) -> tuple[Run, Run, float]:
    """Ours, the peer, and the share of left rows whose nearest, as the peer says, is among ours."""
    import pandas as pd

    ours, peer = _match(bench, left, right, twin), _peer(bench, left, right, twin)
    found = pd.read_csv(bench.folder / "matched.csv", usecols=["right_row"])["right_row"]
    nearest = pd.read_csv(bench.folder / "peer.csv").drop_duplicates("left")["right"].to_numpy()
    among = found.to_numpy().reshape(-1, K) == nearest[:, None]
    return ours, peer, float(np.any(among, axis=1).mean())


def _match(bench: Bench, left: Path, right: Path, twin: str, *options: str | Path) -> Run:
    out = ("-o", bench.folder / "matched.csv", "--overwrite", "--quiet")
    return run([SCRIPT, "match", left, right, "-k", str(K), "--twin", twin, *out, *options])


def _peer(bench: Bench, left: Path, right: Path, twin: str, *options: str | Path) -> Run:
    files = (left, right, bench.folder / "peer.csv")
    return run([sys.executable, PEER, *files, "--twin", twin, "-k", str(K), *options])


def _questions(bench: Bench, part: str, count: int) -> Path:
    """A CSV of the first distinct questions of a part of Quora."""
    import pandas as pd

    path = bench.folder / f"questions_{part}.csv"
    if not path.exists():
        pairs = pd.read_parquet(bench.data / "quora" / f"{part}.parquet")
        questions = pd.unique(pairs[["question1", "question2"]].to_numpy().ravel())[:count]
        pd.DataFrame({"question": questions}).to_csv(path, index=False)
    return path


def _flickr(bench: Bench) -> tuple[Path, Path]:
    """A CSV of all captions, and the folder of all pictures."""
    import pandas as pd

    captions, folder = bench.folder / "captions.csv", bench.folder / "pictures"
    if not folder.exists():
        table = pd.read_csv(bench.data / "flickr8k" / "captions.csv")
        table[["caption", "image"]].to_csv(captions, index=False)
        with zipfile.ZipFile(bench.data / "flickr8k" / "images.zip") as packed:
            packed.extractall(folder)
    return captions, folder


def _rows(table: Path) -> int:
    import pandas as pd

    return len(pd.read_csv(table))


TOWER_TASKS: dict[str, Callable[[Bench], Result]] = {
    "match": match_questions,
    "index": match_again,
    "captions": match_captions,
    "pictures": pictures,
    "train-pictures": train_pictures,
}
