"""What Siamese and pseudo-Siamese twins have in common: towers, and a similarity of vectors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textsiamese.cores import usable_cores
from textsiamese.errors import InputError
from textsiamese.inputs.left_right import SIDES, Reads, Side
from textsiamese.twins.checks import OnProblem, checked_inputs, is_single
from textsiamese.twins.distinct import distinct_inputs
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.scorer import PairScorer
from textsiamese.twins.similarity import Cosine, Similarity

if TYPE_CHECKING:
    from os import PathLike

    import torch
    from numpy.typing import NDArray

    from textsiamese.encoders.encoder import Encoder
    from textsiamese.inputs.pictures import Picture
    from textsiamese.twins.decision import Decision
    from textsiamese.twins.tower import Tower
    from textsiamese.twins.two_towers import TwoTowers

    Input = str | Picture
    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

FOREIGN = 0.3
_BLOCK = 2048


class Twin(PairScorer):
    """A twin: a vector of each side's input, and what compares two of them.

    Args:
        similarity: what compares two vectors; cosine if None.
        decision: how a similarity becomes a probability and a yes or no; None until one is fitted.
        info: what the twin is and was trained on.
        fingerprint: hex digest of the bundle that it was opened from; empty if from none.
    """

    def __init__(
        self,
        similarity: Similarity | None = None,
        decision: Decision | None = None,
        info: TwinInfo | None = None,
        fingerprint: str = "",
    ) -> None:
        self.measure: Similarity = similarity or Cosine()
        self.decision = decision
        self.info = info or TwinInfo()
        self.fingerprint = fingerprint

    def __repr__(self) -> str:
        decided = "uncalibrated" if self.decision is None else f"threshold={self.threshold:.4g}"
        return f"{type(self).__name__}({self.info.name!r}, {self.measure.name}, {decided})"

    @property
    @abstractmethod
    def encoder(self) -> Encoder | TwoTowers:
        """What computes the vectors, as a torch module."""

    @abstractmethod
    def tower(self, side: Side) -> Tower:
        """What encodes the inputs of a side."""

    @abstractmethod
    def with_encoder(self, encoder: Any, similarity: Similarity) -> Self:
        """A twin of the same kind, decision and info, that no bundle holds yet."""

    @property
    def dim(self) -> int:
        """How many values a vector has."""
        return int(self.encode([]).shape[1])

    def reads(self, side: Side) -> Reads:
        """What stands on a side: texts, or pictures."""
        return self.tower(side).reads

    def encode(
        self,
        inputs: Input | Iterable[Input],
        *,
        side: Side = "left",
        on_problem: OnProblem = "raise",
    ) -> Any:
        """Vectors of the inputs of one side.

        Args:
            inputs: one text, or n texts (list, Series, array); pictures, as paths or PIL images,
                where the side reads those.
            side: which tower encodes them, "left" or "right"; a Siamese twin has one for both.
            on_problem: "raise", or "nan" for a row of NaN where a text is missing or empty, or a
                picture cannot be read.

        Returns:
            float32 (n, d); (d,) for one input. Unit length unless the encoder was made otherwise.

        Raises:
            InputError: naming the index of a text that is missing, empty or no str, or of a
                picture that cannot be read.
        """
        tower = self.tower(_known(side))
        found = checked_inputs(inputs, "inputs", on_problem, tower.reads)
        usable = np.flatnonzero([each is not None for each in found])
        distinct, rows = distinct_inputs(each for each in found if each is not None)
        encoded = tower.runtime.encode(distinct)
        if encoded.problems and on_problem == "raise":
            first = int(np.isin(rows, list(encoded.problems)).argmax())
            raise InputError(
                f"inputs[{usable[first]}]: {encoded.problems[int(rows[first])]} "
                "(on_problem='nan' gives NaN there instead)"
            )
        full = np.full((len(found), encoded.vectors.shape[1]), np.nan, dtype=np.float32)
        full[usable] = encoded.vectors[rows]
        return full[0] if is_single(inputs) else full

    def with_parts(
        self,
        *,
        measure: Similarity | None = None,
        decision: Decision | None = None,
        info: TwinInfo | None = None,
    ) -> Self:
        """The same twin with another decision or other facts about it.

        With another ``measure`` the old decision, which was fitted on other numbers, is gone.
        """
        other = super().with_parts(decision=decision, info=info)
        if measure:
            other.measure, other.decision = measure, decision
        return other

    def to(self, device: torch.device | str) -> Self:
        """The same twin encoding on another device, in torch.

        Raises:
            RuntimeError, AssertionError: as torch does, if there is no such device.
        """
        other = self.with_encoder(self.encoder.to(device), self.measure)
        other.fingerprint = self.fingerprint and f"{self.fingerprint} on {device}"
        return other

    def save(self, folder: str | PathLike[str]) -> None:
        """Write the twin to ``folder`` as a bundle that :func:`textsiamese.load` opens.

        Raises:
            OutputError: if the folder exists and holds something else than a twin, or cannot
                be written.
        """
        from textsiamese.twins.bundle import save

        save(self, folder)

    def _measured(self, left: Floats, a: Ints, right: Floats, b: Ints) -> NDArray[np.float64]:
        """Similarities of rows ``a`` of one side's vectors and rows ``b`` of the other's."""

        def measured(start: int) -> Floats:
            rows = slice(start, start + _BLOCK)
            return self.measure(left[a[rows]], right[b[rows]])

        with ThreadPoolExecutor(usable_cores()) as pool:
            parts = list(pool.map(measured, range(0, len(a), _BLOCK)))
        return np.concatenate([*parts, np.zeros(0)], dtype=np.float64)


def _known(side: Side) -> Side:
    if side not in SIDES:
        raise InputError(f"side is {side!r}; it must be 'left' or 'right'")
    return side
