"""A folder that says what it holds, with the hash of each file: whole and unchanged, or refused."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textsiamese import __version__
from textsiamese.errors import BundleError, OutputError
from textsiamese.writing import json_bytes

FORMAT = 3
_ABOUT = "twin.json"


@dataclass(frozen=True)
class Sealed:
    """What lies in a folder, once it is known to be what was written there.

    Attributes:
        about: what ``twin.json`` says.
        files: the other files by name.
        fingerprint: hex digest that changes with any of them.
    """

    about: dict[str, Any]
    files: dict[str, bytes]
    fingerprint: str


def is_sealed(folder: Path) -> bool:
    """Whether a bundle lies in a folder."""
    return (folder / _ABOUT).exists()


def read_sealed(folder: Path) -> Sealed:
    """All of a folder.

    Raises:
        BundleError: if a file is missing or changed, or a newer version wrote it.
    """
    text = _read(folder, _ABOUT)
    about = _understood(text, folder)
    files = {name: _read(folder, name) for name in about["sha256"] if name != _ABOUT}
    _check_unchanged(folder, text, about, files)
    return Sealed(about, files, hashlib.sha256(text).hexdigest())


def sealed(about: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files by name with ``twin.json``, which says what they are and their hashes, the last."""
    said: dict[str, Any] = {"format": FORMAT, "textsiamese": __version__, **about}
    said["sha256"] = _digests(said, files)
    return {**files, _ABOUT: json_bytes(said)}


def check_target(target: Path) -> None:
    """Refuse a target that is there and neither empty nor a twin.

    Raises:
        OutputError: saying so.
    """
    if target.is_dir() and (not any(target.iterdir()) or is_sealed(target)):
        return
    if target.exists():
        raise OutputError(f"{target} exists and is no twin; give the name of a new folder")


def write_whole(target: Path, files: dict[str, bytes]) -> None:
    """All files or none: written beside the target, then moved into place, ``twin.json`` last.

    Files that only the bundle before had are removed after that; all others stay.

    Raises:
        OutputError: if that fails.
    """
    made = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        for name, content in files.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_bytes(content)
        if target.exists():
            _replace(target, made, files)
        else:
            made.chmod(0o755)
            os.replace(made, target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        if made:
            shutil.rmtree(made, ignore_errors=True)


def _replace(target: Path, made: Path, files: Mapping[str, bytes]) -> None:
    stale = [target / name for name in _listed(target) if name not in files]
    for name in files:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(made / name, target / name)
    for file in stale:
        if file.is_file() and file.parent.resolve().is_relative_to(target.resolve()):
            file.unlink()
            with suppress(OSError):  # a folder that holds something else stays
                file.parent.rmdir()


def _listed(folder: Path) -> list[str]:
    """Names of the files of the bundle in a folder; none where it does not say so."""
    with suppress(BundleError):
        return list(_understood(_read(folder, _ABOUT), folder)["sha256"])
    return []


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        raise BundleError(f"{folder} is no twin: it has no {name}") from None
    except OSError as error:
        raise BundleError(f"{folder / name} cannot be read: {error.strerror}") from None


def _understood(text: bytes, folder: Path) -> dict[str, Any]:
    """What ``twin.json`` says, once it is known to be of a format that this version reads."""
    try:
        about = json.loads(text)
    except ValueError as error:
        raise BundleError(f"{folder / _ABOUT} is no JSON: {error}") from None
    if not isinstance(about, dict) or not isinstance(about.get("format"), int):
        raise BundleError(f"{folder / _ABOUT} does not describe a twin: it names no format")
    if about["format"] > FORMAT:
        raise BundleError(
            f"{folder} is of format {about['format']} (textsiamese {about.get('textsiamese')}), "
            f"and textsiamese {__version__} reads up to {FORMAT}: pip install -U textsiamese"
        )
    if not isinstance(about.get("sha256"), dict):
        raise BundleError(f"{folder / _ABOUT} does not describe a twin: it has no sha256")
    return about


def _check_unchanged(
    folder: Path, text: bytes, about: dict[str, Any], files: Mapping[str, bytes]
) -> None:
    digests = _digests(about, files)
    changed = [name for name, digest in digests.items() if about["sha256"].get(name) != digest]
    if not changed and json_bytes({**about, "sha256": digests}) != text:
        changed = [_ABOUT]
    if changed:
        file = folder / changed[0]
        raise BundleError(f"{file} has changed since the twin was saved; get it again")


def _digests(about: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file, and of all that ``twin.json`` says but for the digests."""
    said = {key: value for key, value in about.items() if key != "sha256"}
    contents = {_ABOUT: json_bytes(said), **files}
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
