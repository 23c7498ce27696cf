"""The settings of a training run."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any

from textsiamese.errors import InputError
from textsiamese.judging.fitting import METHODS
from textsiamese.learning.augmentation import AugmentationConfig
from textsiamese.learning.checks import check_choice
from textsiamese.learning.miners import KINDS, Kind

_LEAST = {
    "epochs": 1,
    "batch_size": 2,
    "accumulation": 1,
    "lora": 0,
    "patience": 1,
    "save_steps": 1,
    "seed": 0,
    "freeze_left": 0,
    "freeze_right": 0,
}
_NOT_NUMBERS = {"calibrator", "miner", "augmentation"}
_YES_NO = {"bf16", "gradient_checkpointing", "half_weights", "keep_checkpoints"}
_RATES = {"head_learning_rate", "left_learning_rate", "right_learning_rate"}
_ABOVE_0 = {"learning_rate", "max_grad_norm", *_RATES}
_OPTIONAL = {"bf16", "calibrator", *_RATES}
_OF_TWO_TOWERS = ("left_learning_rate", "right_learning_rate", "freeze_left", "freeze_right")


@dataclass(frozen=True)
class FitConfig:
    """How :func:`textsiamese.fit` trains; saved with the twin.

    Attributes:
        epochs: times that the table is gone through, at most.
        batch_size: rows of a batch, of all processes together.
        accumulation: batches of which a step is made; a loss compares within one batch only.
        learning_rate: at its peak; it rises over ``warmup`` and falls linearly to 0.
        head_learning_rate: of weights outside the encoder (the pair head's, a loss's own) and of
            the projection on top of a pretrained picture model, above 0; None: the same.
        left_learning_rate: of the left tower of a pseudo-Siamese twin, above 0; None: the same.
        right_learning_rate: of its right tower, likewise.
        freeze_left: epochs at the beginning in which the left tower of a pseudo-Siamese twin keeps
            its weights; as many as there are, and it always does.
        freeze_right: in which the right one does; one of the two must learn.
        warmup: share of the steps over which the learning rate rises, in [0, 1).
        weight_decay: of AdamW, at least 0.
        max_grad_norm: longer gradients are shortened to this length, above 0.
        patience: epochs without a better score on dev after which training stops.
        seed: of the order of the pairs and dropout.
        bf16: whether matrix products run in bfloat16 (weights stay in float32); None: where the
            machine is made for it.
        lora: rank of the changes that a transformer's matrices learn while its own weights stay as
            they are, see :mod:`textsiamese.encoders.lora`; 0: all weights learn.
        gradient_checkpointing: whether what an encoder computes is computed again for the
            gradients rather than kept: less memory, more time. Not every encoder can.
        half_weights: whether the finished weights are rounded to fp16, before the decision is
            fitted on them; halves the bundle.
        calibrator: of the decision: "platt", "beta" or "isotonic"; None goes by the number of
            pairs that it is fitted on.
        miner: kind of the triplets that count: "all", "semi-hard" or "hard".
        augmentation: what may happen to pictures in training; a mapping of its settings will do.
        save_steps: a checkpoint is written after so many steps, and after each epoch.
        keep_checkpoints: whether the checkpoints stay once the twin is saved.

    Raises:
        InputError: naming the first setting that is out of its range.
    """

    epochs: int = 5
    batch_size: int = 256
    accumulation: int = 1
    learning_rate: float = 1e-3
    head_learning_rate: float | None = None
    left_learning_rate: float | None = None
    right_learning_rate: float | None = None
    freeze_left: int = 0
    freeze_right: int = 0
    warmup: float = 0.05
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    patience: int = 3
    seed: int = 0
    bf16: bool | None = None
    lora: int = 0
    gradient_checkpointing: bool = False
    half_weights: bool = True
    calibrator: str | None = None
    miner: Kind = "semi-hard"
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    save_steps: int = 500
    keep_checkpoints: bool = False

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is None and name in _OPTIONAL:
                continue
            if name in _LEAST:
                fits = isinstance(value, int) and not isinstance(value, bool)
                self._require(fits and value >= _LEAST[name], name, f"{_LEAST[name]} or more")
            elif name in _YES_NO:
                self._require(isinstance(value, bool), name, "true or false")
            elif name not in _NOT_NUMBERS:
                number = isinstance(value, numbers.Real) and not isinstance(value, bool)
                self._require(number and math.isfinite(value), name, "a finite number")
                self._require(value > 0 or name not in _ABOVE_0, name, "above 0")
        both = self.freeze_left and self.freeze_right
        self._require(not both, "freeze_right", f"0 with freeze_left={self.freeze_left}")
        self._require(0 <= self.warmup < 1, "warmup", "in [0, 1)")
        self._require(self.weight_decay >= 0, "weight_decay", "0 or more")
        if self.calibrator is not None:
            check_choice("FitConfig.calibrator", self.calibrator, METHODS)
        check_choice("FitConfig.miner", self.miner, KINDS)
        if isinstance(self.augmentation, Mapping):
            object.__setattr__(self, "augmentation", _augmentation(self.augmentation))
        known = isinstance(self.augmentation, AugmentationConfig)
        self._require(known, "augmentation", 'settings of AugmentationConfig, such as {"flip": 0}')

    def with_settings(self, settings: Mapping[str, Any]) -> FitConfig:
        """The same but for these settings.

        Raises:
            InputError: naming a setting that does not exist, with the nearest that does; or one
                that is out of its range.
        """
        _check_known(settings, FitConfig)
        return replace(self, **settings)

    def of_two_towers(self) -> list[str]:
        """Which settings are given that only a pseudo-Siamese twin can follow."""
        return [name for name in _OF_TWO_TOWERS if getattr(self, name)]

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return asdict(self)

    def _require(self, holds: bool, name: str, wanted: str) -> None:
        if not holds:
            raise InputError(f"FitConfig.{name} is {getattr(self, name)!r}; it must be {wanted}")


def _augmentation(settings: Mapping[str, Any]) -> AugmentationConfig:
    _check_known(settings, AugmentationConfig)
    return AugmentationConfig(**settings)


def _check_known(settings: Mapping[str, Any], kind: type[FitConfig | AugmentationConfig]) -> None:
    known = [each.name for each in fields(kind)]
    for name in settings:
        if name not in known:
            near = get_close_matches(str(name).replace("-", "_"), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"they are {', '.join(known)}"
            raise InputError(f"there is no setting {name!r}; {hint}")
