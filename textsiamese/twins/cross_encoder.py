"""A cross-encoder: reads both texts of a pair at once. Slower than a twin, often more exact.

It compares every word of one text with every word of the other, so it runs once a pair, where a
twin runs once a text, and has no vectors. Of use as a teacher, and where pairs are few.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from textsiamese.encoders.lengths import equal_length_batches
from textsiamese.twins.distinct import distinct_inputs
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.scorer import Compared, PairScorer

if TYPE_CHECKING:
    from os import PathLike

    import torch
    from numpy.typing import NDArray
    from tokenizers import Encoding
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from textsiamese.twins.decision import Decision

_ROWS, _PIECES = 256, 8192
_BLOCK = 100_000


class CrossEncoder(PairScorer):
    """A transformer with a head over pairs, as sentence-transformers' CrossEncoder saves it.

    Its similarity is the log-odds of "same", the mean of both orders of the two texts, so that it
    is symmetric, as a twin's is.

    Args:
        model: a transformer for sequence classification with one or two labels, the last one
            "same".
        tokenizer: its tokenizer.
        decision: how a similarity becomes a probability and a yes or no; None until one is fitted.
        info: what it is and was trained on.
        fingerprint: hex digest of the folder that it was opened from; empty if from none.
        max_length: pieces read of both texts together, the longer one cut first; what the model
            reads if None.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        decision: Decision | None = None,
        info: TwinInfo | None = None,
        fingerprint: str = "",
        max_length: int | None = None,
    ) -> None:
        from textsiamese.encoders.pretrained import position_limit

        self.model, self.tokenizer = model, tokenizer
        self.decision = decision
        self.info = info or TwinInfo()
        self.fingerprint = fingerprint
        limit = position_limit(model, tokenizer)
        self.max_length = min(max_length or limit, limit)

    @classmethod
    def load(cls, name: str | PathLike[str]) -> CrossEncoder:
        """Open one.

        Args:
            name: a folder that a cross-encoder was saved to, or a Hub id ("owner/name"). A plain
                one has no decision: :func:`textsiamese.calibrate` gives it one.

        Raises:
            BundleError: if there is none, or a file of it is missing or changed.
        """
        from textsiamese.twins.cross_encoder_folder import load_cross_encoder
        from textsiamese.twins.places import find

        return load_cross_encoder(find(name), str(name))

    def __repr__(self) -> str:
        decided = "uncalibrated" if self.decision is None else f"threshold={self.threshold:.4g}"
        return f"CrossEncoder({self.info.name!r}, {decided})"

    def compare(self, left: Sequence[str], right: Sequence[str]) -> Compared:
        """Similarities of n pairs of checked texts, and what was noticed about the texts."""
        similarity = np.empty(len(left))
        cut = np.zeros(len(left), dtype=np.bool_)
        for start in range(0, len(left), _BLOCK):
            rows = slice(start, start + _BLOCK)
            one, cut[rows] = self._log_odds(left[rows], right[rows])
            other, _ = self._log_odds(right[rows], left[rows])
            similarity[rows] = (one + other) / 2
        distinct, _ = distinct_inputs([*left, *right])
        lost = {max(left[row], right[row], key=len) for row in np.flatnonzero(cut).tolist()}
        return Compared(similarity, texts=len(distinct), cut=len(lost), foreign=0)

    def to(self, device: torch.device | str) -> CrossEncoder:
        """The same on another device.

        Raises:
            RuntimeError: as torch does, if there is no such device.
        """
        moved = copy.copy(self)
        moved.model = self.model.to(device)
        moved.fingerprint = self.fingerprint and f"{self.fingerprint} on {device}"
        return moved

    def save(self, folder: str | PathLike[str]) -> None:
        """Write it to ``folder`` as a bundle that :func:`textsiamese.load` opens.

        Raises:
            OutputError: if the folder exists and holds something else than a twin, or cannot
                be written.
        """
        from textsiamese.twins.cross_encoder_folder import save_cross_encoder

        save_cross_encoder(self, Path(folder))

    def _log_odds(
        self, first: Sequence[str], second: Sequence[str]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Log-odds of each pair read in this order, and whether it was cut."""
        import torch

        from textsiamese.twins.runtime import has_bf16

        read = self._read(first, second)
        lengths = np.array([len(each) for each in read])
        found = np.empty(len(read))
        device = self.model.device
        fast = torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bf16(device))
        self.model.eval()
        with torch.no_grad(), fast:
            for rows in equal_length_batches(lengths, _ROWS, _PIECES):
                logits = self.model(**self._batch([read[row] for row in rows])).logits.float()
                odds = logits[:, 1] - logits[:, 0] if logits.shape[1] == 2 else logits[:, 0]
                found[rows] = odds.cpu().numpy()
        return found, np.array([bool(each.overflowing) for each in read], dtype=np.bool_)

    def _read(self, first: Sequence[str], second: Sequence[str]) -> list[Encoding]:
        tokenizer = self.tokenizer.backend_tokenizer
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_length, strategy="longest_first")
        return tokenizer.encode_batch(list(zip(first, second, strict=True)))

    def _batch(self, read: Sequence[Encoding]) -> dict[str, object]:
        """Pairs of equal length: no padding, no mask."""
        import torch

        device = self.model.device
        batch = {"input_ids": torch.tensor([each.ids for each in read], device=device)}
        if "token_type_ids" in self.tokenizer.model_input_names:
            kinds = torch.tensor([each.type_ids for each in read], device=device)
            batch["token_type_ids"] = kinds
        return batch
