"""How a transformer lies in a bundle: as sentence-transformers' own modules, and nothing else.

Plain ``SentenceTransformer(folder)`` opens it and gives the same vectors, of texts that fit one
window; what is longer it cuts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from textsiamese.twins.runtime import TorchRuntime
from textsiamese.twins.tower import Tower
from textsiamese.twins.weights import packed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from textsiamese.encoders.transformer import TransformerEncoder

_ONE_FILE = "1000GB"
_OF_WINDOWS = ("windows", "overlap", "window_pooling")


def open_transformer(
    folder: Path, threads: int | None, config: Mapping[str, Any] | None = None
) -> Tower:
    """The encoder in ``folder``; opened when it is first used, since that takes seconds.

    Args:
        folder: where it lies.
        threads: to encode with; all usable cores if None.
        config: what a bundle says of it; a plain model reads one window.

    Raises:
        BundleError: then, if there is none.
    """

    windows = {name: said for name, said in (config or {}).items() if name in _OF_WINDOWS}

    @cache
    def in_torch() -> TransformerEncoder:
        from textsiamese.encoders.transformer import TransformerEncoder

        return TransformerEncoder(folder, **windows).eval()

    return Tower(TorchRuntime(in_torch, threads), in_torch)


def transformer_files(encoder: TransformerEncoder) -> dict[str, bytes]:
    """The files of an encoder by name: what transformers and sentence-transformers read."""
    from textsiamese.encoders.sentence_folder import written_layout

    files = model_files(encoder.transformer, encoder.tokenizer)
    width = encoder.transformer.config.hidden_size
    return {**files, **written_layout(encoder.layout, width)}


def model_files(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast | None = None
) -> dict[str, bytes]:
    """The files of a model, and of its tokenizer, by name, as transformers reads them."""
    from safetensors.numpy import load

    from textsiamese.encoders.pretrained import quiet

    with tempfile.TemporaryDirectory() as made, quiet():
        model.save_pretrained(made, max_shard_size=_ONE_FILE)
        if tokenizer:
            tokenizer.save_pretrained(made)
        files = {each.name: each.read_bytes() for each in sorted(Path(made).iterdir())}
    weights = load(files["model.safetensors"])
    files["model.safetensors"] = packed({name: _in_full(value) for name, value in weights.items()})
    return files


def _in_full(value: NDArray[Any]) -> NDArray[Any]:
    """Floats in float32; a count, such as that of batches seen, as it is."""
    return value.astype(np.float32) if value.dtype.kind == "f" else value
