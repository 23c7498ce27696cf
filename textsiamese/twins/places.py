"""Where a twin lies: bundled with the package, in a folder, or on the Hugging Face Hub."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from pathlib import Path

from textsiamese.errors import BundleError

DEFAULT = "lstm-quora"
_PRETRAINED = Path(__file__).parent.parent / "pretrained"


def bundled() -> list[str]:
    """Names of the twins that ship with the package."""
    return sorted(each.parent.name for each in _PRETRAINED.glob("*/twin.json"))


def find(name: str | os.PathLike[str], files: Sequence[str]) -> Path:
    """The folder of a twin.

    Args:
        name: a bundled twin, a folder, or the id of a repository on the Hub ("owner/name").
        files: what is fetched of a repository, where it is there.

    Raises:
        BundleError: if there is no such place.
    """
    folder = Path(name)
    if str(name) in bundled():
        return _PRETRAINED / str(name)
    if folder.is_dir():
        return folder
    if folder.exists():
        raise BundleError(f"{folder} is a file; a twin is a folder that holds twin.json")
    if str(name).count("/") == 1 and not str(name).startswith((".", "/", "~")):
        return _from_hub(str(name), files)
    near = difflib.get_close_matches(str(name), bundled(), n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"?' if near else f"bundled twins: {', '.join(bundled())}"
    raise BundleError(f'there is no folder and no bundled twin "{name}"; {hint}')


def _from_hub(name: str, files: Sequence[str]) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=list(files)))
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BundleError(
            f'there is no folder "{name}", and the Hugging Face Hub did not give one: {reason}'
        ) from None
