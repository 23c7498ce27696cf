"""The charts: sound XML, the right numbers in the right places, something said for one class."""

from __future__ import annotations

import math
from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
import pytest

from textsiamese.judging import charts, metrics
from textsiamese.judging.curves import reliability, threshold_table
from textsiamese.judging.evaluation import Judged
from textsiamese.judging.svg import BOX

LEFT, RIGHT, TOP, BOTTOM = BOX


def marks(chart: str, css: str) -> list[Element]:
    return [each for each in ElementTree.fromstring(chart).iter() if each.get("class") == css]


def place(dot: Element) -> tuple[float, float]:
    """Where a dot lies on axes from 0 to 1."""
    x, y = float(dot.attrib["cx"]), float(dot.attrib["cy"])
    return (x - LEFT) / (RIGHT - LEFT), (BOTTOM - y) / (BOTTOM - TOP)


def title(mark: Element) -> str:
    return mark[0].text or ""


def test_the_points_of_the_threshold_lie_on_both_curves(judged: Judged) -> None:
    labels, found = judged.pairs.labels, judged.evaluation
    cuts = threshold_table(judged.probability, labels, found.threshold)
    now = int(np.flatnonzero(cuts.threshold == found.threshold)[0])
    (dot,) = marks(charts.roc_chart(judged, cuts, now), "now")
    alarms = judged.predicted[labels == 0].mean()
    assert place(dot) == pytest.approx((alarms, found.recall), abs=1e-3)
    (dot,) = marks(charts.precision_recall_chart(judged, cuts, now), "now")
    assert place(dot) == pytest.approx((found.recall, found.precision), abs=1e-3)
    for chart, area in (
        (charts.roc_chart(judged, cuts, now), found.roc_auc),
        (charts.precision_recall_chart(judged, cuts, now), found.average_precision),
    ):
        assert marks(chart, "note")[0].text is not None
        assert f"{area:.3f}" in marks(chart, "note")[0].text
        hovered = marks(chart, "hover")
        assert len(hovered) == 40
        x, y = place(hovered[20])
        assert f"{x:.1%}"[:2] in title(hovered[20])
        assert f"{y:.1%}"[:2] in title(hovered[20])


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_no_curves_where_they_are_not_defined(
    make_judged: Callable[..., Judged], label: int
) -> None:
    judged = make_judged(labels=[label] * 300)
    cuts = threshold_table(judged.probability, judged.pairs.labels, 0.4)
    assert charts.roc_chart(judged, cuts, 0) == ""
    assert bool(charts.precision_recall_chart(judged, cuts, 0)) == (label == 1)
    for chart in (
        charts.reliability_chart(judged),
        charts.histogram_chart(judged, 0.4),
        charts.trade_off_chart(cuts, 0),
    ):
        assert "nan" not in chart
        ElementTree.fromstring(chart)


def test_nothing_called_same_puts_the_point_at_full_precision(
    make_judged: Callable[..., Judged],
) -> None:
    judged = make_judged(probability=[0.1, 0.2, 0.3], labels=[0, 1, 1], threshold=0.9)
    cuts = threshold_table(judged.probability, judged.pairs.labels, 0.9)
    (dot,) = marks(charts.precision_recall_chart(judged, cuts, len(cuts.threshold) - 1), "now")
    assert place(dot) == pytest.approx((0, 1), abs=1e-3)


def test_reliability_marks_the_bins_outside_the_band(make_judged: Callable[..., Judged]) -> None:
    fair = make_judged(2000)
    found = reliability(fair.probability, fair.pairs.labels)
    chart = charts.reliability_chart(fair)
    dots = marks(chart, "point") + marks(chart, "off")
    assert len(dots) == len(found.n)
    assert sorted(place(dot)[0] for dot in dots) == pytest.approx(found.probability, abs=1e-3)
    assert len(marks(chart, "off")) <= 3
    unfair = make_judged(2000, labels=(1 - fair.pairs.labels).tolist())
    assert len(marks(charts.reliability_chart(unfair), "off")) >= 10
    assert any(f"{found.n[0]:,} pairs, mean probability" in title(dot) for dot in dots)


def test_the_histogram_has_a_bar_for_every_bin_with_pairs(judged: Judged) -> None:
    chart = charts.histogram_chart(judged, 0.4)
    same, different = marks(chart, "bar same"), marks(chart, "bar different")
    middle = (TOP + BOTTOM) / 2
    assert {round(float(bar.attrib["y"]) + float(bar.attrib["height"])) for bar in same} == {
        round(middle)
    }
    assert {round(float(bar.attrib["y"])) for bar in different} == {round(middle)}
    told = sum(int(title(bar).split(" ")[0].replace(",", "")) for bar in same + different)
    assert told == judged.evaluation.n
    (cut,) = marks(chart, "cut")
    assert float(cut.attrib["d"][1:].split()[0]) == pytest.approx(
        LEFT + 0.4 * (RIGHT - LEFT), abs=0.1
    )


def test_the_trade_off_has_four_lines(judged: Judged) -> None:
    cuts = threshold_table(judged.probability, judged.pairs.labels, 0.4)
    now = int(np.flatnonzero(cuts.threshold == 0.4)[0])
    assert cuts.rates.accuracy[now] == metrics.accuracy(judged.predicted, judged.pairs.labels)
    chart = charts.trade_off_chart(cuts, now)
    drawn = [marks(chart, f"line {css}") for css in charts.LINES]
    assert [len(lines) for lines in drawn] == [1, 1, 1, 1, 0, 0]


def test_learning_curves() -> None:
    history = [
        {"epoch": 1, "loss": 0.5, "f1": 0.8},
        {"epoch": 2, "loss": math.nan, "f1": 0.85, "kept": True},
        {"epoch": 3, "loss": 0.3},
    ]
    chart = charts.learning_chart(history, ["loss", "f1"], "both")
    assert [title(spot) for spot in marks(chart, "spot one")] == [
        "epoch 1: loss 0.5000",
        "epoch 3: loss 0.3000",
    ]
    assert len(marks(chart, "spot two")) == 2
    (kept,) = marks(chart, "kept")
    assert float(kept.attrib["d"][1:].split()[0]) == pytest.approx((LEFT + RIGHT) / 2)
    assert "nan" not in chart


@pytest.mark.parametrize("epochs", [1, 12, 13, 100])
def test_epochs_are_numbered_sparsely(epochs: int) -> None:
    history = [{"epoch": float(i + 1), "loss": 1 / (i + 1)} for i in range(epochs)]
    chart = charts.learning_chart(history, ["loss"], "loss")
    ticks = [each.text for each in marks(chart, "tick") if each.get("text-anchor") == "middle"]
    assert 1 <= len(ticks) <= 12
    assert ticks[0] == "1"
