"""One encoder, weights shared: two texts, one question. Do they ask the same?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textsiamese.inputs.left_right import Side
from textsiamese.twins.distinct import distinct_of_pairs
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.problems import by_pair
from textsiamese.twins.scorer import Compared
from textsiamese.twins.similarity import Similarity
from textsiamese.twins.tower import Tower, tower_of
from textsiamese.twins.twin import FOREIGN, Twin

if TYPE_CHECKING:
    from textsiamese.encoders.encoder import Encoder
    from textsiamese.twins.decision import Decision


class Siamese(Twin):
    """A Siamese twin: an encoder, a similarity and, once fitted, a decision.

    Args:
        encoder: what turns a text, or a picture, into a vector.
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
        super().__init__(similarity, decision, info, fingerprint)
        self._tower = tower_of(encoder)

    @property
    def encoder(self) -> Encoder:
        """The encoder as a torch module."""
        return self._tower.open()

    def tower(self, side: Side) -> Tower:
        """What encodes the inputs of either side."""
        return self._tower

    def with_encoder(self, encoder: Encoder, similarity: Similarity) -> Siamese:
        """A twin with the same decision and info that no bundle holds yet."""
        return Siamese(encoder, similarity, self.decision, self.info)

    def compare(self, left: Sequence[Any], right: Sequence[Any]) -> Compared:
        """Similarities of n pairs of checked inputs, and what was noticed about these."""
        distinct, a, b = distinct_of_pairs(left, right)
        encoded = self._tower.runtime.encode(distinct)
        return Compared(
            self._measured(encoded.vectors, a, encoded.vectors, b),
            texts=self._tower.count_texts(distinct),
            cut=int(encoded.cut.sum()),
            foreign=int((encoded.unknown > FOREIGN).sum()),
            problems=by_pair((encoded, a), (encoded, b)),
        )
