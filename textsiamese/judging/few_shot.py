"""Few-shot classification: of a few examples a class, the class whose mean is nearest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from textsiamese.errors import InputError
from textsiamese.judging.scored import Floats

Ints = npt.NDArray[np.int64]


def prototype_accuracies(
    vectors: npt.ArrayLike, labels: npt.ArrayLike, shots: int, *, draws: int = 10, seed: int = 0
) -> Floats:
    """How often the nearest prototype is that of the own class, one draw of examples after another.

    A draw takes ``shots`` vectors of each class at random. A class's prototype is their mean
    (prototypical networks, Snell et al. 2017, eq. 1), and every vector that was not drawn belongs
    to the class whose prototype has the greatest cosine to it: the first in order of labels, where
    some are equal. All classes compete at once.

    Args:
        vectors: (n, d) finite, taken as they are: unit length gives each example the same weight.
        labels: (n,) the class of each, as numbers or strings.
        shots: examples a class, 1 or more.
        draws: how often examples are drawn anew.
        seed: of the draws, which depend on labels alone, not on vectors: two encoders meet the
            same ones, and the examples of fewer shots are among those of more.

    Returns:
        (draws,) in [0, 1]; NaN where every vector is an example.

    Raises:
        InputError: if vectors are not finite numbers of shape (n, d) with n labels, or a class
            has fewer than ``shots`` of them.
    """
    given, classes = _checked(vectors, labels, shots)
    random = np.random.default_rng(seed)
    drawn = (draw_examples(classes, shots, random) for _ in range(draws))
    return np.array([_accuracy(given, classes, examples) for examples in drawn], dtype=np.float64)


def draw_examples(classes: Ints, shots: int, random: np.random.Generator) -> Ints:
    """(c, shots) row numbers: of each class some at random, none twice.

    Args:
        classes: (n,) in [0, c), each number there at least ``shots`` times.
        shots: how many of each.
        random: takes one permutation of n from it.
    """
    shuffled = random.permutation(len(classes))
    order = shuffled[np.argsort(classes[shuffled], kind="stable")]
    first = np.searchsorted(classes[order], np.arange(classes.max(initial=-1) + 1))
    return order[first[:, None] + np.arange(shots)]


def _accuracy(vectors: Floats, classes: Ints, examples: Ints) -> float:
    means = vectors[examples].mean(axis=1)  # (c, d)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    prototypes = means / np.where(lengths, lengths, 1)
    nearest = (vectors @ prototypes.T).argmax(axis=1)  # a vector's own length changes no order
    right = np.delete(nearest == classes, examples.ravel())
    return float(right.mean()) if len(right) else np.nan


def _checked(vectors: npt.ArrayLike, labels: npt.ArrayLike, shots: int) -> tuple[Floats, Ints]:
    given, names = np.asarray(vectors, dtype=np.float64), np.asarray(labels)
    if given.ndim != 2 or names.shape != given.shape[:1] or not np.isfinite(given).all():
        raise InputError(
            f"vectors {given.shape} and labels {names.shape} must be finite numbers (n, d) and "
            "the class of each (n,)"
        )
    if shots < 1:
        raise InputError(f"shots is {shots!r}; it must be a whole number, 1 or more")
    found, classes, counts = np.unique(names, return_inverse=True, return_counts=True)
    if counts.min(initial=shots) < shots:
        least = counts.argmin()
        raise InputError(
            f"the class {found[least]!s} has {counts[least]} of the {shots} examples asked for; "
            "leave it out, or ask for fewer"
        )
    return given, classes
