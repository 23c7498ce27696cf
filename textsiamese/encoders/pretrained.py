"""Opens what transformers saved: a model, its tokenizer; quietly, never with code of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from textsiamese.errors import BundleError

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerFast

_MOST_PIECES = 512


def open_model(folder: Path, dropout: float | None = None) -> PreTrainedModel:
    """The transformer in ``folder``, in float32; the encoder alone where it has a decoder too.

    Args:
        folder: where it lies.
        dropout: share of values dropped in training; the model's own if None.

    Raises:
        BundleError: if there is none, it needs code of its own, or is none that is known here.
    """
    from transformers import AutoConfig, AutoModel, AutoModelForTextEncoding

    _check_is_model(folder)
    with _explained(folder, "model"), quiet():
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        if dropout is not None:
            config.update(dict.fromkeys(_dropouts(config), dropout))
        auto = AutoModelForTextEncoding if config.is_encoder_decoder else AutoModel
        model = _opened(auto, folder, config)
    if model.main_input_name != "input_ids" or not hasattr(model.config, "hidden_size"):
        of_pictures = "; ts.BackboneEncoder opens one of pictures" if reads_pictures(folder) else ""
        raise BundleError(
            f"{folder} is a model of kind {config.model_type}: no encoder of texts{of_pictures}"
        )
    if getattr(model, "pooler", None) is not None:
        model.pooler.requires_grad_(False)  # pooling is done on the states
    return model.eval()


def reads_pictures(folder: Path) -> bool:
    """Whether the model in ``folder`` reads pictures alone, as far as its config.json says."""
    from transformers import CONFIG_MAPPING, MODEL_MAPPING

    kind = (_json(folder / "config.json") or {}).get("model_type")
    if kind not in CONFIG_MAPPING or CONFIG_MAPPING[kind] not in MODEL_MAPPING:
        return False
    model = MODEL_MAPPING[CONFIG_MAPPING[kind]]
    return getattr(model, "main_input_name", "") == "pixel_values"


def open_picture_model(folder: Path) -> PreTrainedModel:
    """The picture model in ``folder``, in float32.

    Its pooler is None where the folder has no weights of one.

    Raises:
        BundleError: if there is none, it needs code of its own, or reads something else.
    """
    from transformers import AutoConfig, AutoModel

    _check_is_model(folder)
    if not reads_pictures(folder):
        kind = (_json(folder / "config.json") or {}).get("model_type", "unknown")
        raise BundleError(
            f"{folder} is a model of kind {kind}: no encoder of pictures alone; "
            "ts.TransformerEncoder opens one of texts"
        )
    with _explained(folder, "model"), quiet():
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        model, random = _opened_with_gaps(AutoModel, folder, config, attention=None)
    if random:
        model.pooler = None
    return model.eval()


def open_pair_model(folder: Path) -> PreTrainedModel:
    """The transformer in ``folder`` with its head over pairs of texts, in float32.

    Raises:
        BundleError: if there is none, its labels are neither one (how alike) nor two (different,
            same), it needs code of its own, or is none that is known here.
    """
    from transformers import AutoConfig, AutoModelForSequenceClassification

    _check_is_model(folder)
    with _explained(folder, "model"), quiet():
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        if config.num_labels > 2:
            raise BundleError(
                f"the model in {folder} tells {config.num_labels} labels apart; one that says "
                "whether two texts are the same has one or two"
            )
        return _opened(AutoModelForSequenceClassification, folder, config).eval()


def _opened(auto: Any, folder: Path, config: PretrainedConfig) -> PreTrainedModel:
    attention = "sdpa" if torch.cuda.is_available() else "eager"  # on a CPU, twice as fast
    return _opened_with_gaps(auto, folder, config, attention)[0]


def _opened_with_gaps(
    auto: Any, folder: Path, config: PretrainedConfig, attention: str | None
) -> tuple[PreTrainedModel, bool]:
    """A model, and whether its pooler is random; with its own kind of attention for None."""
    model, report = auto.from_pretrained(
        folder,
        config=config,
        dtype=torch.float32,
        attn_implementation=attention,
        local_files_only=True,
        trust_remote_code=False,
        ignore_mismatched_sizes=True,  # told below
        output_loading_info=True,
    )
    return model, _check_all_loaded(folder, report)


def open_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer in ``folder``.

    Raises:
        BundleError: if there is none, it has no padding piece, or is not of the tokenizers package.
    """
    from transformers import AutoTokenizer

    with _explained(folder, "tokenizer"), quiet():
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise BundleError(f"{folder} has a tokenizer that is not of the tokenizers package")
    if tokenizer.pad_token is None:
        raise BundleError(
            f"the tokenizer in {folder} has no padding piece, so no batch could be made of its "
            "texts: set one (tokenizer.pad_token = tokenizer.eos_token) and save it again"
        )
    return tokenizer


def position_limit(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> int:
    """The most pieces that a model reads of a text, as it and its tokenizer say."""
    positions = getattr(model.config, "max_position_embeddings", None)
    said = [positions and positions - _idle_positions(model), tokenizer.model_max_length]
    return min([each for each in said if each and 0 < each < 1_000_000] or [_MOST_PIECES])


def _idle_positions(model: PreTrainedModel) -> int:
    """Positions that no piece takes: of RoBERTa and its kin, those up to the padding piece's."""
    tables = (each for name, each in model.named_modules() if name.endswith("position_embeddings"))
    return next((each.padding_idx + 1 for each in tables if _has_padding(each)), 0)


def _has_padding(module: nn.Module) -> bool:
    return isinstance(module, nn.Embedding) and module.padding_idx is not None


def _dropouts(config: PretrainedConfig) -> list[str]:
    """The names under which a model's config keeps shares of values to drop."""
    return [
        name
        for name, value in config.to_dict().items()
        if ("dropout" in name or "pdrop" in name) and isinstance(value, float)
    ]


def _check_is_model(folder: Path) -> None:
    config = _json(folder / "config.json")
    if config is None:
        raise BundleError(f"{folder} is no model: it has no config.json that transformers wrote")
    from transformers import CONFIG_MAPPING

    if "auto_map" in config and config.get("model_type") not in CONFIG_MAPPING:
        own = ", ".join(each for each in config["auto_map"].values() if isinstance(each, str))
        raise BundleError(
            f"{folder} is a model with code of its own ({own}): "
            "running code that comes with a model is refused"
        )


def _json(path: Path) -> dict[str, Any] | None:
    """The object in a file; None if it is no such file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _check_all_loaded(folder: Path, report: Mapping[str, Iterable[Any]]) -> bool:
    """Refuse a model some of whose weights would be random; whether those of its pooler are."""
    unfit = [*report["missing_keys"], *(name for name, *_ in report["mismatched_keys"])]
    random = sorted(name for name in unfit if "pooler" not in name.split("."))
    if random:
        raise BundleError(
            f"the weights in {folder} are those of another model than its config.json describes: "
            f"{len(random):,} are missing or of another shape, such as {random[0]}"
        )
    return bool(unfit)


@contextmanager
def _explained(folder: Path, part: str) -> Iterator[None]:
    """One sentence in place of what transformers raises.

    Raises:
        BundleError: for everything but want of memory.
    """
    try:
        yield
    except (MemoryError, BundleError):
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise BundleError(f"the {part} in {folder} cannot be opened: {reason}") from None


@contextmanager
def quiet() -> Iterator[None]:
    """Without the bars and reports that transformers prints while it opens or saves a model."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
