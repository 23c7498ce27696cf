"""One encoder, weights shared: two texts, one question. Do they ask the same?"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from textsiamese.encoders.lstm_onnx import usable_cores
from textsiamese.errors import InputError
from textsiamese.twins.checks import OnProblem, checked_pairs, checked_texts, is_single
from textsiamese.twins.distinct import distinct_of_pairs, distinct_texts
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.runtime import Runtime, TorchRuntime
from textsiamese.twins.similarity import Cosine, Similarity

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

    from textsiamese.encoders.encoder import Encoder
    from textsiamese.twins.decision import Decision

FOREIGN = 0.3
_BLOCK = 2048


@dataclass(frozen=True)
class PairScores:
    """What a twin says of n pairs.

    Attributes:
        similarity: float64 (n,), uncalibrated, higher is more alike.
        probability: float64 (n,), calibrated, in (0, 1).
        predicted: bool (n,), probability at or above the threshold.
        texts: number of distinct texts among the pairs.
        cut: how many of these are longer than the encoder reads.
        foreign: how many of these have more than 30% of their pieces in words that the
            vocabulary does not know.
    """

    similarity: NDArray[np.float64]
    probability: NDArray[np.float64]
    predicted: NDArray[np.bool_]
    texts: int
    cut: int
    foreign: int


@dataclass(frozen=True)
class Tower:
    """An encoder that runs at once, and is opened in torch only when it is asked for."""

    runtime: Runtime
    open: Callable[[], Encoder]


class Siamese:
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

    @property
    def threshold(self) -> float:
        """The probability from which on a pair counts as the same."""
        return self._decided().threshold

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

    def similarity(
        self, a: str | Iterable[str], b: str | Iterable[str], *, on_problem: OnProblem = "raise"
    ) -> Any:
        """Uncalibrated similarity, higher is more alike.

        Returns:
            float for two texts, float64 (n,) for lists.

        Raises:
            InputError: as ``score``.
        """
        left, right, usable = checked_pairs(a, b, on_problem)
        values = np.full(len(usable), np.nan)
        values[usable] = self._compare(left, right)
        return float(values[0]) if is_single(a) else values

    def score(
        self, a: str | Iterable[str], b: str | Iterable[str], *, on_problem: OnProblem = "raise"
    ) -> Any:
        """Probability that a and b ask the same, in (0, 1).

        Args:
            a: a text, or n texts (list, Series, array).
            b: as many texts as ``a``.
            on_problem: "raise", or "nan" for NaN where either text is missing or empty.

        Returns:
            float for two texts, float64 (n,) for lists.

        Raises:
            InputError: naming the index of a text that is missing, empty or no str; if the
                lengths differ; or if the twin has no decision yet.
        """
        probability = self._decided().probability(
            np.atleast_1d(self.similarity(a, b, on_problem=on_problem))
        )
        return float(probability[0]) if is_single(a) else probability

    def predict(self, a: str | Iterable[str], b: str | Iterable[str]) -> Any:
        """Whether a and b ask the same: bool for two texts, bool (n,) for lists.

        Raises:
            InputError: as ``score``.
        """
        decided = self._decided().decide(np.atleast_1d(self.score(a, b)))
        return bool(decided[0]) if is_single(a) else decided

    def score_pairs(self, left: Sequence[str], right: Sequence[str]) -> PairScores:
        """All that the twin says of n pairs of checked texts, and what it noticed about them."""
        decision = self._decided()
        distinct, a, b = distinct_of_pairs(left, right)
        encoded = self._tower.runtime.encode(distinct)
        similarity = self._measure_rows(encoded.vectors, a, b)
        probability = decision.probability(similarity)
        return PairScores(
            similarity,
            probability,
            decision.decide(probability),
            texts=len(distinct),
            cut=int(encoded.cut.sum()),
            foreign=int((encoded.unknown > FOREIGN).sum()),
        )

    def with_decision(self, threshold: float | None = None, prior: float | None = None) -> Siamese:
        """The same twin, deciding otherwise.

        Args:
            threshold: probability from which on a pair counts as the same, in [0, 1].
            prior: share of duplicates among the pairs to come, in (0, 1); shifts every
                probability by the difference in log-odds, and with it the decision.

        Raises:
            InputError: if a value is out of range, or the twin has no decision yet.
        """
        return self.with_parts(decision=self._decided().with_changes(threshold, prior))

    def with_parts(
        self,
        *,
        measure: Similarity | None = None,
        decision: Decision | None = None,
        info: TwinInfo | None = None,
    ) -> Siamese:
        """The same twin with another decision or other facts about it.

        With another ``measure`` the old decision, which was fitted on other numbers, is gone.
        """
        other = copy.copy(self)
        other.measure = measure or self.measure
        other.decision = decision or (None if measure else self.decision)
        other.info = info or self.info
        return other

    def save(self, folder: str | PathLike[str]) -> None:
        """Write the twin to ``folder`` as a bundle that :func:`textsiamese.load` opens.

        Raises:
            OutputError: if the folder exists and holds something else than a twin, or cannot
                be written.
        """
        from textsiamese.twins.bundle import save

        save(self, folder)

    def _decided(self) -> Decision:
        if self.decision is None:
            raise InputError(
                f"{self.info.name} has no decision yet, so it gives no probability: fit one on "
                "labelled pairs with ts.calibrate(twin, pairs) (textsiamese calibrate), or use "
                "twin.similarity"
            )
        return self.decision

    def _vectors(self, texts: list[str]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        distinct, rows = distinct_texts(texts)
        return self._tower.runtime.encode(distinct).vectors, rows

    def _compare(self, left: list[str], right: list[str]) -> NDArray[np.float64]:
        distinct, a, b = distinct_of_pairs(left, right)
        return self._measure_rows(self._tower.runtime.encode(distinct).vectors, a, b)

    def _measure_rows(
        self, vectors: NDArray[np.float32], a: NDArray[np.int64], b: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        def measured(start: int) -> NDArray[np.float32]:
            rows = slice(start, start + _BLOCK)
            return self.measure(vectors[a[rows]], vectors[b[rows]])

        with ThreadPoolExecutor(usable_cores()) as pool:
            parts = list(pool.map(measured, range(0, len(a), _BLOCK)))
        return np.concatenate([*parts, np.zeros(0)], dtype=np.float64)
