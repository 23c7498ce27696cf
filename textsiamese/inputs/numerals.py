"""Numbers as they stand in English texts: another in their place, or the same written otherwise."""

from __future__ import annotations

import numpy as np

_ONES = "two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"

SPELT = {
    **dict(enumerate(_ONES.split(), 2)),
    **dict(enumerate(_TEENS.split(), 10)),
    **dict(zip(range(20, 100, 10), _TENS.split(), strict=True)),
}
"""Numbers from 2 to 90 that are one word, and these words."""

_YEARS = range(1900, 2031)
_YEARS_APART = 10
_SMALL = range(2, 13)
_FACTORS = (0.2, 0.4, 0.5, 0.6, 1.5, 2, 3, 5)


def other_number(digits: str, random: np.random.Generator) -> str | None:
    """Another number of the same sort: a year near by, a small one, or as round an amount.

    Args:
        digits: a whole number, with or without commas between thousands.
        random: draws it.

    Returns:
        In the same spelling; None for 0, 1 and 100, which often are no amounts at all.
    """
    value = int(digits.replace(",", ""))
    if value in (0, 1, 100):
        return None
    if value in _YEARS and "," not in digits:
        found = value + int(random.integers(1, _YEARS_APART + 1)) * int(random.choice([-1, 1]))
    elif value in _SMALL:
        found = int(random.choice([each for each in _SMALL if each != value]))
    else:
        found = _as_round(value, value * float(random.choice(_FACTORS)))
    if found == value:
        return None
    return f"{found:,}" if "," in digits else str(found)


def spelt(digits: str) -> str | None:
    """The word for a number, "ten" for "10"; None if it has no single one."""
    return SPELT.get(int(digits))


def in_digits(word: str) -> str | None:
    """The digits for a word, "10" for "ten"; None if it is no number."""
    return _DIGITS.get(word.lower())


def with_commas(digits: str) -> str:
    """Commas between thousands: "20,000" for "20000"."""
    return f"{int(digits):,}"


def without_commas(digits: str) -> str:
    """No commas between thousands: "20000" for "20,000"."""
    return digits.replace(",", "")


_DIGITS = {word: str(number) for number, word in SPELT.items()}


def _as_round(value: int, other: float) -> int:
    """The other number, as round as the first."""
    zeros = len(str(value)) - len(str(value).rstrip("0"))
    step = 10 ** min(zeros, len(str(int(other))) - 1)
    return max(2, round(other / step) * step)
