"""The folder a twin is saved to: JSON, safetensors and a graph; nothing in it is pickled.

=====================  =================================================================
``twin.json``          what the twin is: encoder, similarity, decision, info, file hashes
``model.safetensors``  weights; fp16 where that loses nothing, else fp32
``vocabulary.json``    the pieces, as a ``tokenizers`` file
``encoder.onnx``       the encoder's graph, without weights
=====================  =================================================================
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textsiamese import __version__
from textsiamese.encoders.tokens import Vocabulary
from textsiamese.errors import BundleError, InputError, OutputError
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import similarity_from
from textsiamese.twins.towers import checked_graph, encoder_weights, open_tower

DEFAULT = "lstm-quora"
_FORMAT = 1
_PRETRAINED = Path(__file__).parent.parent / "pretrained"
_FILES = ("model.safetensors", "vocabulary.json", "encoder.onnx")

Arrays = dict[str, NDArray[np.float32]]


def load(name: str | os.PathLike[str] = DEFAULT, *, threads: int | None = None) -> Siamese:
    """Open a twin.

    Args:
        name: a bundled twin ("lstm-quora"), a folder that a twin was saved to, or the id of
            such a folder on the Hugging Face Hub ("owner/name").
        threads: threads for encoding; all usable cores if None.

    Raises:
        InputError: if ``threads`` is below 1.
        BundleError: if there is no such twin, a file of it is missing or changed, or it was
            written by a newer version.
    """
    if threads is not None and threads < 1:
        raise InputError(f"threads is {threads}; at least one is needed")
    folder = _find(name)
    text = _read(folder, "twin.json")
    about = _understood(text, folder)
    files = {name: _read(folder, name) for name in _FILES}
    _check_unchanged(folder, text, about, files)
    weights = _unpacked(files["model.safetensors"])
    tower = open_tower(
        about["encoder"],
        Vocabulary.from_json(files["vocabulary.json"].decode()),
        _part(weights, "encoder."),
        files["encoder.onnx"],
        threads,
    )
    return Siamese(
        tower,
        similarity_from(about["similarity"], _part(weights, "similarity.")),
        Decision.from_json(about["decision"]) if about["decision"] else None,
        TwinInfo.from_json(about["info"]),
        fingerprint=hashlib.sha256(text).hexdigest(),
    )


def save(twin: Siamese, folder: str | os.PathLike[str]) -> None:
    """Write ``twin`` to ``folder``; a twin that lies there is replaced, once the new one is whole.

    Raises:
        OutputError: if ``folder`` holds something else than a twin, or cannot be written.
        TextsiameseError: if the graph does not give the same vectors as torch.
    """
    target = Path(folder)
    check_target(target)
    encoder = twin.encoder
    weights = {f"encoder.{name}": value for name, value in encoder_weights(encoder).items()}
    weights |= {f"similarity.{name}": np.asarray(w) for name, w in twin.measure.weights.items()}
    files = {
        "model.safetensors": _packed(weights),
        "vocabulary.json": encoder.vocabulary.to_json().encode(),
        "encoder.onnx": checked_graph(encoder),
    }
    about: dict[str, Any] = {
        "format": _FORMAT,
        "textsiamese": __version__,
        "kind": "siamese",
        "encoder": {"kind": "lstm", **asdict(encoder.config)},
        "similarity": twin.measure.name,
        "decision": twin.decision.to_json() if twin.decision else None,
        "info": twin.info.to_json(),
    }
    about["sha256"] = _digests(about, files)
    files["twin.json"] = _written(about)
    _write_whole(target, files)


def bundled() -> list[str]:
    """Names of the twins that ship with the package."""
    return sorted(each.parent.name for each in _PRETRAINED.glob("*/twin.json"))


def _find(name: str | os.PathLike[str]) -> Path:
    folder = Path(name)
    if str(name) in bundled():
        return _PRETRAINED / str(name)
    if folder.is_dir():
        return folder
    if folder.exists():
        raise BundleError(f"{folder} is a file; a twin is a folder that holds twin.json")
    if str(name).count("/") == 1 and not str(name).startswith((".", "/", "~")):
        return _from_hub(str(name))
    near = difflib.get_close_matches(str(name), bundled(), n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"?' if near else f"bundled twins: {', '.join(bundled())}"
    raise BundleError(f'there is no folder and no bundled twin "{name}"; {hint}')


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=["twin.json", *_FILES]))
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BundleError(
            f'there is no folder "{name}", and the Hugging Face Hub did not give one: {reason}'
        ) from None


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
        raise BundleError(f"{folder / 'twin.json'} is no JSON: {error}") from None
    if not isinstance(about, dict) or not isinstance(about.get("format"), int):
        raise BundleError(f"{folder / 'twin.json'} does not describe a twin: it names no format")
    if about["format"] > _FORMAT:
        raise BundleError(
            f"{folder} is of format {about['format']} (textsiamese {about.get('textsiamese')}), "
            f"and textsiamese {__version__} reads up to {_FORMAT}: pip install -U textsiamese"
        )
    if not isinstance(about.get("sha256"), dict):
        raise BundleError(f"{folder / 'twin.json'} does not describe a twin: it has no sha256")
    return about


def _check_unchanged(
    folder: Path, text: bytes, about: dict[str, Any], files: dict[str, bytes]
) -> None:
    digests = _digests(about, files)
    changed = [name for name, digest in digests.items() if about["sha256"].get(name) != digest]
    if not changed and _written({**about, "sha256": digests}) != text:
        changed = ["twin.json"]
    if changed:
        file = folder / changed[0]
        raise BundleError(f"{file} has changed since the twin was saved; get it again")


def _digests(about: dict[str, Any], files: dict[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file, and of all that ``twin.json`` says but for the digests."""
    said = {key: value for key, value in about.items() if key != "sha256"}
    contents = {"twin.json": _written(said), **files}
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def _written(about: dict[str, Any]) -> bytes:
    """The bytes of ``twin.json``; the same values give the same bytes."""
    return json.dumps(about, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _part(weights: Arrays, prefix: str) -> Arrays:
    return {n.removeprefix(prefix): w for n, w in weights.items() if n.startswith(prefix)}


def _unpacked(content: bytes) -> Arrays:
    from safetensors.numpy import load as read

    return {name: value.astype(np.float32) for name, value in read(content).items()}


def _packed(weights: Arrays) -> bytes:
    """Each tensor in fp16 where that loses nothing, else in fp32."""
    from safetensors.numpy import save as write

    packed = {}
    for name, value in weights.items():
        with np.errstate(over="ignore"):
            half = value.astype(np.float16)
        lossless = np.array_equal(half.astype(np.float32), value)
        packed[name] = np.ascontiguousarray(half if lossless else value.astype(np.float32))
    return write(packed)


def check_target(target: Path) -> None:
    """Refuse a target that is there and neither empty nor a twin.

    Raises:
        OutputError: saying so.
    """
    if target.is_dir() and (not any(target.iterdir()) or (target / "twin.json").exists()):
        return
    if target.exists():
        raise OutputError(f"{target} exists and is no twin; give the name of a new folder")


def _write_whole(target: Path, files: dict[str, bytes]) -> None:
    """All files or none: written beside the target, then moved into place, ``twin.json`` last."""
    made = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        for name, content in files.items():
            (made / name).write_bytes(content)
        if target.exists():
            for name in files:
                os.replace(made / name, target / name)
        else:
            made.chmod(0o755)
            os.replace(made, target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        if made:
            shutil.rmtree(made, ignore_errors=True)
