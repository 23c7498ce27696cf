"""Encoder, similarity and losses as one torch module: what a trainer trains, saves and resumes."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from textsiamese.encoders.encoder import Encoder
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import InputError
from textsiamese.learning.augmentation import Augmentation, AugmentationConfig
from textsiamese.learning.objectives import EncodedPairs, Objective
from textsiamese.learning.sharing import Share
from textsiamese.twins.similarity import similarity_from
from textsiamese.twins.twin import Twin
from textsiamese.twins.two_towers import TwoTowers, towers_of


class TwinModule(nn.Module):
    """A twin under training.

    Args:
        twin: where the weights start; it stays as it is.
        objective: the loss of a batch.
        share: which inputs of each batch come to this process; all of them by default.
        augmentation: what may happen to pictures.
    """

    def __init__(
        self,
        twin: Twin,
        objective: Objective,
        share: Share | None = None,
        augmentation: AugmentationConfig | None = None,
    ) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(twin.encoder)
        self.objective = objective
        self.augmentation = Augmentation(augmentation or AugmentationConfig())
        self._twin, self.share = twin, share or Share()
        self.similarity = nn.ParameterDict(
            {
                name: nn.Parameter(torch.as_tensor(np.array(value)))
                for name, value in twin.measure.weights.items()
            }
        )

    def forward(
        self,
        groups: Any,
        left: Tensor,
        right: Tensor,
        labels: Tensor,
        alike: Tensor,
        lefts: int | None,
        grades: Tensor | None,
        taught: Tensor | None,
        targets: Tensor | None,
    ) -> dict[str, Tensor]:
        """The loss of a batch that :class:`textsiamese.learning.batches.PairBatches` made."""
        measure = similarity_from(self._twin.measure.name, dict(self.similarity.items()))
        vectors = self.share.gather(self.encoder(self._ready(groups)), len(alike))
        batch = EncodedPairs(
            vectors, left, right, labels, alike, measure, lefts, grades, taught, targets
        )
        return {"loss": self.objective(batch)}

    def twin(self) -> Twin:
        """The twin with the weights as they are now."""
        weights = {name: value.detach().cpu().numpy() for name, value in self.similarity.items()}
        measure = similarity_from(self._twin.measure.name, weights)
        return self._twin.with_encoder(self.encoder, measure)

    def add_lora(self, rank: int, seed: int = 0) -> None:
        """Let low-rank changes of a transformer's weights learn, rather than these themselves.

        Args:
            rank: of the changes, at least 1.
            seed: of their first weights.

        Raises:
            InputError: if no encoder is a transformer.
            MissingPackageError: if peft is not installed.
        """
        transformers = self._transformers()
        if not transformers:
            names = " and a ".join(type(each).__name__ for each in towers_of(self.encoder))
            raise InputError(
                f"lora is {rank}, and LoRA is for the large matrices of transformers: a {names} "
                f"learns with all its weights; leave lora (--lora) out, or begin from a transformer"
            )
        torch.manual_seed(seed)
        for each in transformers:
            each.add_lora(rank)

    def merge_lora(self) -> None:
        """Make what `add_lora` let learn a part of the weights themselves."""
        for each in self._transformers():
            each.merge_lora()

    def checkpoint_activations(self) -> None:
        """Let the encoder compute again, for the gradients, what it would keep in memory.

        Raises:
            InputError: if it cannot.
        """
        for encoder in towers_of(self.encoder):
            begin = getattr(encoder, "checkpoint_activations", None)
            if begin is None:
                raise InputError(
                    f"gradient_checkpointing is true, and a {type(encoder).__name__} cannot do "
                    "that: leave it out (a smaller batch_size needs less memory, too)"
                )
            begin()

    def _ready(self, groups: Any) -> Any:
        """The groups of a batch, pictures among them augmented."""
        if isinstance(self.encoder, TwoTowers):
            sides = zip(towers_of(self.encoder), groups, strict=True)
            return tuple(self._augmented(encoder, given) for encoder, given in sides)
        return self._augmented(self.encoder, groups)

    def _augmented(self, encoder: Encoder, groups: list[Any]) -> list[Any]:
        if encoder.reads == "texts":
            return groups
        return [self.augmentation(each, encoder.config.size) for each in groups]

    def _transformers(self) -> list[TransformerEncoder]:
        return [each for each in towers_of(self.encoder) if isinstance(each, TransformerEncoder)]

    @torch.no_grad()
    def round_to_half(self) -> None:
        """Round every weight to the nearest that fp16 holds."""
        for weight in self.parameters():
            weight.copy_(weight.half().float())
