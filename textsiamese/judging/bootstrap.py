"""Bootstrap intervals of all metrics at once, from resampled counts on one sorted ranking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from textsiamese.judging.metrics import areas, log_losses, ranking, rates
from textsiamese.judging.scored import Bools, Floats

_BLOCK = 500_000  # weights held at once, to stay in the processor's cache and bound memory
_DRAWS = 20_000_000  # pairs drawn in all, before fewer than 1,000 resamples are taken


def bootstrap_intervals(
    similarity: Floats,
    probability: Floats,
    predicted: Bools,
    same: Bools,
    shares: Mapping[str, Floats],
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """95% percentile intervals (Efron 1979) over resamples of the pairs.

    1,000 resamples up to 20,000 pairs, fewer above, 200 at least. Pairs are taken as independent:
    where many share a text, the true intervals are somewhat wider. The threshold is held fixed.
    Resamples in which a metric is not defined are left out of its interval; (NaN, NaN) if all are.

    Args:
        similarity: (n,) ranks the pairs.
        probability: (n,) in [0, 1].
        predicted: (n,) the answers.
        same: (n,) the labels.
        shares: further per-pair values (n,) whose means get an interval under their name.
        seed: draws the resamples.

    Returns:
        Name of the metric -> (2.5th, 97.5th percentile): those of `Rates` and `Areas`,
        "log_loss", "brier", and the names of `shares`.
    """
    order, ends = ranking(similarity)  # all is sorted once; every resample is counts on this order
    same, yes, probability = same[order], predicted[order], probability[order]
    means = {"log_loss": log_losses(probability, same), "brier": (probability - same) ** 2}
    means |= {name: values[order] for name, values in shares.items()}
    columns = np.stack([same & yes, yes, same, np.ones_like(same), *means.values()], axis=1)
    drawn: dict[str, list[Floats]] = {}
    for weights in _resamples(len(same), np.random.default_rng(seed)):
        hits, accepted, positives, total, *sums = (weights @ columns).T
        seen = rates(hits, accepted, positives, total)._asdict()
        counted = np.cumsum(weights, axis=1)[:, ends]
        seen |= areas(np.cumsum(weights * same, axis=1)[:, ends], counted)._asdict()
        seen |= {name: column / total for name, column in zip(means, sums, strict=True)}
        for name, values in seen.items():
            drawn.setdefault(name, []).append(values)
    return {name: _interval(np.concatenate(values)) for name, values in drawn.items()}


def mean_intervals(values: Mapping[str, Floats], seed: int = 0) -> dict[str, tuple[float, float]]:
    """95% percentile intervals of means, over as many resamples as `bootstrap_intervals` takes.

    Args:
        values: name -> (n,) finite numbers, n >= 1 and the same for all.
        seed: draws the resamples.
    """
    columns = np.stack(list(values.values()), axis=1)
    n = len(columns)
    drawn = [weights @ columns / n for weights in _resamples(n, np.random.default_rng(seed))]
    means = np.concatenate(drawn)
    return {name: _interval(column) for name, column in zip(values, means.T, strict=True)}


def _resamples(n: int, random: np.random.Generator) -> Iterator[Floats]:
    """Blocks (r, n) of how often each pair is drawn, each row summing to n."""
    replicates = int(np.clip(_DRAWS // n, 200, 1000))
    block = max(1, _BLOCK // n)
    for first in range(0, replicates, block):
        rows = min(block, replicates - first)
        drawn = random.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * n)
        yield counts.reshape(rows, n).astype(np.float64)


def _interval(values: Floats) -> tuple[float, float]:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return np.nan, np.nan
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)
