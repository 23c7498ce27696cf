"""The folder layout of sentence-transformers: which modules follow a transformer, and their files.

``modules.json`` names the modules in order; each has a folder with its ``config.json``. What is
written here opens in plain ``SentenceTransformer(folder)`` and gives the same vectors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as packed
from torch import nn

from textsiamese.encoders.pooling import MODES, Dense, Normalize
from textsiamese.errors import BundleError
from textsiamese.writing import json_bytes

_LEGACY = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_OURS = "sentence_transformers."
_MODELS = "sentence_transformers.models."


@dataclass(frozen=True)
class Layout:
    """What a folder says of the way from a text to its vector, but for the transformer itself.

    Attributes:
        pooling: names of :data:`textsiamese.encoders.pooling.MODES`, laid side by side.
        layers: what follows: `Dense`, ``nn.LayerNorm`` and `Normalize`.
        max_length: pieces read of a text; None where the folder leaves that to the model.
        lower: whether texts are lower-cased first.
        prompt: put before each text.
        transformer: folder of the transformer within the model's, "" where they are one.
    """

    pooling: tuple[str, ...] = ("mean",)
    layers: tuple[nn.Module, ...] = field(default_factory=lambda: (Normalize(),))
    max_length: int | None = None
    lower: bool = False
    prompt: str = ""
    transformer: str = ""


def read_layout(folder: Path) -> Layout:
    """The layout of ``folder``; mean pooling and unit length where it is a bare transformer.

    Raises:
        BundleError: if it has modules that are not understood here, or that need remote code.
    """
    modules = _json(folder / "modules.json")
    if modules is None:
        return Layout()
    if not isinstance(modules, list) or not all(_is_module(each) for each in modules):
        raise BundleError(
            f"{folder / 'modules.json'} is no list of modules, each with type and path"
        )
    kinds = [_kind(each, folder) for each in modules]
    if kinds[:2] != ["Transformer", "Pooling"] or modules[0]["path"] not in ("", "0_Transformer"):
        raise BundleError(
            f"{folder} is made of {', '.join(kinds)}; a twin's encoder is made of Transformer, "
            "Pooling and what follows them"
        )
    pooling = _pooling(_json(folder / modules[1]["path"] / "config.json") or {}, folder)
    layers = [
        _layer(kind, folder / each["path"])
        for kind, each in zip(kinds[2:], modules[2:], strict=True)
        if kind != "Dropout"
    ]
    about = _json(folder / modules[0]["path"] / "sentence_bert_config.json") or {}
    return Layout(
        pooling,
        tuple(layers),
        about.get("max_seq_length"),
        bool(about.get("do_lower_case")),
        _prompt(folder),
        modules[0]["path"],
    )


def written_layout(layout: Layout, dim: int) -> dict[str, bytes]:
    """The files of a layout by name, for a transformer of width ``dim`` at the folder's root."""
    modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
    files: dict[str, bytes] = {
        "sentence_bert_config.json": json_bytes(
            {"max_seq_length": layout.max_length, "do_lower_case": layout.lower}
        ),
        "1_Pooling/config.json": json_bytes(_pooling_config(layout.pooling, dim)),
    }
    for place, layer in enumerate(layout.layers, start=2):
        path = f"{place}_{type(layer).__name__}"
        modules.append((path, type(layer).__name__))
        files[f"{path}/config.json"] = json_bytes(_config(layer))
        weights = _weights(layer)
        if weights:
            files[f"{path}/model.safetensors"] = packed(weights)
    files["modules.json"] = json_bytes(
        [
            {"idx": place, "name": str(place), "path": path, "type": _MODELS + kind}
            for place, (path, kind) in enumerate(modules)
        ]
    )
    prompts: dict[str, Any] = {"similarity_fn_name": "cosine"}
    if layout.prompt:
        prompts |= {"prompts": {"default": layout.prompt}, "default_prompt_name": "default"}
    files["config_sentence_transformers.json"] = json_bytes(prompts)
    return files


