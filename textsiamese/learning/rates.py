"""One learning rate for the encoder, and another for all that learns beside it."""

from __future__ import annotations

from torch import nn
from torch.optim import Optimizer

ENCODER = "encoder."


def give_heads_a_rate(optimizer: Optimizer, module: nn.Module, rate: float) -> None:
    """Let weights outside the encoder learn at a rate of their own.

    These are the pair head's, and those of losses that have any. All else that the optimizer's
    groups say of them, such as weight decay, stays.

    Args:
        optimizer: of the weights of ``module``; before its first step.
        module: its encoder's weights have names that begin with "encoder.".
        rate: of the others, at its peak.
    """
    encoder = {weight for name, weight in module.named_parameters() if name.startswith(ENCODER)}
    groups = [{**group} for group in optimizer.param_groups]
    optimizer.param_groups.clear()
    for group in groups:
        own = [weight for weight in group["params"] if weight in encoder]
        heads = [weight for weight in group["params"] if weight not in encoder]
        for weights, change in ((own, {}), (heads, {"lr": rate})):
            if weights:
                optimizer.add_param_group({**group, **change, "params": weights})
