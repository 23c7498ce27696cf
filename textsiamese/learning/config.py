"""The settings of a training run."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from textsiamese.errors import InputError
from textsiamese.judging.fitting import METHODS
from textsiamese.learning.checks import check_choice
from textsiamese.learning.miners import KINDS, Kind

_LEAST = {"epochs": 1, "batch_size": 2, "patience": 1, "save_steps": 1, "seed": 0}
_YES_NO = {"bf16", "half_weights", "keep_checkpoints"}
_OPTIONAL = {"bf16", "calibrator"}


@dataclass(frozen=True)
class FitConfig:
    """How :func:`textsiamese.fit` trains; saved with the twin.

    Attributes:
        epochs: times that the table is gone through, at most.
        batch_size: rows a step.
        learning_rate: at its peak; it rises over ``warmup`` and falls linearly to 0.
        warmup: share of the steps over which the learning rate rises, in [0, 1).
        weight_decay: of AdamW, at least 0.
        max_grad_norm: longer gradients are shortened to this length, above 0.
        patience: epochs without a better score on dev after which training stops.
        seed: of the order of the pairs and dropout.
        bf16: whether matrix products run in bfloat16 (weights stay in float32); None: where the
            machine is made for it.
        half_weights: whether the finished weights are rounded to fp16, before the decision is
            fitted on them; halves the bundle.
        calibrator: of the decision: "platt", "beta" or "isotonic"; None goes by the number of
            pairs that it is fitted on.
        miner: kind of the triplets that count: "all", "semi-hard" or "hard".
        save_steps: a checkpoint is written after so many steps, and after each epoch.
        keep_checkpoints: whether the checkpoints stay once the twin is saved.

    Raises:
        InputError: naming the first setting that is out of its range.
    """

    epochs: int = 5
    batch_size: int = 256
    learning_rate: float = 1e-3
    warmup: float = 0.05
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    patience: int = 3
    seed: int = 0
    bf16: bool | None = None
    half_weights: bool = True
    calibrator: str | None = None
    miner: Kind = "semi-hard"
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
            elif name not in ("calibrator", "miner"):
                number = isinstance(value, numbers.Real) and not isinstance(value, bool)
                self._require(number and math.isfinite(value), name, "a finite number")
        self._require(self.learning_rate > 0, "learning_rate", "above 0")
        self._require(0 <= self.warmup < 1, "warmup", "in [0, 1)")
        self._require(self.weight_decay >= 0, "weight_decay", "0 or more")
        self._require(self.max_grad_norm > 0, "max_grad_norm", "above 0")
        if self.calibrator is not None:
            check_choice("FitConfig.calibrator", self.calibrator, METHODS)
        check_choice("FitConfig.miner", self.miner, KINDS)

    def with_settings(self, settings: Mapping[str, Any]) -> FitConfig:
        """The same but for these settings.

        Raises:
            InputError: naming a setting that does not exist, with the nearest that does; or one
                that is out of its range.
        """
        known = [field.name for field in fields(self)]
        for name in settings:
            if name not in known:
                near = get_close_matches(str(name).replace("-", "_"), known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"they are {', '.join(known)}"
                raise InputError(f"there is no setting {name!r}; {hint}")
        return replace(self, **settings)

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return asdict(self)

    def _require(self, holds: bool, name: str, wanted: str) -> None:
        if not holds:
            raise InputError(f"FitConfig.{name} is {getattr(self, name)!r}; it must be {wanted}")
