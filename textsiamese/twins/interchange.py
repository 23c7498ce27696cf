"""A saved twin opened by sentence-transformers, and saved by it: same folder, same vectors.

``SentenceTransformer(folder, trust_remote_code=True)`` finds :class:`TwinEncoder` through the
bundle's ``modules.json``; it reads the bundle's own files, so no weight is stored twice. Nothing
else imports this module: it needs sentence-transformers, which takes seconds to start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from sentence_transformers.base.modules import InputModule
from torch import Tensor

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.errors import BundleError, InputError
from textsiamese.twins.bundle import contents, load
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.lstm_tower import encoder_weights
from textsiamese.twins.siamese import Siamese


class TwinEncoder(InputModule):
    """The encoder of a twin, as the first module of a ``SentenceTransformer``.

    Args:
        twin: the twin; its similarity and decision are kept for when the model is saved.
    """

    config_keys: ClassVar[list[str]] = ["max_seq_length"]

    def __init__(self, twin: Siamese) -> None:
        super().__init__()
        assert isinstance(twin.encoder, LstmEncoder)
        self.encoder = twin.encoder
        self._judges = (twin.measure, twin.decision, twin.info)
        self._judged = _digest(self.encoder)

    @classmethod
    def load(
        cls,
        model_name_or_path: str,
        subfolder: str = "",
        token: bool | str | None = None,
        cache_folder: str | None = None,
        revision: str | None = None,
        local_files_only: bool = False,
        **kwargs: Any,
    ) -> TwinEncoder:
        """Open a bundle, as sentence-transformers asks for it.

        Raises:
            BundleError: as :func:`textsiamese.load`.
        """
        folder = cls.load_dir_path(
            model_name_or_path, subfolder, token, cache_folder, revision, local_files_only
        )
        if folder is None:
            raise BundleError(f'there is no twin "{model_name_or_path}"')
        twin = load(Path(folder).absolute())
        assert isinstance(twin, Siamese)  # others have no file that names this class
        return cls(twin)

    @property
    def max_seq_length(self) -> int:
        """Pieces read of a text at once: of a window."""
        return self.encoder.config.max_length

    @max_seq_length.setter
    def max_seq_length(self, pieces: int) -> None:
        self.encoder.config = replace(self.encoder.config, max_length=pieces)

    def get_embedding_dimension(self) -> int:
        """Width of a vector."""
        return self.encoder.config.dim

    def preprocess(
        self, inputs: Sequence[str], prompt: str | None = None, **kwargs: Any
    ) -> dict[str, Tensor]:
        """Cut texts into pieces.

        Args:
            inputs: n texts.
            prompt: put before each of them.
            kwargs: what else sentence-transformers says of them; nothing here depends on it.

        Returns:
            ``input_ids`` int64 (n, L), padded on the right, and ``attention_mask`` int64 (n, L),
            1 where a piece stands.

        Raises:
            InputError: if an input is no text.
        """
        for text in inputs:
            if not isinstance(text, str):
                raise InputError(f"one input is of type {type(text).__name__}; a twin reads str")
        tokens = self.encoder.tokens([f"{prompt or ''}{text}" for text in inputs])
        ids = tokens.padded(np.arange(len(tokens)))
        mask = np.arange(ids.shape[1]) < tokens.lengths[:, None]
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(mask.astype(np.int64)),
        }

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        """Add ``sentence_embedding``, float32 (n, dim), to what ``preprocess`` gave."""
        ids, lengths = features["input_ids"], features["attention_mask"].sum(1)
        return {**features, "sentence_embedding": self.encoder([(ids, lengths)])}

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Write the bundle, always as safetensors.

        If the encoder was trained on, the similarity and the decision that were fitted to its
        old vectors are left out: the twin then compares by cosine and needs a new decision.
        """
        twin = Siamese(self.encoder, *self._judges)
        if _digest(self.encoder) != self._judged:
            twin = Siamese(self.encoder, info=_trained_on(twin.info))
        for name, content in contents(twin).items():
            (Path(output_path) / name).write_bytes(content)


def _digest(encoder: LstmEncoder) -> str:
    """SHA-256 of the encoder's sizes and weights."""
    weights = encoder_weights(encoder)
    found = hashlib.sha256(repr((encoder.config, list(weights))).encode())
    for values in weights.values():
        found.update(values.tobytes())
    return found.hexdigest()


def _trained_on(info: TwinInfo) -> TwinInfo:
    return TwinInfo(
        name=f"{info.name}, trained on",
        language=info.language,
        terms=info.terms,
        base=info.name,
    )
