"""The pseudo-Siamese twin that a training begins from: new towers, or those of known models."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from textsiamese.encoders.backbone import BackboneEncoder
from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.encoders.encoder import Encoder, TextEncoder
from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.encoders.pretrained import reads_pictures
from textsiamese.errors import InputError
from textsiamese.inputs.left_right import SIDES, Side
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.stored import sample
from textsiamese.twins.bundle import load
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.places import find
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.sealed import is_sealed
from textsiamese.twins.twin import Twin

LSTM, CNN = "lstm", "cnn"
_DIM = 256
_PIECES = 16_000
_MOST_WINDOWS, _LOOKED_AT = 16, 2_000


@dataclass(frozen=True)
class Towers:
    """Where the two towers of a pseudo-Siamese twin begin.

    Attributes:
        left: "lstm" or "cnn" for a new one of those; a bundled twin, a folder or a Hub id whose
            encoder it is, of a pseudo-Siamese one that of the same side; or a picture model of
            transformers, by folder or Hub id.
        right: likewise.
    """

    left: str
    right: str

    @property
    def picture_sides(self) -> list[Side]:
        """The sides that will read pictures.

        Raises:
            BundleError: if there is no such twin.
        """
        return [side for side in SIDES if self._reads_pictures(side)]

    def twin(self, train: Pairs, seed: int = 0) -> PseudoSiamese:
        """The twin; its vectors are as wide as those of a tower that knows something.

        Args:
            train: the pairs to learn from; a new vocabulary is learnt from its texts alone.
            seed: of new weights, and of the texts for a vocabulary where those are stored.

        Raises:
            BundleError: if there is no such twin.
            InputError: if both towers know something, and their vectors are not as wide.
        """
        dim = next((twin.dim for twin in self._known.values()), _DIM)
        of_models = [TwinInfo(name=getattr(self, side)) for side in self._models]
        torch.manual_seed(seed)
        return PseudoSiamese(
            self._encoder("left", train.left, dim, seed),
            self._encoder("right", train.right, dim, seed),
            info=_info([*(twin.info for twin in self._known.values()), *of_models]),
        )

    @property
    def new(self) -> bool:
        """Whether nothing that was trained before is among them."""
        return not self._known and not self._models

    @cached_property
    def _known(self) -> dict[Side, Twin]:
        return {side: load(name) for side, name in self._named.items() if side not in self._models}

    @cached_property
    def _models(self) -> dict[Side, Path]:
        """Folders of the picture models that are no twins; their width is chosen here."""
        folders = {side: find(name) for side, name in self._named.items()}
        return {s: f for s, f in folders.items() if not is_sealed(f) and reads_pictures(f)}

    @property
    def _named(self) -> dict[Side, str]:
        """What is no new encoder."""
        names = {side: getattr(self, side) for side in SIDES}
        return {side: name for side, name in names.items() if name not in (LSTM, CNN)}

    def _reads_pictures(self, side: Side) -> bool:
        if side in self._known:
            return self._known[side].reads(side) == "pictures"
        return side in self._models or getattr(self, side) == CNN

    def _encoder(self, side: Side, inputs: Sequence[str], dim: int, seed: int) -> Encoder:
        if side in self._known:
            known = copy.deepcopy(self._known[side].tower(side).open())
            return known if known.reads == "pictures" else _reading_all(known, inputs)
        if side in self._models:
            return BackboneEncoder(self._models[side], dim=dim)
        if getattr(self, side) == CNN:
            return CnnEncoder(CnnConfig(dim=dim))
        sizes = LstmConfig(embedding=128, hidden=128, dim=dim, dropout=0.2)
        new = LstmEncoder.for_texts(sorted(set(sample(inputs, seed))), sizes, _PIECES)
        return _reading_all(new, inputs)


def towers_named(encoder: str | None, left: str | None, right: str | None) -> Towers | None:
    """The two towers that were asked for; None where one encoder, or none, was.

    Raises:
        InputError: if only one of the two is named, or one encoder beside them.
        BundleError: if there is no such twin.
    """
    if left is None and right is None:
        return None
    if encoder is not None:
        raise InputError(
            f"--encoder {encoder} is one encoder for both sides, and --left-encoder and "
            "--right-encoder are one for each: leave it out, or them"
        )
    if left is None or right is None:
        side = "right" if right is None else "left"
        raise InputError(
            f"two different encoders need two names, and --{side}-encoder is missing: lstm, cnn, a "
            "bundled twin, a folder or a Hub id; --encoder names one for both sides"
        )
    return Towers(left, right)


def _reading_all(encoder: TextEncoder, texts: Sequence[str]) -> TextEncoder:
    """The encoder with as many windows as all but one in a hundred of the texts need, up to 16."""
    some = list(texts[:: max(1, len(texts) // _LOOKED_AT)])
    encoder.config = replace(encoder.config, windows=_MOST_WINDOWS)
    longest = np.quantile(encoder.tokens(some).lengths, 0.99) if some else 1
    for windows in range(1, _MOST_WINDOWS + 1):
        encoder.config = replace(encoder.config, windows=windows)
        if encoder.limit >= longest:
            break
    return encoder


def _info(known: Sequence[TwinInfo]) -> TwinInfo:
    """What is known of a twin whose towers begin from others: their terms hold for it too."""
    if not known:
        return TwinInfo()
    terms = dict.fromkeys(info.terms for info in known if info.terms)
    return TwinInfo(
        language=known[0].language,
        terms="; and ".join(terms),
        base=" and ".join(dict.fromkeys(info.name for info in known)),
    )
