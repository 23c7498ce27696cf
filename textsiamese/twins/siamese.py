"""One encoder, weights shared: two texts, one question. Do they ask the same?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textsiamese.encoders.lstm_onnx import usable_cores
from textsiamese.twins.checks import OnProblem, checked_texts, is_single
from textsiamese.twins.distinct import distinct_of_pairs, distinct_texts
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.runtime import Runtime, TorchRuntime
from textsiamese.twins.scorer import Compared, PairScorer
from textsiamese.twins.similarity import Cosine, Similarity

if TYPE_CHECKING:
    from os import PathLike

    import torch
    from numpy.typing import NDArray

    from textsiamese.encoders.encoder import Encoder
    from textsiamese.twins.decision import Decision

FOREIGN = 0.3
_BLOCK = 2048


@dataclass(frozen=True)
class Tower:
    """An encoder that runs at once, and is opened in torch only when it is asked for."""

    runtime: Runtime
    open: Callable[[], Encoder]


class Siamese(PairScorer):
    """A Siamese twin: an encoder, a similarity and, once fitted, a decision.

    Args:
        encoder: what turns a text into a vector.
        similarity: what compares two vectors; cosine if None.
        decision: how a similarity becomes a probability and a yes or no; None until one is fitted.
        info: what the twin is and was trained on.

    Attributes:
        fingerprint: hex digest of the bundle that it was opened from; empty if from none.
    """

    def __init__(
        self,
        encoder: Encoder | Tower,
        similarity: Similarity | None = None,
        decision: Decision | None = None,
        info: TwinInfo | None = None,
        fingerprint: str = "",
    ) -> None:
        if not isinstance(encoder, Tower):
            module = encoder
            encoder = Tower(TorchRuntime(lambda: module), lambda: module)
        self._tower = encoder
        self.measure: Similarity = similarity or Cosine()
        self.decision = decision
        self.info = info or TwinInfo()
        self.fingerprint = fingerprint

    def __repr__(self) -> str:
        decided = "uncalibrated" if self.decision is None else f"threshold={self.threshold:.4g}"
        return f"Siamese({self.info.name!r}, {self.measure.name}, {decided})"

    @property
    def encoder(self) -> Encoder:
        """The encoder as a torch module."""
        return self._tower.open()

    def encode(self, inputs: str | Iterable[str], *, on_problem: OnProblem = "raise") -> Any:
        """Vectors of texts.

        Args:
            inputs: one text, or n texts (list, Series, array).
            on_problem: "raise", or "nan" for a row of NaN where a text is missing or empty.

        Returns:
            float32 (n, d); (d,) for one text. Unit length unless the encoder was made otherwise.

        Raises:
            InputError: naming the index of a text that is missing, empty or no str.
        """
        found = checked_texts(inputs, "inputs", on_problem)
        kept = [text for text in found if text is not None]
        vectors, rows = self._vectors(kept)
        full = np.full((len(found), vectors.shape[1]), np.nan, dtype=np.float32)
        full[[text is not None for text in found]] = vectors[rows]
        return full[0] if is_single(inputs) else full

    def compare(self, left: Sequence[str], right: Sequence[str]) -> Compared:
        """Similarities of n pairs of checked texts, and what was noticed about the texts."""
        distinct, a, b = distinct_of_pairs(left, right)
        encoded = self._tower.runtime.encode(distinct)
        return Compared(
            self._measure_rows(encoded.vectors, a, b),
            texts=len(distinct),
            cut=int(encoded.cut.sum()),
            foreign=int((encoded.unknown > FOREIGN).sum()),
        )

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

    def to(self, device: torch.device | str) -> Siamese:
        """The same twin encoding on another device, in torch.

        Raises:
            RuntimeError: as torch does, if there is no such device.
        """
        encoder = self.encoder.to(device)
        fingerprint = self.fingerprint and f"{self.fingerprint} on {device}"
        return Siamese(encoder, self.measure, self.decision, self.info, fingerprint)

    def save(self, folder: str | PathLike[str]) -> None:
        """Write the twin to ``folder`` as a bundle that :func:`textsiamese.load` opens.

        Raises:
            OutputError: if the folder exists and holds something else than a twin, or cannot
                be written.
        """
        from textsiamese.twins.bundle import save

        save(self, folder)

    def _vectors(self, texts: list[str]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        distinct, rows = distinct_texts(texts)
        return self._tower.runtime.encode(distinct).vectors, rows

    def _measure_rows(
        self, vectors: NDArray[np.float32], a: NDArray[np.int64], b: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        def measured(start: int) -> NDArray[np.float32]:
            rows = slice(start, start + _BLOCK)
            return self.measure(vectors[a[rows]], vectors[b[rows]])

        with ThreadPoolExecutor(usable_cores()) as pool:
            parts = list(pool.map(measured, range(0, len(a), _BLOCK)))
        return np.concatenate([*parts, np.zeros(0)], dtype=np.float64)
