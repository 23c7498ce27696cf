"""Calibrators: a similarity becomes a probability, strictly increasing and inside (0, 1).

Each computes a logit that rises strictly with the similarity, from -inf to inf, and hands it to
`bounded_probability`. Applying one needs numpy only; `fitting.py` fits them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from textsiamese.errors import InputError
from textsiamese.judging.scored import Floats

_BEND = 12.0  # logits up to here are taken as they are
_REACH = 8.0  # what lies beyond is squeezed into so much more
_SMALLEST = float(np.finfo(np.float64).tiny)
_LARGEST = 1 - 2.0**-53  # the float64 before 1


def bounded_probability(logit: Floats) -> Floats:
    """sigmoid(logit) with soft ends: always within [2e-9, 1 - 2e-9], so never 0 and never 1.

    Up to |logit| = 12 (6e-6: no labelled table supports a finer claim) this is the plain sigmoid.
    The part t beyond 12 becomes 8 t / (8 + t): same slope at 12, limit 20. A plain sigmoid is
    1.0 in float64 from a logit of 37 on, and ranking would end there; this one goes on rising
    as far as neighbouring float64 can tell. Infinite logits give the limits, NaN gives NaN.
    """
    size = np.abs(logit)
    beyond = _REACH - _REACH**2 / (_REACH + np.maximum(size - _BEND, 0.0))
    return 1 / (1 + np.exp(-np.copysign(np.minimum(size, _BEND) + beyond, logit)))


def shift_prior(probability: npt.ArrayLike, fitted_prior: float, new_prior: float) -> Floats:
    """The probability where another share of the pairs is the same.

    logit(p') = logit(p) + logit(new_prior) - logit(fitted_prior)  (Saerens, Latinne and
    Decaestecker 2002, for two classes), computed in odds, where rounding can never turn a ranking
    round. The result stays inside (0, 1); NaN stays NaN.

    Args:
        probability: any shape, in [0, 1], right where `fitted_prior` of the pairs are the same.
        fitted_prior: share of same pairs behind `probability`, in (0, 1).
        new_prior: share of same pairs where the probability will be used, in (0, 1).

    Raises:
        InputError: if a prior lies outside (0, 1).
    """
    old = checked_share(fitted_prior, "fitted prior", ends=False)
    new = checked_share(new_prior, "prior", ends=False)
    given = np.clip(np.asarray(probability, dtype=np.float64), _SMALLEST, _LARGEST)
    change = np.log(new) - np.log1p(-new) - np.log(old) + np.log1p(-old)
    with np.errstate(over="ignore"):
        against = (1 - given) / given * np.exp(-np.clip(change, -700, 700))
    return np.clip(1 / (1 + against), _SMALLEST, _LARGEST)


@dataclass(frozen=True)
class Platt:
    """logit = slope * similarity + intercept (Platt 1999). slope > 0."""

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        _check_numbers("platt", self.slope, self.intercept)
        _check_rising("platt", "slope", self.slope > 0)

    def logit(self, similarity: npt.ArrayLike) -> Floats:
        """Log-odds of "same", any shape, not bounded."""
        with np.errstate(over="ignore"):
            return self.slope * np.asarray(similarity, dtype=np.float64) + self.intercept

    def __call__(self, similarity: npt.ArrayLike) -> Floats:
        """The probability of "same", any shape, inside (0, 1)."""
        return bounded_probability(self.logit(similarity))


@dataclass(frozen=True)
class Beta:
    """logit = a ln(m) - b ln(1 - m) + c (Kull, Silva Filho and Flach 2017). a, b > 0.

    Beta calibration takes scores m in (0, 1), and a similarity knows no bounds: it is mapped first,
    by the Platt curve of the same data, m = sigmoid(slope * similarity + intercept). So the logit
    rises by b * slope at the high end and by a * slope at the low end: a Platt curve with a knee.
    """

    slope: float
    intercept: float
    a: float
    b: float
    c: float

    def __post_init__(self) -> None:
        _check_numbers("beta", self.slope, self.intercept, self.a, self.b, self.c)
        _check_rising("beta", "slope, a, b", min(self.slope, self.a, self.b) > 0)

    def logit(self, similarity: npt.ArrayLike) -> Floats:
        """Log-odds of "same", any shape, not bounded."""
        mapped = Platt(self.slope, self.intercept).logit(similarity)
        with np.errstate(over="ignore", invalid="ignore"):  # NaN in, NaN out
            low, high = np.logaddexp(0, -mapped), np.logaddexp(0, mapped)  # -ln(m), -ln(1 - m)
            return self.b * high - self.a * low + self.c

    def __call__(self, similarity: npt.ArrayLike) -> Floats:
        """The probability of "same", any shape, inside (0, 1)."""
        return bounded_probability(self.logit(similarity))


@dataclass(frozen=True)
class Isotonic:
    """Straight lines in log-odds between knots, and lines of one slope beyond the two ends.

    Args:
        knots: at least one similarity, strictly increasing.
        logits: the log-odds at each knot, strictly increasing.
        slope: > 0, rise of the log-odds per similarity beyond the first and the last knot.
    """

    knots: tuple[float, ...]
    logits: tuple[float, ...]
    slope: float

    def __post_init__(self) -> None:
        for name in ("knots", "logits"):
            object.__setattr__(self, name, _numbers("isotonic", getattr(self, name)))
        _check_numbers("isotonic", self.slope, *self.knots, *self.logits)
        _check_rising("isotonic", "slope", self.slope > 0)
        for name, values in (("knots", self.knots), ("logits", self.logits)):
            rising = all(low < high for low, high in pairwise(values))
            _check_rising("isotonic", name, rising)
        if not self.knots or len(self.knots) != len(self.logits):
            raise InputError(
                f"The isotonic calibrator has {len(self.knots)} knots and {len(self.logits)} "
                "logits: it needs as many of each, and at least one."
            )

    def logit(self, similarity: npt.ArrayLike) -> Floats:
        """Log-odds of "same", any shape, not bounded."""
        given = np.asarray(similarity, dtype=np.float64)
        with np.errstate(over="ignore"):
            below = np.minimum(given - self.knots[0], 0.0)
            above = np.maximum(given - self.knots[-1], 0.0)
            return np.interp(given, self.knots, self.logits) + self.slope * (below + above)

    def __call__(self, similarity: npt.ArrayLike) -> Floats:
        """The probability of "same", any shape, inside (0, 1)."""
        return bounded_probability(self.logit(similarity))


Calibrator: TypeAlias = Platt | Beta | Isotonic
_KINDS: dict[str, type[Platt] | type[Beta] | type[Isotonic]] = {
    "platt": Platt,
    "beta": Beta,
    "isotonic": Isotonic,
}


def calibrator_to_json(calibrator: Calibrator) -> dict[str, Any]:
    """A dict of plain values for `json.dumps`: the kind and the curve's numbers, exactly."""
    kind = next(name for name, curve in _KINDS.items() if type(calibrator) is curve)
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(calibrator).items()}
    return {"kind": kind, **plain}