def _is_module(said: Any) -> bool:
    return isinstance(said, dict) and {"type", "path"} <= set(said)


def _kind(module: Mapping[str, Any], folder: Path) -> str:
    if not str(module["type"]).startswith(_OURS):
        raise BundleError(
            f"{folder} has a module of type {module['type']}, which is code of its own: running "
            "code that comes with a model is refused"
        )
    return str(module["type"]).rpartition(".")[2]


def _pooling(config: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    found = config.get("pooling_mode") or [mode for key, mode in _LEGACY.items() if config.get(key)]
    modes = (found,) if isinstance(found, str) else tuple(found or ("mean",))
    if not set(modes) <= set(MODES):
        raise BundleError(f"{folder} pools by {modes}; the ways known here are {', '.join(MODES)}")
    if not config.get("include_prompt", True) and _prompt(folder):
        raise BundleError(f"{folder} leaves its prompt out of pooling, which is not supported")
    return modes


def _pooling_config(modes: tuple[str, ...], dim: int) -> dict[str, Any]:
    """In the old keys, which every version reads; they cannot tell the order of several modes."""
    if len(modes) > 1:
        return {"embedding_dimension": dim, "pooling_mode": list(modes)}
    return {"word_embedding_dimension": dim} | {key: mode in modes for key, mode in _LEGACY.items()}


def _layer(kind: str, folder: Path) -> nn.Module:
    try:
        return _opened(kind, folder)
    except FileNotFoundError:
        raise BundleError(
            f"{folder} has no model.safetensors (pickled weights, such as pytorch_model.bin, are "
            "not read: save the model again with sentence-transformers)"
        ) from None
    except (OSError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise BundleError(f"the module {kind} in {folder} cannot be opened: {reason}") from None


def _opened(kind: str, folder: Path) -> nn.Module:
    config = _json(folder / "config.json") or {}
    if kind == "Normalize":
        return Normalize()
    if kind == "LayerNorm":
        layer: nn.Module = nn.LayerNorm(config["dimension"])
        layer.load_state_dict(_without_prefix(load_file(folder / "model.safetensors"), "norm."))
        return layer
    if kind == "Dense" and not config.get("use_residual"):
        linear = nn.Linear(config["in_features"], config["out_features"], config.get("bias", True))
        weights = load_file(folder / "model.safetensors")
        linear.load_state_dict(_without_prefix(weights, "linear."))
        return Dense(linear, _activation(str(config.get("activation_function", "Tanh")), folder))
    raise BundleError(f"{folder} is a module of kind {kind}, which is not supported")


def _activation(name: str, folder: Path) -> nn.Module:
    found = getattr(nn, name.rpartition(".")[2], None)
    if not (isinstance(found, type) and issubclass(found, nn.Module)):
        raise BundleError(f"{folder} has the activation {name}; torch.nn has none of that name")
    return found()


def _config(layer: nn.Module) -> dict[str, Any]:
    if isinstance(layer, Dense):
        return {
            "in_features": layer.linear.in_features,
            "out_features": layer.linear.out_features,
            "bias": layer.linear.bias is not None,
            "activation_function": f"{type(layer.activation).__module__}."
            f"{type(layer.activation).__name__}",
        }
    return {"dimension": layer.normalized_shape[0]} if isinstance(layer, nn.LayerNorm) else {}


def _weights(layer: nn.Module) -> dict[str, torch.Tensor]:
    prefix = "norm." if isinstance(layer, nn.LayerNorm) else ""
    return {prefix + name: value.contiguous() for name, value in layer.state_dict().items()}


def _without_prefix(weights: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value.float() for name, value in weights.items()}


def _prompt(folder: Path) -> str:
    about = _json(folder / "config_sentence_transformers.json") or {}
    return str((about.get("prompts") or {}).get(about.get("default_prompt_name") or "") or "")


def _json(file: Path) -> Any:
    """What a JSON file says; None where there is none."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BundleError(f"{file} cannot be read: {error}") from None
