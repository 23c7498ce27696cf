"""Two different encoders, one space between them: does this caption fit this picture?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textsiamese.errors import InputError
from textsiamese.inputs.left_right import Side
from textsiamese.twins.distinct import distinct_inputs
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.problems import by_pair
from textsiamese.twins.scorer import Compared
from textsiamese.twins.similarity import Similarity
from textsiamese.twins.tower import Tower, tower_of
from textsiamese.twins.twin import FOREIGN, Twin

if TYPE_CHECKING:
    from textsiamese.encoders.encoder import Encoder
    from textsiamese.twins.decision import Decision
    from textsiamese.twins.two_towers import TwoTowers


class PseudoSiamese(Twin):
    """A pseudo-Siamese twin: an encoder a side, a similarity and, once fitted, a decision.

    Args:
        left: what turns a left input (a caption, a title) into a vector.
        right: what turns a right one (a picture, an article) into a vector as wide.
        similarity: what compares two vectors; cosine if None.
        decision: how a similarity becomes a probability and a yes or no; None until one is fitted.
        info: what the twin is and was trained on.

    Attributes:
        fingerprint: hex digest of the bundle that it was opened from; empty if from none.

    Raises:
        InputError: if the two are one encoder, one of them is a twin, or their vectors are not as
            wide.
    """

    def __init__(
        self,
        left: Encoder | Tower,
        right: Encoder | Tower,
        similarity: Similarity | None = None,
        decision: Decision | None = None,
        info: TwinInfo | None = None,
        fingerprint: str = "",
    ) -> None:
        super().__init__(similarity, decision, info, fingerprint)
        if left is right:
            raise InputError(
                "left and right are one encoder: a twin that shares it is Siamese(encoder); give "
                "two (a copy of one, if both shall begin alike)"
            )
        self._left, self._right = tower_of(left), tower_of(right)
        if not isinstance(left, Tower) and not isinstance(right, Tower):
            _check_widths(left, right)

    @property
    def encoder(self) -> TwoTowers:
        """Both encoders as one torch module, with ``left`` and ``right``."""
        from textsiamese.twins.two_towers import TwoTowers

        return TwoTowers(self._left.open(), self._right.open())

    def tower(self, side: Side) -> Tower:
        """What encodes the inputs of a side."""
        return self._left if side == "left" else self._right

    def with_encoder(self, encoder: TwoTowers, similarity: Similarity) -> PseudoSiamese:
        """A twin with the same decision and info that no bundle holds yet."""
        return PseudoSiamese(encoder.left, encoder.right, similarity, self.decision, self.info)

    def compare(self, left: Sequence[Any], right: Sequence[Any]) -> Compared:
        """Similarities of n pairs of checked inputs, and what was noticed about these."""
        (lefts, a), (rights, b) = distinct_inputs(left), distinct_inputs(right)
        one, other = self._left.runtime.encode(lefts), self._right.runtime.encode(rights)
        return Compared(
            self._measured(one.vectors, a, other.vectors, b),
            texts=self._left.count_texts(lefts) + self._right.count_texts(rights),
            cut=int(one.cut.sum() + other.cut.sum()),
            foreign=int((one.unknown > FOREIGN).sum() + (other.unknown > FOREIGN).sum()),
            problems=by_pair((one, a), (other, b)),
        )


def _check_widths(left: Encoder, right: Encoder) -> None:
    ours, theirs = left.config.dim, right.config.dim
    if ours != theirs:
        raise InputError(
            f"the left encoder's vectors have {ours} values and the right one's {theirs}: make "
            "both with the same dim, or no similarity can compare them"
        )
