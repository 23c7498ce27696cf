"""A twin's vectors, kept in a folder, so that each text or picture is encoded once in its life."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.digests import DigestIndex, Digests, picture_digests, wide_digests
from textsiamese.inputs.stored import take
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.vector_files import Kept, VectorFiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textsiamese.inputs.left_right import Side
    from textsiamese.twins.twin import Twin

    Floats = NDArray[np.floating]
    Ints = NDArray[np.int64]

_PARTS = {"texts": 16_384, "pictures": 1_024}
_BLOCK = 8_192


class VectorStore:
    """The vectors of all inputs that a twin was given to encode, in a folder of `VectorFiles`.

    The inputs are texts; or pictures, if that is what the twin reads on this side. A picture is
    known by the bytes of its file: under another name it is the same, and changed it is another.

    Opening it writes nothing: the folder is made when the first inputs are added. The memory holds
    32 bytes an input. None of them lies in the folder; but whoever has one can tell whether its
    vector is there, and a vector says what its input is about.

    Args:
        folder: one that vectors of this twin lie in, an empty one, or none yet.
        twin: one that was opened: one made just now has no fingerprint. The same twin on another
            device, or saved with another decision, has another fingerprint, and needs another
            folder.
        side: which of two encoders they are of; the vectors of one side are refused for the other.
            Of no matter where both sides have one encoder.
        dtype: what the vectors are kept in. Half precision takes half the space, and moves no
            component of a vector of unit length by more than 0.00025.

    Raises:
        InputError: if the twin has no fingerprint, or the folder holds vectors of another twin,
            side or type, a damaged ``store.json``, or other files.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        twin: Twin,
        *,
        side: Side = "left",
        dtype: Literal["float16", "float32"] = "float32",
    ) -> None:
        if dtype not in ("float16", "float32"):
            raise InputError(f"dtype is {dtype!r}; it must be 'float16' or 'float32'")
        check_opened(twin)
        self.folder, self._twin, self._dtype = Path(folder), twin, np.dtype(dtype)
        self.side: Side = side
        self.dim: int = twin.encode([], side=side).shape[1]
        self._reads = twin.reads(side)
        one = "" if isinstance(twin, Siamese) else side
        kept = Kept(twin.info.name, twin.fingerprint, self.dim, dtype, one, self._reads)
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
        self, inputs: Sequence[Any], progress: Callable[[int, int], object] | None = None
    ) -> None:
        """Encode the inputs that are not here yet, each once, in the order of their appearance.

        They are encoded in parts of 16,384 texts or 1,024 pictures, each safe on the disk before
        the next one: however a run ended, the same call goes on from there.

        Args:
            inputs: any number, also the texts of a table that is larger than memory.
            progress: is called before the first part and after each with how many inputs this call
                has encoded by now, and how many it will have in all; never where all are here.

        Raises:
            InputError: naming the index of a text that is missing, empty or no str, or a picture
                that cannot be read; or if a vector is too large for the type.
            OutputError: if the folder cannot be written, or another process is adding to it.
        """
        problems = self._add(inputs, self._digests(inputs), progress)
        if problems:
            raise InputError(f"{problems[min(problems)]}; all others were added")

    def keep(
        self,
        inputs: Sequence[Any],
        digests: Digests,
        progress: Callable[[int, int], object] | None = None,
    ) -> tuple[Ints, dict[int, str]]:
        """Add inputs whose digests are known, and find them.

        Args:
            inputs, progress: as for ``add``.
            digests: (n, 2), as `wide_digests` and `picture_digests` give them.

        Returns:
            (n,) int64, which rows of ``vectors`` are theirs, and -1 for a picture that cannot be
            read; and why not, by its number.

        Raises:
            InputError, OutputError: as ``add``; but not for a picture.
        """
        problems = self._add(inputs, digests, progress)
        return self._files.index.find(digests), problems

    def rows(self, inputs: Sequence[Any]) -> Ints:
        """Which rows of ``vectors`` are those of the inputs, (n,) int64.

        Raises:
            InputError: if one of them has not been added, is no text or cannot be read.
        """
        found = self._files.index.find(self._digests(inputs))
        missing = np.flatnonzero(found < 0)
        if len(missing):
            name = self._reads
            raise InputError(
                f"{self.folder} has no vectors of {len(missing):,} of {len(found):,} {name}, "
                f"{name}[{missing[0]}] the first of them: add them, store.add({name})"
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

    def _add(
        self,
        inputs: Sequence[Any],
        digests: Digests,
        progress: Callable[[int, int], object] | None,
    ) -> dict[int, str]:
        """Add what is not here yet; returns why pictures cannot be read, by their numbers."""
        problems: dict[int, str] = {}
        if not len(self._new(digests)):
            return problems
        size = _PARTS[self._reads]
        with self._files.growing():
            new = self._new(digests)
            if progress and len(new):
                progress(0, len(new))
            for start in range(0, len(new), size):
                part = new[start : start + size]
                vectors, faults = self._encoded(take(inputs, part))
                problems |= {int(part[i]): fault for i, fault in faults.items()}
                read = np.array([i not in faults for i in range(len(part))], dtype=np.bool_)
                self._files.append(vectors[read], digests[part[read]])
                if progress:
                    progress(start + len(part), len(new))
        return problems

    def _digests(self, inputs: Sequence[Any]) -> Digests:
        if self._reads == "texts":
            return wide_digests(inputs)
        digests, faults = picture_digests(inputs)
        if faults:
            raise InputError(next(iter(faults.values())))
        return digests

    def _new(self, digests: Digests) -> Ints:
        """The numbers of those that are not here yet, each where it appears first."""
        firsts = DigestIndex(digests).firsts()
        return firsts[self._files.index.find(digests[firsts]) < 0]

    def _encoded(self, inputs: Sequence[Any]) -> tuple[Floats, dict[int, str]]:
        encoded = self._twin.tower(self.side).runtime.encode(list(inputs))
        if np.nanmax(np.abs(encoded.vectors), initial=0) > np.finfo(self._dtype).max:
            raise InputError(
                f"vectors of {self._twin.info.name} hold numbers that are too large for "
                f"{self._dtype}: keep them with dtype='float32'"
            )
        return encoded.vectors.astype(self._dtype), encoded.problems


def check_opened(twin: Twin) -> None:
    """Refuse a twin that was made just now.

    Raises:
        InputError: it has no fingerprint.
    """
    if not twin.fingerprint:
        raise InputError(
            f"{twin.info.name} was not opened from a folder, so nothing tells its vectors from "
            "those of another twin: twin.save(folder), then ts.load(folder)"
        )
