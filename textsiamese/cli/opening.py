"""The twin that a command works with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from textsiamese.cli.messages import say
from textsiamese.errors import InputError

if TYPE_CHECKING:
    from textsiamese.twins.siamese import Siamese

TWIN_HELP = "A bundled twin, a folder or a Hub id; left out: the bundled lstm-quora."
THREADS_HELP = "Threads to encode with; left out: one a core."
DEVICE_HELP = 'Where to encode: "cpu", or "cuda" for a GPU (in torch).'


def open_twin(
    name: str | None, threads: int | None = None, device: str = "cpu", *, quiet: bool = False
) -> Siamese:
    """Open a twin; the terms of a bundled one are told once to every user.

    Raises:
        BundleError: there is no such twin.
        InputError: there is no such device, or a number of threads below 1.
    """
    from textsiamese.twins.bundle import load
    from textsiamese.twins.places import DEFAULT, bundled

    if threads is not None and threads < 1:
        raise InputError(f"--threads {threads}: at least one thread is needed")
    name = name or DEFAULT
    twin = load(name, threads=threads)
    if not quiet and name in bundled():
        _tell_terms_once(name, twin.info.terms)
    return twin if device == "cpu" else _on_device(twin, device)


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


def _on_device(twin: Siamese, device: str) -> Siamese:
    import torch

    from textsiamese.twins.runtime import TorchRuntime
    from textsiamese.twins.siamese import Siamese

    try:
        encoder = twin.encoder.to(torch.device(device))
        TorchRuntime(lambda: encoder).encode(["?"])
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"--device {device} cannot be used here: {reason}") from error
    fingerprint = twin.fingerprint and f"{twin.fingerprint} on {device}"
    return Siamese(encoder, twin.measure, twin.decision, twin.info, fingerprint)
