"""The charts of a report: judged pairs under every threshold, and how training came there.

The marks at the threshold move with the slider of the page: along axes from 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from textsiamese.judging.curves import (
    Curve,
    Cuts,
    precision_recall_curve,
    reliability,
    roc_curve,
    score_histogram,
)
from textsiamese.judging.evaluation import Judged
from textsiamese.judging.scored import Floats
from textsiamese.judging.svg import Axes, Axis, round_ticks

LINES = ("one", "two", "three", "four", "five", "six")  # CSS classes of lines that share a chart
_HOVERED = 40  # points of a curve that tell their numbers under the pointer


def roc_chart(judged: Judged, cuts: Cuts, now: int) -> str:
    """ROC curve, chance's diagonal and the point of threshold number `now`; "" for one class."""
    curve = roc_curve(judged.similarity, judged.pairs.labels)
    if not len(curve.x):
        return ""
    axes = Axes(Axis("false alarms: share of the different pairs called same"), Axis("recall"))
    found = judged.evaluation.roc_auc
    here = cuts.false[now] / cuts.different, cuts.hits[now] / cuts.same
    marks = [
        axes.line([(0, 0), (1, 1)], "chance"),
        axes.area([(0, 0), (1, 0)], list(zip(*curve, strict=True)), "below"),
        axes.line(zip(*curve, strict=True), "line one"),
        *_hovered(axes, curve, "false alarms {:.1%}, recall {:.1%}"),
        axes.note((0.96, 0.06), f"area {found:.3f}", "end"),
        axes.dot(here, "now", "at the threshold", 6, moves="roc"),
    ]
    return axes.svg(marks, f"ROC curve; the area below it is {found:.3f}, and 0.5 by chance.")


def precision_recall_chart(judged: Judged, cuts: Cuts, now: int) -> str:
    """Precision over recall, chance's level and the point of threshold `now`; "" if undefined."""
    curve = precision_recall_curve(judged.similarity, judged.pairs.labels)
    if not len(curve.x):
        return ""
    axes = Axes(Axis("recall: share of the same pairs found"), Axis("precision"))
    found, chance = (
        judged.evaluation.average_precision,
        judged.evaluation.same / judged.evaluation.n,
    )
    here = cuts.hits[now] / cuts.same, _precision(cuts, now)
    marks = [
        axes.line([(0, chance), (1, chance)], "chance"),
        axes.area([(0, 0), (1, 0)], list(zip(*curve, strict=True)), "below"),
        axes.line(zip(*curve, strict=True), "line one"),
        *_hovered(axes, curve, "recall {:.1%}, precision {:.1%}"),
        axes.note((0.04, 0.06), f"average precision {found:.3f}"),
        axes.dot(here, "now", "at the threshold", 6, moves="precision-recall"),
    ]
    summary = f"Precision over recall; average precision {found:.3f}, and {chance:.3f} by chance."
    return axes.svg(marks, summary)


def reliability_chart(judged: Judged) -> str:
    """Share of same pairs over probability, and the band in which perfect calibration lies."""
    found = reliability(judged.probability, judged.pairs.labels)
    axes = Axes(Axis("probability that the twin gives"), Axis("share that is the same"))
    low, high = (
        list(zip(found.probability, ends, strict=True)) for ends in (found.low, found.high)
    )
    marks = [axes.line([(0, 0), (1, 1)], "chance"), axes.area(low, high, "band")]
    marks += [axes.line([a, b], "whisker") for a, b in zip(low, high, strict=True)]
    marks.append(axes.line(zip(found.probability, found.same, strict=True), "line thin"))
    outside = (found.same < found.low) | (found.same > found.high)
    for i, n in enumerate(found.n):
        title = (
            f"{n:,} pairs, mean probability {found.probability[i]:.1%}: {found.same[i]:.1%} are "
            f"the same; perfect calibration shows {found.low[i]:.1%} to {found.high[i]:.1%}"
        )
        radius = 3.5 + 4 * math.sqrt(n / found.n.max())
        point = (found.probability[i], found.same[i])
        marks.append(axes.dot(point, "off" if outside[i] else "point", title, radius))
    summary = (
        f"Reliability diagram; {int((~outside).sum())} of {len(found.n)} bins lie where perfect "
        f"calibration would put them."
    )
    return axes.svg(marks, summary)


