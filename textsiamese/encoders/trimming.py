"""A smaller vocabulary for a pretrained encoder: the pieces that texts of its kind are made of."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import TypeVar, cast

import numpy as np
import torch
from torch import nn

from textsiamese.encoders.byte_pairs import piece_counts, trimmed_lstm
from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.encoders.pieces import Pieces
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import InputError

AnyText = TypeVar("AnyText", bound=LstmEncoder | TransformerEncoder)


def trim_vocabulary(encoder: AnyText, texts: Sequence[str], size: int) -> AnyText:
    """The encoder with the ``size`` pieces that ``texts`` use most, and the rows of those alone.

    What loses its piece is spelt by smaller ones, so single characters stay whatever their
    frequency, as do special pieces; a text made of pieces that stayed keeps its vector.

    Args:
        encoder: an LSTM, or a transformer whose tokenizer is of the WordPiece kind, as BERT's is;
            it stays as it is.
        texts: texts of the kind that it will read, from training alone.
        size: how many pieces stay.

    Raises:
        InputError: if the tokenizer is of another kind, or ``size`` leaves no room beside single
            characters and special pieces.
    """
    if isinstance(encoder, LstmEncoder):
        return cast("AnyText", trimmed_lstm(encoder, texts, size))
    return cast("AnyText", _trimmed_transformer(encoder, texts, size))


def _trimmed_transformer(
    encoder: TransformerEncoder, texts: Sequence[str], size: int
) -> TransformerEncoder:
    spec = json.loads(encoder.vocabulary.to_json())
    if spec["model"]["type"] != "WordPiece":
        raise InputError(
            f"only a WordPiece vocabulary can be trimmed; this one is {spec['model']['type']}"
        )
    vocab: dict[str, int] = spec["model"]["vocab"] | _added(spec)
    kept = _kept(vocab, piece_counts(encoder, texts), set(_added(spec)), size)
    renumbered = {piece: number for number, piece in enumerate(kept)}
    spec["model"]["vocab"] = renumbered
    for each in spec["added_tokens"]:
        each["id"] = renumbered[each["content"]]
    _renumber(spec["post_processor"] or {}, renumbered)
    return _with_pieces(encoder, json.dumps(spec), [vocab[piece] for piece in kept])


def _added(spec: dict) -> dict[str, int]:
    """Special pieces, some of which a tokenizer may keep outside its model's vocabulary."""
    return {each["content"]: each["id"] for each in spec["added_tokens"]}


def _renumber(processor: dict, numbers: dict[str, int]) -> None:
    """Give the pieces that a post-processor puts at the ends of a text their new numbers."""
    for each in processor.get("special_tokens", {}).values():
        each["ids"] = [numbers[piece] for piece in each["tokens"]]
    for end in {"cls", "sep"} & set(processor):
        piece, _ = processor[end]
        processor[end] = [piece, numbers[piece]]
    for each in processor.get("processors", []):
        _renumber(each, numbers)


def _kept(vocab: dict[str, int], counts: np.ndarray, special: set[str], size: int) -> list[str]:
    """Pieces in the order of their old numbers."""
    always = {p for p in vocab if p in special or len(p.removeprefix("##")) == 1}
    if size < len(always):
        raise InputError(
            f"{size} pieces leave no room: single characters and special pieces are {len(always)}"
        )
    others = sorted(set(vocab) - always, key=lambda piece: (-counts[vocab[piece]], vocab[piece]))
    return sorted([*always, *others[: size - len(always)]], key=vocab.__getitem__)


def _with_pieces(encoder: TransformerEncoder, spec: str, rows: list[int]) -> TransformerEncoder:
    from tokenizers import Tokenizer

    trimmed = copy.deepcopy(encoder)
    old = trimmed.transformer.get_input_embeddings()
    embedding = nn.Embedding(len(rows), old.embedding_dim, padding_idx=None)
    with torch.no_grad():
        embedding.weight.copy_(old.weight[rows])
    trimmed.transformer.set_input_embeddings(embedding)
    tokenizer = Tokenizer.from_str(spec)
    trimmed.transformer.config.vocab_size = len(rows)
    trimmed.transformer.config.pad_token_id = tokenizer.token_to_id(trimmed.tokenizer.pad_token)
    trimmed.tokenizer._tokenizer = tokenizer
    trimmed.vocabulary = Pieces(
        tokenizer,
        unknown=trimmed.tokenizer.unk_token,
        lower=trimmed.config.lower,
        prompt=trimmed.config.prompt,
        cut=trimmed.tokenizer.truncation_side,
    )
    return trimmed
