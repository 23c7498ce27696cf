"""What losses and miners accept: an option by its name, a margin, a temperature, labels."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from difflib import get_close_matches

import torch
from torch import Tensor

from textsiamese.errors import InputError


def check_choice(option: str, given: str, choices: Sequence[str]) -> None:
    """Refuse a name that is none of ``choices``.

    Raises:
        InputError: naming the choices, and the one most like what was given.
    """
    if given in choices:
        return
    near = get_close_matches(str(given).lower().replace("_", "-"), choices, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(f"{option} is one of {', '.join(map(repr, choices))}, not {given!r}{hint}")


def check_margin(option: str, margin: float, distance: str) -> None:
    """Refuse a margin that no pair could keep, or that every pair keeps.

    Raises:
        InputError: unless ``margin`` is a finite number above 0 and, for the cosine distance, at
            most 2, where that distance ends.
    """
    if isinstance(margin, bool) or not isinstance(margin, numbers.Real):
        raise InputError(f"{option} is a number above 0, not {margin!r}")
    if not (math.isfinite(margin) and margin > 0):
        raise InputError(f"{option} is a finite number above 0, not {margin!r}")
    if distance == "cosine" and margin > 2:
        raise InputError(
            f"{option} {margin!r} can never be kept, as cosine distances end at 2; "
            "give a margin of at most 2 (0.5 is usual), or another distance"
        )


def check_temperature(temperature: float) -> None:
    """Refuse a temperature that nothing could be divided by.

    Raises:
        InputError: unless it is above 0.
    """
    if not temperature > 0:
        raise InputError(f"temperature is a number above 0, not {temperature!r}")


def check_labels(labels: Tensor, pairs: int) -> Tensor:
    """The labels of a batch of pairs as booleans: True = same, False = different.

    Args:
        labels: (n,) bool, integer or floating; 1 = same, 0 = different.
        pairs: n, the number of pairs they belong to.

    Returns:
        (n,) bool.

    Raises:
        InputError: on another shape, or a label other than 0 and 1, naming the first.
    """
    if labels.shape != (pairs,):
        raise InputError(
            f"labels have the shape {tuple(labels.shape)} and {pairs} pairs need ({pairs},): "
            "one label a pair, 1 = same, 0 = different"
        )
    same = labels == 1
    wrong = torch.nonzero(~same & (labels != 0)).flatten()
    if len(wrong):
        first = int(wrong[0])
        raise InputError(
            f"label {first} is {labels[first].item()}; labels are 1 = same or 0 = different, "
            "so turn other codes (-1/+1, grades) into these two first"
        )
    return same
