"""The folder a twin is saved to: JSON, safetensors and a graph; nothing in it is pickled.

==========================  ============================================================
``twin.json``               what the twin is: encoder, similarity, decision, info, file hashes
``model.safetensors``       the encoder's weights; fp16 where that loses nothing, else fp32
``similarity.safetensors``  those of a similarity that is learnt
==========================  ============================================================

An LSTM has ``vocabulary.json`` (its pieces, as a ``tokenizers`` file) and ``encoder.onnx`` (its
graph, without weights) beside them, and is opened by sentence-transformers through
:mod:`textsiamese.twins.interchange`; a transformer has the files that transformers and
sentence-transformers read. Bundles of formats 1 and 2, whose similarity lies in
``model.safetensors``, open too; so does any plain sentence-transformers model, as a twin that has
no decision yet.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textsiamese import __version__
from textsiamese.errors import BundleError, InputError, OutputError
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.places import DEFAULT, find
from textsiamese.twins.plain import plain_model
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import similarity_from
from textsiamese.twins.towers import described, has_native_modules, open_tower, tower_files
from textsiamese.twins.weights import packed, part, unpacked
from textsiamese.writing import json_bytes

_FORMAT = 3
_OF_PLAIN_MODELS = ("config.json", "0_Transformer/config.json")
_FOR_SENTENCE_TRANSFORMERS = ("modules.json", "config_sentence_transformers.json")


def load(name: str | os.PathLike[str] = DEFAULT, *, threads: int | None = None) -> Siamese:
    """Open a twin.

    Args:
        name: a bundled twin ("lstm-quora"), a folder that a twin or a sentence-transformers model
            was saved to, or the id of such a folder on the Hugging Face Hub ("owner/name"). A
            plain model compares by cosine and has no decision: :func:`textsiamese.calibrate`
            gives it one.
        threads: threads for encoding; all usable cores if None.

    Raises:
        InputError: if ``threads`` is below 1.
        BundleError: if there is no such twin, a file of it is missing or changed, or it was
            written by a newer version.
    """
    if threads is not None and threads < 1:
        raise InputError(f"threads is {threads}; at least one is needed")
    folder = find(name)
    if not (folder / "twin.json").exists():
        if any((folder / each).exists() for each in _OF_PLAIN_MODELS):
            return plain_model(folder, str(name), threads)
        raise BundleError(
            f"{folder} is no twin: it has no twin.json; and no model either, without config.json"
        )
    text = _read(folder, "twin.json")
    about = _understood(text, folder)
    files = {name: _read(folder, name) for name in about["sha256"] if name != "twin.json"}
    _check_unchanged(folder, text, about, files)
    tower = open_tower(about["encoder"], folder, files, threads)
    learnt = files.get("similarity.safetensors")
    weights = unpacked(learnt) if learnt else part(_lstm_weights(files), "similarity.")
    return Siamese(
        tower,
        similarity_from(about["similarity"], weights),
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
    beside = {} if has_native_modules(twin.encoder) else _for_sentence_transformers(twin)
    _write_whole(target, contents(twin, beside))


def contents(twin: Siamese, beside: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """The files of ``twin``'s bundle by name, ``twin.json`` last.

    Args:
        twin: the twin.
        beside: further files of the bundle, to be kept unchanged like the others.

    Raises:
        TextsiameseError: if the graph does not give the same vectors as torch.
    """
    encoder = twin.encoder
    files = {**tower_files(encoder), **(beside or {})}
    if twin.measure.weights:
        learnt = {name: np.asarray(weight) for name, weight in twin.measure.weights.items()}
        files["similarity.safetensors"] = packed(learnt)
    about: dict[str, Any] = {
        "format": _FORMAT,
        "textsiamese": __version__,
        "kind": "siamese",
        "encoder": described(encoder),
        "similarity": twin.measure.name,
        "decision": twin.decision.to_json() if twin.decision else None,
        "info": twin.info.to_json(),
    }
    about["sha256"] = _digests(about, files)
    return {**files, "twin.json": json_bytes(about)}


def _for_sentence_transformers(twin: Siamese) -> dict[str, bytes]:
    """What it reads first: which class opens the folder, and how vectors are compared."""
    opener = "textsiamese.twins.interchange.TwinEncoder"
    similarity = "euclidean" if twin.measure.name == "euclidean" else "cosine"
    config = {"model_type": "SentenceTransformer", "similarity_fn_name": similarity}
    return {
        "modules.json": json_bytes([{"idx": 0, "name": "0", "path": "", "type": opener}]),
        "config_sentence_transformers.json": json_bytes(config),
    }


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
    if not changed and json_bytes({**about, "sha256": digests}) != text:
        changed = ["twin.json"]
    if changed:
        file = folder / changed[0]
        raise BundleError(f"{file} has changed since the twin was saved; get it again")


def _digests(about: dict[str, Any], files: dict[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file, and of all that ``twin.json`` says but for the digests."""
    said = {key: value for key, value in about.items() if key != "sha256"}
    contents = {"twin.json": json_bytes(said), **files}
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def _lstm_weights(files: Mapping[str, bytes]) -> dict[str, NDArray[np.float32]]:
    """The weights of an LSTM's bundle, among which older formats keep those of the similarity."""
    return unpacked(files["model.safetensors"]) if "encoder.onnx" in files else {}


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
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(content)
        if target.exists():
            for name in files:
                (target / name).parent.mkdir(exist_ok=True)
                os.replace(made / name, target / name)
        else:
            made.chmod(0o755)
            os.replace(made, target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        if made:
            shutil.rmtree(made, ignore_errors=True)
