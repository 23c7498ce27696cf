"""Where a twin lies: bundled with the package, in a folder, or on the Hugging Face Hub."""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path

from textsiamese.encoders.fetching import MINILM, is_known, model_folder
from textsiamese.errors import BundleError

DEFAULT = "lstm-quora"
_PRETRAINED = Path(__file__).parent.parent / "pretrained"


def bundled() -> list[str]:
    """Names of the twins that ship with the package."""
    return sorted(each.parent.name for each in _PRETRAINED.glob("*/twin.json"))


def find(name: str | os.PathLike[str]) -> Path:
    """The folder of a twin, or of a plain model.

    Args:
        name: a bundled twin, a folder, or the id of a repository on the Hub ("owner/name").

    Raises:
        BundleError: if there is no such place.
    """
    if str(name) in bundled():
        return _PRETRAINED / str(name)
    if Path(name).exists() or is_known(str(name)):
        return model_folder(name)
    named = {each.lower(): each for each in [*bundled(), *MINILM]}
    found = difflib.get_close_matches(str(name).lower(), named, n=1, cutoff=0.5)
    near = [named[each] for each in found]
    hint = f'did you mean "{near[0]}"?' if near else f"bundled twins: {', '.join(bundled())}"
    raise BundleError(f'there is no folder and no bundled twin "{name}"; {hint}')


def is_cross_encoder(folder: Path) -> bool:
    """Whether the model in a folder has a head over pairs of texts, and so no vectors."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return any(n.endswith("ForSequenceClassification") for n in config.get("architectures") or [])
