"""Axes and marks: what is drawn lies where the numbers say, and is sound XML."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textsiamese.judging.svg import BOX, HEIGHT, WIDTH, Axes, Axis, round_ticks

LEFT, RIGHT, TOP, BOTTOM = BOX
numbers = st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-6)


@given(st.lists(numbers, min_size=1, max_size=8))
def test_ticks_are_round_few_and_hold_all_values(values: list[float]) -> None:
    ticks = round_ticks(values)
    assert 2 <= len(ticks) <= 12
    step = ticks[1] - ticks[0]
    assert ticks[0] <= min(values) + step * 1e-6
    assert max(values) - step * 1e-6 <= ticks[-1]
    digit = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(digit - round_one) for round_one in (1, 2, 5)) < 1e-3


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.0, 1.0], (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        ([0.83, 0.93], (0.82, 0.84, 0.86, 0.88, 0.9, 0.92, 0.94)),
        ([0.0, 37.0], (0.0, 10.0, 20.0, 30.0, 40.0)),
        ([math.nan, 0.5], (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
        ([math.nan], (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        ([], (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
    ],
)
def test_ticks_by_hand(values: list[float], ticks: tuple[float, ...]) -> None:
    assert round_ticks(values) == ticks


def test_an_axis_around_values_writes_as_many_decimals_as_it_needs() -> None:
    axis = Axis.around("loss", [0.83, 0.93])
    assert [axis.written(tick) for tick in axis.ticks][:3] == ["0.82", "0.84", "0.86"]
    assert Axis.around("n", [0, 40]).written(40) == "40"
    assert Axis("share", -1, 1, (-1, 0, 1), ".0%", mirrored=True).written(-1) == "100%"


def test_points_lie_where_the_numbers_say() -> None:
    axes = Axes(Axis("x", 10, 20), Axis("y", -1, 1))
    assert axes.at(10, -1) == (LEFT, BOTTOM)
    assert axes.at(20, 1) == (RIGHT, TOP)
    assert axes.at(15, 0) == ((LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2)
    bar = ElementTree.fromstring(axes.bar((10, 0), (15, 1), "bar", "a & b"))
    assert bar.attrib["x"] == f"{LEFT:.1f}"
    assert bar.attrib["y"] == f"{TOP:.1f}"
    assert float(bar.attrib["height"]) == (BOTTOM - TOP) / 2
    assert bar[0].text == "a & b"
    below = ElementTree.fromstring(axes.bar((10, 0), (15, -1), "bar", ""))
    assert float(below.attrib["y"]) == (TOP + BOTTOM) / 2


def test_lines_pass_over_what_is_not_finite_and_marks_can_move() -> None:
    axes = Axes(Axis("x"), Axis("y"))
    line = ElementTree.fromstring(axes.line([(0, 0), (0.5, math.nan), (1, 1)], "line", "roc"))
    assert line.attrib["d"] == f"M{LEFT:.1f} {BOTTOM:.1f}L{RIGHT:.1f} {TOP:.1f}"
    assert line.attrib["data-moves"] == "roc"
    assert "data-moves" not in axes.dot((0, 0), "point")
    area = ElementTree.fromstring(axes.area([(0, 0), (1, 0)], [(0, 1), (1, 1)], "band"))
    assert area.attrib["d"].endswith("Z")
    assert area.attrib["d"].count("L") == 3


def test_the_chart_is_sound_and_says_what_it_shows() -> None:
    axes = Axes(Axis("across <b>"), Axis("up"))
    chart = ElementTree.fromstring(axes.svg([axes.dot((1, 1), "point")], 'a "chart" & more'))
    assert chart.attrib["role"] == "img"
    assert chart.attrib["aria-label"] == 'a "chart" & more'
    assert chart.attrib["viewBox"] == f"0 0 {WIDTH} {HEIGHT}"
    words = [text.text for text in chart.iter("text")]
    assert "across <b>" in words
    assert words.count("0.2") == 2
    for text in chart.iter("text"):
        assert 0 <= float(text.attrib["x"]) <= WIDTH
        assert 0 <= float(text.attrib["y"]) <= HEIGHT
