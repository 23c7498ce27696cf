"""The decision: similarity -> calibrated probability -> yes or no at a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from textsiamese.errors import InputError
from textsiamese.judging.calibration import (
    Calibrator,
    calibrator_from_json,
    calibrator_to_json,
    check_keys,
    checked_share,
    shift_prior,
)
from textsiamese.judging.fitting import calibrator_for, check_both_classes, fit_calibrator
from textsiamese.judging.scored import Bools, Floats, checked
from textsiamese.judging.thresholds import choose_threshold, parse_rule

LEAST_PAIRS = 50
GIVEN = "given"  # the rule of a threshold that a person named


@dataclass(frozen=True)
class Decision:
    """How a twin turns similarities into probabilities and answers.

    Args:
        calibrator: similarity -> probability, at the share `fitted_prior` of same pairs.
        threshold: in [0, 1]; a probability >= threshold means same.
        rule: what chose the threshold (see `choose_threshold`), or "given" for a named one.
        prior: share of same pairs assumed where the twin is used, in (0, 1).
        fitted_prior: share of same pairs among those that fitted the calibrator, in (0, 1).
        n: how many pairs fitted it.

    Raises:
        InputError: if one of these is out of its range, or the rule is unknown.
    """

    calibrator: Calibrator
    threshold: float
    rule: str
    prior: float
    fitted_prior: float
    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", checked_share(self.threshold, "threshold", ends=True))
        for name in ("prior", "fitted_prior"):
            share = checked_share(getattr(self, name), name.replace("_", " "), ends=False)
            object.__setattr__(self, name, share)
        if self.rule != GIVEN:
            parse_rule(self.rule)
        if isinstance(self.n, bool) or not isinstance(self.n, int) or self.n < 0:
            raise InputError(f"The decision's n is {self.n!r}: it must be a count of pairs.")

    @classmethod
    def fit(
        cls,
        similarity: npt.ArrayLike,
        labels: npt.ArrayLike,
        *,
        calibrator: str | None = None,
        rule: str = "accuracy",
    ) -> Decision:
        """Calibrator and threshold from labelled similarities of pairs that trained nothing.

        Args:
            similarity: (n,) finite, higher is more alike; n >= 50.
            labels: (n,) of 0 or 1, 1 = same; both must occur.
            calibrator: "platt", "beta" or "isotonic" (see `fit_calibrator`); None goes by the
                number of pairs (see `calibrator_for`).
            rule: "accuracy", "f1", "precision=0.95" or "false-accept=0.001", with any share.

        Raises:
            InputError: if there are fewer than 50 pairs or pairs of one kind only, a number cannot
                be used, the calibrator or rule is unknown, or no threshold does what it asks.
        """
        parse_rule(rule)
        given, same = checked(similarity, labels)
        if len(given) < LEAST_PAIRS:
            raise InputError(
                f"{len(given)} labelled pairs cannot carry a decision: "
                f"hold at least {LEAST_PAIRS} out of training for it."
            )
        check_both_classes(same)
        curve = fit_calibrator(given, same, calibrator or calibrator_for(len(given)))
        prior = float(same.mean())
        threshold = choose_threshold(curve(given), same, rule)
        return cls(curve, threshold, rule, prior, prior, len(given))

    def probability(self, similarity: npt.ArrayLike) -> Floats:
        """Probability that the pair is the same, at `prior`; any shape, inside (0, 1), NaN kept."""
        fitted = self.calibrator(similarity)
        if self.prior == self.fitted_prior:
            return fitted
        return shift_prior(fitted, self.fitted_prior, self.prior)

    def decide(self, probability: npt.ArrayLike) -> Bools:
        """Yes where the probability reaches the threshold; NaN means no."""
        return np.asarray(probability, dtype=np.float64) >= self.threshold

    def with_changes(self, threshold: float | None = None, prior: float | None = None) -> Decision:
        """The same calibrator, deciding otherwise; what is None stays.

        A new prior moves every probability, in log-odds, and so the answers: the threshold is
        a probability and stays. At 0.5 it means the likelier answer whatever the prior; the
        share that "precision" or "false-accept" was chosen for held at the fitted prior.

        Args:
            threshold: in [0, 1], on the probabilities as the new decision gives them.
            prior: share of same pairs where the twin will be used, in (0, 1).

        Raises:
            InputError: if one is out of its range.
        """
        changed = self
        if threshold is not None:
            changed = replace(changed, threshold=threshold, rule=GIVEN)
        if prior is not None:
            changed = replace(changed, prior=prior)
        return changed

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values for `json.dumps`; every float comes back exactly."""
        return {**asdict(self), "calibrator": calibrator_to_json(self.calibrator)}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Decision:
        """The decision that `to_json` wrote.

        Raises:
            InputError: if a key is unknown (with the nearest known) or missing, or a value is
                out of its range.
        """
        if not isinstance(given, Mapping):
            raise InputError(f"The decision is {given!r}: it must be an object of named values.")
        names = [field.name for field in fields(cls)]
        check_keys(given, names, "decision")
        values = {name: given[name] for name in names}
        return cls(**{**values, "calibrator": calibrator_from_json(given["calibrator"])})
