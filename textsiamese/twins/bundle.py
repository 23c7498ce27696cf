"""The folder a twin is saved to: JSON, safetensors and a graph; nothing in it is pickled.

==========================  ============================================================
``twin.json``               what the twin is: encoder, similarity, decision, info, file hashes
``model.safetensors``       the encoder's weights; fp16 where that loses nothing, else fp32
``similarity.safetensors``  those of a similarity that is learnt
==========================  ============================================================

The two encoders of a pseudo-Siamese twin have a folder each, ``left`` and ``right``.

An LSTM has ``vocabulary.json`` (its pieces, as a ``tokenizers`` file) and ``encoder.onnx`` (its
graph, without weights) beside them, and is opened by sentence-transformers through
:mod:`textsiamese.twins.interchange`; a transformer has the files that transformers and
sentence-transformers read. Bundles of formats 1 and 2, whose similarity lies in
``model.safetensors``, open too; so does any plain sentence-transformers model, as a twin that has
no decision yet.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from textsiamese.errors import BundleError, InputError
from textsiamese.inputs.left_right import Side
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.places import DEFAULT, find, is_cross_encoder
from textsiamese.twins.plain import plain_model
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.sealed import check_target, is_sealed, read_sealed, sealed, write_whole
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import similarity_from
from textsiamese.twins.tower import Tower
from textsiamese.twins.towers import described, has_native_modules, open_tower, tower_files
from textsiamese.twins.twin import Twin
from textsiamese.twins.weights import packed, part, unpacked
from textsiamese.writing import json_bytes

_OF_PLAIN_MODELS = ("config.json", "0_Transformer/config.json")
_FOR_SENTENCE_TRANSFORMERS = ("modules.json", "config_sentence_transformers.json")


def load(name: str | os.PathLike[str] = DEFAULT, *, threads: int | None = None) -> Twin:
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
    return load_twin(find(name), str(name), threads)


def load_twin(folder: Path, name: str, threads: int | None = None) -> Twin:
    """The twin in a folder that was found.

    Args:
        folder: where it lies.
        name: what to call a plain model, which has no name of its own.
        threads: for encoding; all usable cores if None.

    Raises:
        BundleError: as :func:`load`.
    """
    if is_cross_encoder(folder):
        raise BundleError(
            f"{name} is a cross-encoder: it reads both texts at once and has no vectors; open it "
            "with ts.CrossEncoder.load"
        )
    if not is_sealed(folder):
        if any((folder / each).exists() for each in _OF_PLAIN_MODELS):
            return plain_model(folder, name, threads)
        raise BundleError(
            f"{folder} is no twin: it has no twin.json; and no model either, without config.json"
        )
    found = read_sealed(folder)
    about, files = found.about, found.files
    learnt = files.get("similarity.safetensors")
    weights = unpacked(learnt) if learnt else part(_lstm_weights(files), "similarity.")
    rest = (
        similarity_from(about["similarity"], weights),
        Decision.from_json(about["decision"]) if about["decision"] else None,
        TwinInfo.from_json(about["info"]),
        found.fingerprint,
    )

    def tower(side: Side) -> Tower:
        own = {n.removeprefix(f"{side}/"): c for n, c in files.items() if n.startswith(f"{side}/")}
        return open_tower(about[side], folder / side, own, threads)

    if about.get("kind") == "pseudo-siamese":
        return PseudoSiamese(tower("left"), tower("right"), *rest)
    return Siamese(open_tower(about["encoder"], folder, files, threads), *rest)


def save(twin: Twin, folder: str | os.PathLike[str]) -> None:
    """Write ``twin`` to ``folder``; a twin that lies there is replaced, once the new one is whole.

    Raises:
        OutputError: if ``folder`` holds something else than a twin, or cannot be written.
        TextsiameseError: if the graph does not give the same vectors as torch.
    """
    target = Path(folder)
    check_target(target)
    write_whole(target, contents(twin, _for_sentence_transformers(twin)))


def contents(twin: Twin, beside: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """The files of ``twin``'s bundle by name, ``twin.json`` last.

    Args:
        twin: the twin.
        beside: further files of the bundle, to be kept unchanged like the others.

    Raises:
        TextsiameseError: if the graph does not give the same vectors as torch.
    """
    if isinstance(twin, PseudoSiamese):
        towers = twin.encoder
        sides = {"left": towers.left, "right": towers.right}
        files = {f"{s}/{n}": c for s, each in sides.items() for n, c in tower_files(each).items()}
        about = {"kind": "pseudo-siamese"} | {s: described(each) for s, each in sides.items()}
    else:
        files = tower_files(twin.encoder)
        about = {"kind": "siamese", "encoder": described(twin.encoder)}
    files |= beside or {}
    if twin.measure.weights:
        learnt = {name: np.asarray(weight) for name, weight in twin.measure.weights.items()}
        files["similarity.safetensors"] = packed(learnt)
    decision = twin.decision.to_json() if twin.decision else None
    rest = {"similarity": twin.measure.name, "decision": decision, "info": twin.info.to_json()}
    return sealed(about | rest, files)


def _for_sentence_transformers(twin: Twin) -> dict[str, bytes]:
    """What it reads first: which class opens the folder, and how vectors are compared.

    A transformer's files say that themselves. It knows neither pseudo-Siamese twins nor our CNN.
    """
    one = isinstance(twin, Siamese) and twin.reads("left") == "texts"
    if not one or has_native_modules(twin.encoder):
        return {}
    opener = "textsiamese.twins.interchange.TwinEncoder"
    similarity = "euclidean" if twin.measure.name == "euclidean" else "cosine"
    config = {"model_type": "SentenceTransformer", "similarity_fn_name": similarity}
    return {
        "modules.json": json_bytes([{"idx": 0, "name": "0", "path": "", "type": opener}]),
        "config_sentence_transformers.json": json_bytes(config),
    }


def _lstm_weights(files: Mapping[str, bytes]) -> dict[str, NDArray[np.float32]]:
    """The weights of an LSTM's bundle, among which older formats keep those of the similarity."""
    return unpacked(files["model.safetensors"]) if "encoder.onnx" in files else {}
