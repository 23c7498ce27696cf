"""Charts as SVG: two axes, and the marks that stand between them; colours come from CSS classes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 440, 320
BOX = (58, 428, 14, 272)  # left, right, top and bottom of what the axes enclose

Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """A scale from `low` to `high`, and where it is labelled.

    Attributes:
        label: what it measures.
        low, high: its ends, low < high.
        ticks: the values that are written at it.
        form: how they are written, as for `format`; the sign is left out if `mirrored`.
        mirrored: it counts upwards in both directions from 0.
    """

    label: str
    low: float = 0.0
    high: float = 1.0
    ticks: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    form: str = ".1f"
    mirrored: bool = False

    @classmethod
    def around(cls, label: str, values: Iterable[float]) -> Axis:
        """An axis with round ticks that holds all the values."""
        ticks = round_ticks(values)
        digits = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
        return cls(label, ticks[0], ticks[-1], ticks, f".{digits}f")

    def share(self, value: float) -> float:
        """How far along the axis a value lies: 0 at the low end, 1 at the high one."""
        return (value - self.low) / (self.high - self.low)

    def written(self, value: float) -> str:
        """A value as it is written at the axis."""
        return format(abs(value) if self.mirrored else value, self.form)


def round_ticks(values: Iterable[float], most: int = 6) -> tuple[float, ...]:
    """Two to `most` or so values, 1, 2 or 5 times a power of ten apart, around the finite ones."""
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    if high - low < 1e-9 * max(1.0, abs(low)):
        low, high = low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1)
    rough = (high - low) / (most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(number * step, 12) for number in range(first, last + 1))


@dataclass(frozen=True)
class Axes:
    """The two axes of a chart; its methods give marks as SVG.

    Every mark takes a CSS class. Some have a title, which a browser shows under the pointer, and
    what a script shall move says by which number (`moves`).
    """

    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> Point:
        """Where a point of data lies in the picture."""
        left, right, top, bottom = BOX
        return left + (right - left) * self.x.share(x), bottom - (bottom - top) * self.y.share(y)

    def line(self, points: Iterable[Point], css: str, moves: str = "") -> str:
        """A line through points; those that are not finite are passed over."""
        return f'<path class="{css}"{_moving(moves)} d="{self._path(points)}"/>'

    def area(self, low: Sequence[Point], high: Sequence[Point], css: str) -> str:
        """What lies between two lines."""
        return f'<path class="{css}" d="{self._path([*low, *reversed(high)])}Z"/>'

    def bar(self, start: Point, end: Point, css: str, title: str) -> str:
        """A rectangle between two opposite corners."""
        (ax, ay), (bx, by) = self.at(*start), self.at(*end)
        size = f'width="{abs(bx - ax):.1f}" height="{abs(by - ay):.1f}"'
        return (
            f'<rect class="{css}" x="{min(ax, bx):.1f}" y="{min(ay, by):.1f}" {size}>'
            f"{_title(title)}</rect>"
        )

    def dot(
        self, point: Point, css: str, title: str = "", radius: float = 4, moves: str = ""
    ) -> str:
        """A disc; its radius is that in the picture."""
        x, y = self.at(*point)
        place = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"'
        return f'<circle class="{css}"{_moving(moves)} {place}>{_title(title)}</circle>'

    def note(self, point: Point, text: str, anchor: str = "start") -> str:
        """A few words beside a point."""
        x, y = self.at(*point)
        return _words(x, y, text, anchor, "note")

    def svg(self, marks: Iterable[str], summary: str) -> str:
        """The whole chart; the summary says in a sentence what is to be seen."""
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(summary)}">'
            f"{self._scales()}{''.join(marks)}</svg>"
        )

    def _path(self, points: Iterable[Point]) -> str:
        finite = (point for point in points if all(map(math.isfinite, point)))
        places = (self.at(*point) for point in finite)
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)

    def _scales(self) -> str:
        """Grid, numbers and labels of both axes."""
        left, right, top, bottom = BOX
        drawn = []
        for value in self.y.ticks:
            _, y = self.at(self.x.low, value)
            drawn.append(f'<path class="grid" d="M{left} {y:.1f}H{right}"/>')
            drawn.append(_words(left - 8, y + 4, self.y.written(value), "end"))
        for value in self.x.ticks:
            x, _ = self.at(value, self.y.low)
            drawn.append(f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>')
            drawn.append(_words(x, bottom + 18, self.x.written(value), "middle"))
        drawn.append(_words((left + right) / 2, HEIGHT - 8, self.x.label, "middle", "label"))
        middle = (top + bottom) / 2
        turned = f'transform="rotate(-90 11 {middle:.1f})"'
        drawn.append(_words(11, middle, self.y.label, "middle", "label", turned))
        return "".join(drawn)


def _words(x: float, y: float, text: str, anchor: str, css: str = "tick", more: str = "") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{css}" {place} {more}>{escape(text)}</text>'


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>" if text else ""


def _moving(moves: str) -> str:
    return f' data-moves="{moves}"' if moves else ""
