"""The twin that a command works with, and the options that say how."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from textsiamese.cli.messages import say
from textsiamese.errors import InputError

if TYPE_CHECKING:
    from textsiamese.twins.cross_encoder import CrossEncoder
    from textsiamese.twins.scorer import PairScorer
    from textsiamese.twins.twin import Twin

TWIN_HELP = "A bundled twin, a folder or a Hub id; left out: the bundled lstm-quora."
THREADS = typer.Option(
    None, "--threads", metavar="N", help="Threads to encode with; left out: one a core."
)
DEVICE = typer.Option(
    "cpu",
    "--device",
    metavar="D",
    help='Where to encode: "cpu", or "cuda" for a GPU (in torch).',
)
QUIET = typer.Option(False, "--quiet", "-q", help="Tell nothing but errors.")


def open_twin(
    name: str | None, threads: int | None = None, device: str = "cpu", *, quiet: bool = False
) -> PairScorer:
    """Open a twin or a cross-encoder; the terms of a bundled one are told once to every user.

    Raises:
        BundleError: there is no such twin.
        InputError: there is no such device, or a number of threads below 1.
    """
    from textsiamese.twins.bundle import load_twin
    from textsiamese.twins.places import DEFAULT, bundled, find, is_cross_encoder

    if threads is not None and threads < 1:
        raise InputError(f"--threads {threads}: at least one thread is needed")
    name = name or DEFAULT
    folder = find(name)
    if is_cross_encoder(folder):
        from textsiamese.twins.cross_encoder_folder import load_cross_encoder

        return _placed(load_cross_encoder(folder, name), device)
    twin = load_twin(folder, name, threads)
    if not quiet and name in bundled():
        _tell_terms_once(name, twin.info.terms)
    return _placed(twin, device)


def open_decided(
    name: str | None, threads: int | None = None, device: str = "cpu", *, quiet: bool = False
) -> PairScorer:
    """Open what gives a probability and a yes or no.

    Raises:
        BundleError, InputError: as `open_twin`; InputError too if there is no decision yet.
    """
    opened = open_twin(name, threads, device, quiet=quiet)
    if opened.decision is None:
        raise InputError(undecided(name or opened.info.name))
    return opened


def undecided(name: str) -> str:
    """What is said of one that has no decision, by the name that the user gave."""
    return (
        f"{name} has no decision yet, so it gives similarities but no probabilities: textsiamese "
        f"calibrate {name} PAIRS -o DIR fits one on labelled pairs"
    )


def _tell_terms_once(name: str, terms: str) -> None:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    told = Path(cache) / "textsiamese" / f"{name}.terms"
    try:
        if not terms or (told.exists() and told.read_text(encoding="utf-8") == terms):
            return
        say(f"{name}: {terms}")
        told.parent.mkdir(parents=True, exist_ok=True)
        told.write_text(terms, encoding="utf-8")
    except OSError:  # nowhere to remember it: it is told again next time
        return


def _placed(opened: Twin | CrossEncoder, device: str) -> PairScorer:
    """It, on this device.

    Raises:
        InputError: there is none.
    """
    if device == "cpu":
        return opened
    import torch

    try:
        moved = opened.to(torch.device(device))
        moved.compare(["?"], ["?"])
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"--device {device} cannot be used here: {reason}") from error
    return moved
