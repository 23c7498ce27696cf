"""A teacher's vectors of the texts of a table: each encoded once, before the training begins."""

from __future__ import annotations

import os
from pathlib import Path

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.processes import by_the_first
from textsiamese.learning.progress import EncodingProgress
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.vector_store import VectorStore


def open_vectors(teacher: Siamese, folder: str | os.PathLike[str]) -> VectorStore:
    """What lies in a folder of the teacher's vectors, in half precision.

    Raises:
        InputError: if the vectors of another twin lie there, or something else.
    """
    return VectorStore(folder, teacher, dtype="float16")


def check_vectors(teacher: Siamese, folder: str | os.PathLike[str], out: Path) -> None:
    """Refuse a folder for the teacher's vectors that could not take them, or ``out`` its twin.

    Raises:
        InputError: as `open_vectors`; or if it is ``out``, or lies in it.
    """
    if Path(folder).resolve().is_relative_to(out.resolve()):
        raise InputError(
            f"the teacher's vectors cannot stay in {folder}, as {out} is for the twin alone: name "
            "a folder beside it"
        )
    open_vectors(teacher, folder)


def teach(teacher: Siamese, train: Pairs, folder: Path) -> VectorStore:
    """The teacher's vectors of all texts of a table; those that lie in the folder are kept.

    Of several processes the first one encodes. How far it is stands on stderr.

    Raises:
        InputError: as `open_vectors`.
        OutputError: if the folder cannot be written, or another process is adding to it.
    """

    def encode() -> None:
        with EncodingProgress(teacher.info.name, train.name) as progress:
            open_vectors(teacher, folder).add(train.texts, progress)

    by_the_first(encode)
    return open_vectors(teacher, folder)
