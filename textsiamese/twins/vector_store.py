"""A twin's vectors of texts, kept in a folder, so that each text is encoded once in its life."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.digests import DigestIndex, Digests, wide_digests
from textsiamese.inputs.stored import take
from textsiamese.twins.vector_files import Kept, VectorFiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textsiamese.twins.siamese import Siamese

    Floats = NDArray[np.floating]
    Ints = NDArray[np.int64]

_PART = 16_384
_BLOCK = 8_192


class VectorStore:
    """The vectors of all texts that a twin was given to encode, in a folder of `VectorFiles`.

    Opening it writes nothing: the folder is made when the first texts are added. The memory holds
    32 bytes a text. No text lies in the folder; but whoever has a text can tell whether its vector
    is there, and a vector says what its text is about.

    Args:
        folder: one that vectors of this twin lie in, an empty one, or none yet.
        twin: one that was opened: one made just now has no fingerprint. The same twin on another
            device, or saved with another decision, has another fingerprint, and needs another
            folder.
        dtype: what the vectors are kept in. Half precision takes half the space, and moves no
            component of a vector of unit length by more than 0.00025.

    Raises:
        InputError: if the twin has no fingerprint, or the folder holds vectors of another twin or
            another type, a damaged ``store.json``, or other files.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        twin: Siamese,
        *,
        dtype: Literal["float16", "float32"] = "float32",
    ) -> None:
        if dtype not in ("float16", "float32"):
            raise InputError(f"dtype is {dtype!r}; it must be 'float16' or 'float32'")
        check_opened(twin)
        self.folder, self._twin, self._dtype = Path(folder), twin, np.dtype(dtype)
        self.dim: int = twin.encode([]).shape[1]
        kept = Kept(twin.info.name, twin.fingerprint, self.dim, dtype)
        self._files = VectorFiles(self.folder, kept)

    def __len__(self) -> int:
        return len(self._files.vectors)

    @property
    def vectors(self) -> Floats:
        """(len, dim), in the order in which their texts were added; they lie in a file.

        They are read when they are looked at, and cannot be written to.
        """
        return self._files.vectors

    def add(
        self, texts: Sequence[str], progress: Callable[[int, int], object] | None = None
    ) -> None:
        """Encode the texts that are not here yet, each once, in the order of their appearance.

        They are encoded in parts of 16,384, each safe on the disk before the next one: however a
        run ended, the same call goes on from there.

        Args:
            texts: any number, also those of a table that is larger than memory.
            progress: is called before the first part and after each with how many texts this call
                has encoded by now, and how many it will have in all; never where all are here.

        Raises:
            InputError: naming the index of a text that is missing, empty or no str; or if a
                vector is too large for the type.
            OutputError: if the folder cannot be written, or another process is adding to it.
        """
        digests = wide_digests(texts)
        if not len(self._new(digests)):
            return
        with self._files.growing():
            new = self._new(digests)
            if progress and len(new):
                progress(0, len(new))
            for start in range(0, len(new), _PART):
                part = new[start : start + _PART]
                self._files.append(self._encoded(take(texts, part)), digests[part])
                if progress:
                    progress(start + len(part), len(new))

    def rows(self, texts: Sequence[str]) -> Ints:
        """Which rows of ``vectors`` are those of the texts, (n,) int64.

        Raises:
            InputError: if one of them has not been added, or is no text.
        """
        found = self._files.index.find(wide_digests(texts))
        missing = np.flatnonzero(found < 0)
        if len(missing):
            raise InputError(
                f"{self.folder} has no vectors of {len(missing):,} of {len(found):,} texts, "
                f"texts[{missing[0]}] the first of them: add them, store.add(texts)"
            )
        return found

    def score(self, left: Sequence[str], right: Sequence[str]) -> NDArray[np.float64]:
        """What the twin's ``score`` gives pairs of texts that are here, without encoding them.

        Returns:
            (n,) probabilities; kept in half precision, vectors move them by 0.01 at most or so.

        Raises:
            InputError: as ``rows``; or if there are not as many left texts as right ones, or the
                twin has no decision.
        """
        if len(left) != len(right):
            raise InputError(f"{len(left)} left texts and {len(right)} right ones are no pairs")
        sides = self.rows(left), self.rows(right)
        decision, similarity = self._twin.decided(), np.empty(len(left))
        for start in range(0, len(left), _BLOCK):
            block = slice(start, start + _BLOCK)
            vectors = (self.vectors[rows[block]].astype(np.float32) for rows in sides)
            similarity[block] = self._twin.measure(*vectors)
        return decision.probability(similarity)

    def _new(self, digests: Digests) -> Ints:
        """The numbers of those that are not here yet, each where it appears first."""
        firsts = DigestIndex(digests).firsts()
        return firsts[self._files.index.find(digests[firsts]) < 0]

    def _encoded(self, texts: Sequence[str]) -> Floats:
        vectors = self._twin.encode(texts)
        if np.abs(vectors).max(initial=0) > np.finfo(self._dtype).max:
            raise InputError(
                f"vectors of {self._twin.info.name} hold numbers that are too large for "
                f"{self._dtype}: keep them with dtype='float32'"
            )
        return vectors.astype(self._dtype)


def check_opened(twin: Siamese) -> None:
    """Refuse a twin that was made just now.

    Raises:
        InputError: it has no fingerprint.
    """
    if not twin.fingerprint:
        raise InputError(
            f"{twin.info.name} was not opened from a folder, so nothing tells its vectors from "
            "those of another twin: twin.save(folder), then ts.load(folder)"
        )
