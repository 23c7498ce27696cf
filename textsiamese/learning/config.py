"""The settings of a training run."""

from __future__ import annotations

from dataclasses import dataclass

from textsiamese.errors import InputError
from textsiamese.judging.fitting import METHODS
from textsiamese.learning.checks import check_choice
from textsiamese.learning.miners import KINDS, Kind


@dataclass(frozen=True)
class FitConfig:
    """How :func:`textsiamese.fit` trains.

    Attributes:
        epochs: times that the table is gone through.
        batch_size: pairs a step.
        learning_rate: at its peak; it rises over ``warmup`` and falls linearly to 0.
        warmup: share of the steps over which the learning rate rises, in [0, 1).
        weight_decay: of AdamW.
        max_grad_norm: longer gradients are shortened to this length.
        seed: of the order of the pairs, the new weights and dropout.
        bf16: whether matrix products run in bfloat16 (weights stay in float32); None: where the
            machine is made for it.
        half_weights: whether the finished weights are rounded to fp16, before the decision is
            fitted on them; halves the bundle.
        calibrator: of the decision: "platt", "beta", or, with thousands of pairs, "isotonic".
        miner: kind of the triplets that count: "all", "semi-hard" or "hard".
    """

    epochs: int = 5
    batch_size: int = 256
    learning_rate: float = 1e-3
    warmup: float = 0.05
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    seed: int = 0
    bf16: bool | None = None
    half_weights: bool = True
    calibrator: str = "platt"
    miner: Kind = "semi-hard"

    def __post_init__(self) -> None:
        for name, low in (("epochs", 1), ("batch_size", 2)):
            if getattr(self, name) < low:
                raise InputError(
                    f"FitConfig.{name} is {getattr(self, name)}; it must be {low} or more"
                )
        if not self.learning_rate > 0:
            raise InputError(f"FitConfig.learning_rate is {self.learning_rate}; it must be above 0")
        if not 0 <= self.warmup < 1:
            raise InputError(f"FitConfig.warmup is {self.warmup}; it must lie in [0, 1)")
        check_choice("FitConfig.calibrator", self.calibrator, METHODS)
        check_choice("FitConfig.miner", self.miner, KINDS)
