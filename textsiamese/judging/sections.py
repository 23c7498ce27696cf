"""The parts of a report that are text and tables, as HTML."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from textsiamese.judging.curves import Cuts
from textsiamese.judging.evaluation import Evaluation
from textsiamese.judging.mistakes import Mistake
from textsiamese.judging.retrieval import BothWays, Retrieval
from textsiamese.judging.slices import FEW, Slice

_SHOWN = 400  # characters of a text
_CARDS = {
    "accuracy": ("Accuracy", "right answers at the threshold"),
    "precision": ("Precision", "of those called same, are same"),
    "recall": ("Recall", "of the same pairs, are found"),
    "f1": ("F1", "precision and recall in one"),
    "average_precision": ("Average precision", "ranking, by precision over recall"),
    "roc_auc": ("ROC AUC", "a same pair ranks above a different one"),
    "cross_fitted_accuracy": ("Accuracy within reach", "with a threshold fitted on such pairs"),
    "log_loss": ("Log loss", "of the probability, in nats"),
    "brier": ("Brier score", "squared error of the probability"),
}
_SHARES = {"accuracy", "precision", "recall", "cross_fitted_accuracy"}


def percent(share: float) -> str:
    """A share in percent, or a dash where it is not defined."""
    return "–" if math.isnan(share) else f"{share:.1%}"


def decimal(value: float) -> str:
    """A number with three decimals, or a dash where it is not defined."""
    return "–" if math.isnan(value) else f"{value:.3f}"


def verdict(found: Evaluation) -> list[str]:
    """What the numbers say, in three sentences for somebody who reads no further."""
    low, high = found.intervals["accuracy"]
    commoner = max(found.same, found.n - found.same) / found.n
    said = [
        f"{percent(found.accuracy)} of the answers are right (95% interval {percent(low)} to "
        f"{percent(high)}); always giving the commoner answer would get {percent(commoner)}."
    ]
    if not math.isnan(found.precision) and not math.isnan(found.recall):
        said.append(
            f"Where it says “same”, that is true {percent(found.precision)} of the time; of the "
            f"pairs that are the same it finds {percent(found.recall)}."
        )
    mean, most = found.ece_band
    if found.ece > most:
        conclusion = (
            "so they are not to be taken at their word on pairs like these. Where only the share "
            "of same pairs differs, <code>--prior</code> mends that; "
            "<code>textsiamese calibrate</code> fits them anew"
        )
    elif found.n < FEW:
        conclusion = "nothing speaks against them, on pairs too few to tell"
    else:
        conclusion = "so they can be taken at their word on pairs like these"
    said.append(
        f"Its probabilities are off by {100 * found.ece:.1f} points on average, where a perfectly "
        f"calibrated twin would show {100 * mean:.1f}, and at most {100 * most:.1f} in 95 of 100 "
        f"cases: {conclusion}."
    )
    return said


def warnings(found: Evaluation) -> list[str]:
    """What a reader must know before trusting any number."""
    told = []
    if found.n < FEW:
        pairs = "pair" if found.n == 1 else "pairs"
        told.append(f"Only {found.n} {pairs}: every number on this page is rough.")
    if found.same in (0, found.n):
        held = "same" if found.same else "different"
        told.append(
            f"All pairs are labelled {held}: what compares the two kinds is not defined, and "
            f"nothing here says how well the twin tells them apart."
        )
    return told


def facts_list(facts: Iterable[tuple[str, str]]) -> str:
    """Names and values, as the caller gave them."""
    rows = (
        f"<div><dt>{escape(name)}</dt><dd>{escape(str(value))}</dd></div>" for name, value in facts
    )
    return f'<dl class="facts">{"".join(rows)}</dl>'


def cards(found: Evaluation) -> str:
    """One card a metric with its interval; the ECE with what perfect calibration shows."""
    made = [_card(found, name, *words) for name, words in _CARDS.items()]
    mean, most = found.ece_band
    said = f"perfect: {100 * mean:.1f}, at most {100 * most:.1f} points"
    scale = _scale(0.0, most, found.ece, 1.2 * max(most, found.ece))
    made.append(
        _filled_card("Calibration error", f"{100 * found.ece:.1f} pts", said, scale, "ECE, 15 bins")
    )
    return f'<div class="cards">{"".join(made)}</div>'


def slices_table(slices: Sequence[Slice], overall: float) -> str:
    """A row a slice; the bar behind an accuracy is marked where the whole table lies."""
    head = ("Pairs", "Labelled same", "Accuracy", "F1", "Precision", "Recall", "Avg. precision")
    cells = "".join(f'<th scope="col">{name}</th>' for name in ("Slice", *head))
    groups = dict.fromkeys(each.group for each in slices)
    body = "".join(
        f'<tbody><tr class="group"><th scope="rowgroup" colspan="8">{escape(group)}</th></tr>'
        + "".join(_slice_row(each, overall) for each in slices if each.group == group)
        + "</tbody>"
        for group in groups
    )
    return f'<table class="slices"><thead><tr>{cells}</tr></thead>{body}</table>'


def retrieval_table(found: BothWays) -> str:
    """A row a measure, both ways."""
    ways = (found.left_to_right, found.right_to_left)
    rows = "".join(
        f'<tr><th scope="row">{name.replace("_", " ")}</th>'
        + "".join(f"<td>{_measured(way, name)}</td>" for way in ways)
        + "</tr>"
        for name in ways[0].measures
    )
    counts = [f"{way.queries:,} among {way.candidates:,}" for way in ways]
    head = "".join(f'<th scope="col">{words}</th>' for words in ("Left to right", "Right to left"))
    asked = "".join(f"<td>{count}</td>" for count in counts)
    return (
        f'<table class="slices"><thead><tr><th scope="col">Measure</th>{head}</tr></thead>'
        f'<tbody><tr><th scope="row">queries</th>{asked}</tr>{rows}</tbody></table>'
    )


def _measured(way: Retrieval, name: str) -> str:
    value = way.measures[name]
    if name not in way.intervals:
        return f"{value:,.1f}"
    low, high = way.intervals[name]
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def confusion_table(cuts: Cuts, now: int) -> str:
    """The four counts at threshold number `now`; a script writes others into them."""
    hits, false = int(cuts.hits[now]), int(cuts.false[now])
    same = (("hits", "good", hits, "found"), ("misses", "bad", cuts.same - hits, "missed"))
    different = (
        ("false", "bad", false, "false alarms"),
        ("rejected", "good", cuts.different - false, "rightly apart"),
    )
    body = "".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(
            f'<td class="{css}"><b data-out="{key}">{count:,}</b><small>{words}</small></td>'
            for key, css, count, words in counts
        )
        + "</tr>"
        for name, counts in (("labelled same", same), ("labelled different", different))
    )
    head = '<th></th><th scope="col">called same</th><th scope="col">called different</th>'
    return f'<table class="confusion"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def rates_list(cuts: Cuts, now: int) -> str:
    """Accuracy, precision, recall and F1 at threshold `now`; a script writes others into them."""
    found = cuts.rates
    rows = (
        ("accuracy", "Accuracy", percent(float(found.accuracy[now]))),
        ("precision", "Precision", percent(float(found.precision[now]))),
        ("recall", "Recall", percent(float(found.recall[now]))),
        ("f1", "F1", decimal(float(found.f1[now]))),
    )
    items = (
        f'<div><dt>{word}</dt><dd data-out="{name}">{value}</dd></div>'
        for name, word, value in rows
    )
    return f'<dl class="rates">{"".join(items)}</dl>'


def presets(cuts: Cuts, now: int) -> list[tuple[str, int]]:
    """Thresholds worth looking at: what to call each, and its number."""
    found = cuts.rates
    chosen = [("the twin’s own", now)]
    for name, values in (("most right answers", found.accuracy), ("best F1", found.f1)):
        if not np.isnan(values).all():
            chosen.append((name, int(np.nanargmax(values))))
    for name, values, last in (
        ("precision 95%", found.precision, False),
        ("recall 95%", found.recall, True),
    ):
        reached = np.flatnonzero(values >= 0.95)
        if len(reached):
            chosen.append((name, int(reached[-1] if last else reached[0])))
    return chosen


def mistakes_list(mistakes: Sequence[Mistake], *, examples: bool) -> str:
    """Wrong answers with their rows; their texts only with `examples`."""
    if not mistakes:
        return '<p class="none">None.</p>'
    items = "".join(_mistake(each, examples=examples) for each in mistakes)
    return f'<ol class="mistakes">{items}</ol>'


def _card(found: Evaluation, name: str, title: str, words: str) -> str:
    value, (low, high) = getattr(found, name), found.intervals[name]
    if math.isnan(value):
        return _filled_card(title, "–", "not defined on these pairs", "", words)
    shown = percent if name in _SHARES else decimal
    scale = _scale(low, high, value, max(high, 1.0))  # the log loss may lie above 1
    return _filled_card(title, shown(value), f"{shown(low)} to {shown(high)}", scale, words)


def _scale(low: float, high: float, value: float, end: float) -> str:
    """A bar from 0 to `end` with an interval and a value on it."""
    marks = {"low": low, "high": high, "at": value}  # as the style sheet calls them
    place = (f"--{name}:{mark / (end or 1):.4f}" for name, mark in marks.items())
    return f'<i class="scale" style="{";".join(place)}" aria-hidden="true"></i>'


def _filled_card(title: str, value: str, interval: str, scale: str, words: str) -> str:
    return (
        f'<div class="card"><h3>{title}</h3><p class="value">{value}</p>{scale}'
        f'<p class="interval">{interval}</p><p class="words">{words}</p></div>'
    )


def _slice_row(each: Slice, overall: float) -> str:
    few = '<span class="few" title="fewer than 100 pairs: rough numbers">few</span>'
    name = f'<th scope="row">{escape(each.name)}{few if each.few and each.n else ""}</th>'
    if not each.n:
        return f'<tr class="empty">{name}<td>0</td><td colspan="6">no such pairs</td></tr>'
    bar = f'class="accuracy" style="--at:{each.accuracy:.4f};--all:{overall:.4f}"'
    rest = (each.f1, each.precision, each.recall, each.average_precision)
    cells = "".join(f"<td>{decimal(value)}</td>" for value in rest)
    return (
        f"<tr>{name}<td>{each.n:,}</td><td>{percent(each.same / each.n)}</td>"
        f"<td {bar}><span>{percent(each.accuracy)}</span></td>{cells}</tr>"
    )


def _mistake(mistake: Mistake, *, examples: bool) -> str:
    head = f"<p>row {mistake.row:,} · probability of same <b>{mistake.probability:.3f}</b></p>"
    texts = (mistake.left, mistake.right) if examples else ()
    return f"<li>{head}{''.join(f'<q dir=auto>{_shortened(text)}</q>' for text in texts)}</li>"


def _shortened(text: str) -> str:
    if len(text) <= _SHOWN:
        return escape(text)
    return f"{escape(text[:_SHOWN])}… <small>({len(text):,} characters)</small>"
