"""A smaller vocabulary of byte pairs for an LSTM: pieces go, and what made them; the rest stays."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.encoders.tokens import PAD, Vocabulary
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import InputError

_BLOCK = 100_000


def trimmed_lstm(encoder: LstmEncoder, texts: Sequence[str], size: int) -> LstmEncoder:
    """The encoder with the ``size`` pieces that ``texts`` use most, and the rows of those alone.

    With a piece stay those that it was made of; and single characters and bytes stay always. So a
    text whose pieces all stayed is cut as before, and keeps its vector.

    Args:
        encoder: stays as it is.
        texts: texts of the kind that it will read, from training alone.
        size: how many pieces stay; all of them where there are no more.

    Raises:
        InputError: if ``size`` leaves no room beside single characters and bytes.
    """
    spec = json.loads(encoder.vocabulary.to_json())
    vocab: dict[str, int] = spec["model"]["vocab"]
    made_of = {left + right: (left, right) for left, right in spec["model"]["merges"]}
    kept = _kept(vocab, made_of, piece_counts(encoder, texts), size)
    spec["model"]["vocab"] = {piece: number for number, piece in enumerate(kept)}
    spec["model"]["merges"] = [
        pair for pair in spec["model"]["merges"] if "".join(pair) in spec["model"]["vocab"]
    ]
    return _with_pieces(encoder, json.dumps(spec), [vocab[piece] for piece in kept])


def piece_counts(encoder: LstmEncoder | TransformerEncoder, texts: Sequence[str]) -> np.ndarray:
    """How often texts use each piece, as far as the encoder reads them: (pieces,) int64."""
    counts = np.zeros(len(encoder.vocabulary), dtype=np.int64)
    for start in range(0, len(texts), _BLOCK):
        flat = encoder.tokens(texts[start : start + _BLOCK]).flat
        counts += np.bincount(flat, minlength=len(counts))
    return counts


def _kept(
    vocab: Mapping[str, int], made_of: Mapping[str, tuple[str, str]], counts: np.ndarray, size: int
) -> list[str]:
    """Pieces in the order of their old numbers: each with all that it is made of, or not at all."""
    kept = {piece for piece in vocab if piece not in made_of}
    if size < len(kept):
        raise InputError(
            f"{size} pieces leave no room: single characters, bytes and special pieces are "
            f"{len(kept)}"
        )
    for piece in sorted(made_of, key=lambda piece: (-counts[vocab[piece]], vocab[piece])):
        new, asked = set[str](), [piece]
        while asked:
            if (each := asked.pop()) not in kept and each not in new:
                new.add(each)
                asked += made_of[each]
        if len(kept) + len(new) <= size:
            kept |= new
    return sorted(kept, key=vocab.__getitem__)


def _with_pieces(encoder: LstmEncoder, spec: str, rows: list[int]) -> LstmEncoder:
    trimmed = copy.deepcopy(encoder)
    trimmed.vocabulary = Vocabulary.from_json(spec)
    trimmed.embedding = nn.Embedding(len(rows), encoder.config.embedding, padding_idx=PAD)
    with torch.no_grad():
        trimmed.embedding.weight.copy_(encoder.embedding.weight[rows])
    return trimmed
