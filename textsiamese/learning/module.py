"""Encoder, similarity and losses as one torch module: what a trainer trains, saves and resumes."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from textsiamese.encoders.lstm import Group
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import InputError
from textsiamese.learning.objectives import EncodedPairs, Objective
from textsiamese.learning.sharing import Share
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import similarity_from


class TwinModule(nn.Module):
    """A twin under training.

    Args:
        twin: where the weights start; it stays as it is.
        objective: the loss of a batch.
        share: which texts of each batch come to this process; all of them by default.
    """

    def __init__(self, twin: Siamese, objective: Objective, share: Share | None = None) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(twin.encoder)
        self.objective = objective
        self._twin, self.share = twin, share or Share()
        self.similarity = nn.ParameterDict(
            {
                name: nn.Parameter(torch.as_tensor(np.array(value)))
                for name, value in twin.measure.weights.items()
            }
        )

    def forward(
        self,
        groups: Sequence[Group],
        left: Tensor,
        right: Tensor,
        labels: Tensor,
        alike: Tensor,
        grades: Tensor | None,
        taught: Tensor | None,
        targets: Tensor | None,
    ) -> dict[str, Tensor]:
        """The loss of a batch that :class:`textsiamese.learning.batches.PairBatches` made."""
        measure = similarity_from(self._twin.measure.name, dict(self.similarity.items()))
        vectors = self.share.gather(self.encoder(groups), len(alike))
        batch = EncodedPairs(vectors, left, right, labels, alike, measure, grades, taught, targets)
        return {"loss": self.objective(batch)}

    def twin(self) -> Siamese:
        """The twin with the weights as they are now."""
        weights = {name: value.detach().cpu().numpy() for name, value in self.similarity.items()}
        measure = similarity_from(self._twin.measure.name, weights)
        return Siamese(self.encoder, measure, self._twin.decision, self._twin.info)

    def add_lora(self, rank: int, seed: int = 0) -> None:
        """Let low-rank changes of the encoder's weights learn, rather than these themselves.

        Args:
            rank: of the changes, at least 1.
            seed: of their first weights.

        Raises:
            InputError: if the encoder is no transformer.
            MissingPackageError: if peft is not installed.
        """
        if not isinstance(self.encoder, TransformerEncoder):
            raise InputError(
                f"lora is {rank}, and LoRA is for the large matrices of transformers: a "
                f"{type(self.encoder).__name__} learns with all its weights; leave lora (--lora) "
                "out, or begin from a transformer"
            )
        torch.manual_seed(seed)
        self.encoder.add_lora(rank)

    def merge_lora(self) -> None:
        """Make what `add_lora` let learn a part of the encoder's own weights."""
        assert isinstance(self.encoder, TransformerEncoder)
        self.encoder.merge_lora()

    def checkpoint_activations(self) -> None:
        """Let the encoder compute again, for the gradients, what it would keep in memory.

        Raises:
            InputError: if it cannot.
        """
        begin = getattr(self.encoder, "checkpoint_activations", None)
        if begin is None:
            raise InputError(
                f"gradient_checkpointing is true, and a {type(self.encoder).__name__} cannot do "
                "that: leave it out (a smaller batch_size needs less memory, too)"
            )
        begin()

    @torch.no_grad()
    def round_to_half(self) -> None:
        """Round every weight to the nearest that fp16 holds."""
        for weight in self.parameters():
            weight.copy_(weight.half().float())
