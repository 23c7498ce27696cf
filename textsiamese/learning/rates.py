"""Learning rates of their own: of each tower, and of all that learns beside the encoders."""

from __future__ import annotations

from torch import nn
from torch.optim import Optimizer

from textsiamese.encoders.backbone import BackboneEncoder
from textsiamese.learning.config import FitConfig
from textsiamese.twins.two_towers import towers_of

_ENCODER = "encoder."


def give_rates(optimizer: Optimizer, module: nn.Module, config: FitConfig) -> None:
    """Let weights learn at the rate that the settings give them; those without one keep theirs.

    All else that the optimizer's groups say of them, such as weight decay, stays.

    Args:
        optimizer: of the weights of ``module``; before its first step.
        module: the names of its encoder's weights begin with "encoder.", of two towers with
            "encoder.left." and "encoder.right.".
        config: the settings; its rates are those at their peak.
    """
    rates = {weight: _rate(name, config) for name, weight in module.named_parameters()}
    for each in towers_of(module.get_submodule("encoder")):
        if isinstance(each, BackboneEncoder):  # its model knows something, its projection nothing
            rates |= dict.fromkeys(each.projection.parameters(), config.head_learning_rate)
    groups = [{**group} for group in optimizer.param_groups]
    optimizer.param_groups.clear()
    for group in groups:
        for rate in dict.fromkeys(rates[weight] for weight in group["params"]):
            own = [weight for weight in group["params"] if rates[weight] == rate]
            change = {} if rate is None else {"lr": rate}
            optimizer.add_param_group({**group, **change, "params": own})


def _rate(name: str, config: FitConfig) -> float | None:
    if not name.startswith(_ENCODER):
        return config.head_learning_rate
    if name.startswith(f"{_ENCODER}left."):
        return config.left_learning_rate
    return config.right_learning_rate if name.startswith(f"{_ENCODER}right.") else None