def calibrator_from_json(given: Mapping[str, Any]) -> Calibrator:
    """The calibrator that `calibrator_to_json` wrote.

    Raises:
        InputError: if the kind or a key is unknown, a key is missing, or a number is impossible.
    """
    kind = given.get("kind") if isinstance(given, Mapping) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InputError(f"The calibrator's kind is {kind!r}: it must be {one_of(_KINDS)}.")
    curve = _KINDS[kind]
    names = [field.name for field in fields(curve)]
    check_keys(given, ["kind", *names], f"{kind} calibrator")
    return curve(**{name: given[name] for name in names})


def check_keys(given: Mapping[str, Any], expected: Iterable[str], what: str) -> None:
    """Refuse keys that nobody reads and keys that are not there.

    Raises:
        InputError: naming the first such key, and for an unknown one the nearest known.
    """
    known = list(expected)
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(known)}."
            raise InputError(f"The {what} has an unknown key {key!r}: {hint}")
    missing = [key for key in known if key not in given]
    if missing:
        raise InputError(f"The {what} lacks the key {missing[0]!r}: save it again.")


def checked_share(value: float | str, name: str, *, ends: bool) -> float:
    """The value as a float, if it is a number in [0, 1] (`ends`) or in (0, 1).

    Raises:
        InputError: if it is not.
    """
    where = "from 0 to 1" if ends else "between 0 and 1, both left out"
    try:
        share = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"The {name} is {value!r}: give a number {where}.") from None
    if not (0 <= share <= 1 if ends else 0 < share < 1):
        raise InputError(f"The {name} is {share!r}: give a number {where}.")
    return share


def one_of(names: Iterable[str]) -> str:
    """The names quoted and joined for a message: 'a', 'b' or 'c'."""
    *first, last = [repr(name) for name in names]
    return f"{', '.join(first)} or {last}" if first else last


def _numbers(kind: str, values: Any) -> tuple[float, ...]:
    if not isinstance(values, list | tuple):
        raise InputError(f"The {kind} calibrator holds {values!r} where a list should be.")
    return tuple(values)


def _check_numbers(kind: str, *values: Any) -> None:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise InputError(f"The {kind} calibrator holds {value!r} where a number should be.")


def _check_rising(kind: str, name: str, rising: bool) -> None:
    if not rising:
        raise InputError(f"The {kind} calibrator does not rise strictly: check its {name}.")