def histogram_chart(judged: Judged, threshold: float) -> str:
    """Probabilities of the same pairs upwards and of the different ones downwards."""
    found = score_histogram(judged.probability, judged.pairs.labels)
    shares = [counts / max(1, counts.sum()) for counts in (found.same, found.different)]
    top = round_ticks([0.0, max(float(share.max()) for share in shares)], most=4)
    ticks = (*(-tick for tick in reversed(top[1:])), *top)
    y = Axis("share of the class", ticks[0], ticks[-1], ticks, ".0%", mirrored=True)
    axes = Axes(Axis("probability that the twin gives"), y)
    marks = []
    for css, sign, counts, share in (
        ("same", 1, found.same, shares[0]),
        ("different", -1, found.different, shares[1]),
    ):
        for i in np.flatnonzero(counts):
            title = (
                f"{counts[i]:,} pairs labelled {css} ({share[i]:.1%} of them) with a probability "
                f"of {found.edges[i]:.3f} to {found.edges[i + 1]:.3f}"
            )
            ends = (found.edges[i], 0.0), (found.edges[i + 1], sign * share[i])
            marks.append(axes.bar(*ends, f"bar {css}", title))
    marks += [axes.line([(0, 0), (1, 0)], "zero"), _cut(axes, threshold)]
    return axes.svg(marks, "Histogram of the probabilities, same pairs above and different below.")


def trade_off_chart(cuts: Cuts, now: int) -> str:
    """Accuracy, F1, precision and recall over the threshold."""
    axes = Axes(Axis("threshold"), Axis("at that threshold"))
    marks = [
        axes.line(zip(cuts.threshold, values, strict=True), f"line {css}")
        for css, values in zip(LINES, cuts.rates, strict=False)
    ]
    marks.append(_cut(axes, cuts.threshold[now]))
    return axes.svg(marks, "Accuracy, F1, precision and recall over the threshold.")


def learning_chart(history: Sequence[Mapping[str, float]], names: Sequence[str], label: str) -> str:
    """The named columns over the epochs; a dotted line marks the epoch that was kept.

    Args:
        history: an entry an epoch, with its number under "epoch"; "kept" is true for one of them.
        names: which numbers to draw, up to six.
        label: of the y axis.
    """
    epochs = [float(entry["epoch"]) for entry in history]
    columns = [[float(entry.get(name, math.nan)) for entry in history] for name in names]
    axes = Axes(_epoch_axis(epochs), Axis.around(label, (v for column in columns for v in column)))
    kept = [float(entry["epoch"]) for entry in history if entry.get("kept")]
    marks = [axes.line([(at, axes.y.low), (at, axes.y.high)], "kept") for at in kept]
    for css, name, column in zip(LINES, names, columns, strict=False):
        marks.append(axes.line(zip(epochs, column, strict=True), f"line {css}"))
        marks += [
            axes.dot((epoch, value), f"spot {css}", f"epoch {epoch:g}: {name} {value:.4f}", 3.5)
            for epoch, value in zip(epochs, column, strict=True)
            if math.isfinite(value)
        ]
    return axes.svg(marks, f"Learning curves: {', '.join(names)} over the epochs.")


def _epoch_axis(epochs: Sequence[float]) -> Axis:
    """Whole epochs, twelve at most, with some room at both ends."""
    every = math.ceil(len(epochs) / 12)
    return Axis("epoch", min(epochs) - 0.4, max(epochs) + 0.4, tuple(epochs[::every]), "g")


def _precision(cuts: Cuts, now: int) -> float:
    accepted = int(cuts.hits[now] + cuts.false[now])
    return cuts.hits[now] / accepted if accepted else 1.0


def _cut(axes: Axes, threshold: float) -> str:
    ends = [(threshold, axes.y.low), (threshold, axes.y.high)]
    return axes.line(ends, "cut", moves="threshold")


def _hovered(axes: Axes, curve: Curve, form: str) -> Iterable[str]:
    """Points that cannot be seen and tell their numbers, evenly along the curve."""
    steps = np.hypot(np.diff(curve.x), np.diff(curve.y))
    along: Floats = np.append(0.0, np.cumsum(steps))
    places = np.linspace(0, along[-1], _HOVERED)
    x, y = np.interp(places, along, curve.x), np.interp(places, along, curve.y)
    return (axes.dot((a, b), "hover", form.format(a, b), 7) for a, b in zip(x, y, strict=True))
