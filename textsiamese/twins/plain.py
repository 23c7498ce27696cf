"""A model that is no twin yet: any transformer or sentence-transformers model, opened as one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from textsiamese.twins.info import TwinInfo
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.transformer_tower import open_transformer

_WEIGHTS = ("*.json", "*.safetensors", "*.bin")
_PIECES = ("vocab.txt", "merges.txt", "*.model")


def plain_model(folder: Path, name: str, threads: int | None = None) -> Siamese:
    """The model in ``folder`` as a twin that compares by cosine and has no decision.

    Args:
        folder: what transformers or sentence-transformers saved.
        name: what to call it.
        threads: to encode with; torch's own choice if None.

    Raises:
        BundleError: when it is first used, if it is no model that can be run here.
    """
    info = TwinInfo(name=name, description="vectors of a plain model, by their cosine")
    return Siamese(open_transformer(folder, threads), None, None, info, fingerprint_of(folder))


def fingerprint_of(folder: Path) -> str:
    """SHA-256 of all that the vectors depend on; beside tokenizer.json, vocab.txt is not read."""
    found = hashlib.sha256()
    whole = any(folder.rglob("tokenizer.json"))
    for pattern in _WEIGHTS if whole else (*_WEIGHTS, *_PIECES):
        for file in sorted(folder.rglob(pattern)):
            found.update(str(file.relative_to(folder)).encode())
            with file.open("rb") as content:
                found.update(hashlib.file_digest(content, "sha256").digest())
    return found.hexdigest()
