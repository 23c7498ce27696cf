"""The report: one HTML file that holds everything, opens without network, in light and in dark."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

import numpy as np

from textsiamese import __version__
from textsiamese.errors import InputError
from textsiamese.judging import charts, sections
from textsiamese.judging.curves import Cuts, threshold_table
from textsiamese.judging.evaluation import Judged
from textsiamese.judging.mistakes import worst_mistakes
from textsiamese.judging.retrieval import BothWays
from textsiamese.judging.svg import BOX
from textsiamese.writing import check_free, told, write_whole

_UNDEFINED = '<div class="missing">Not defined: the pairs are of one kind only.</div>'

History = Sequence[Mapping[str, float]]


def write_report(
    path: str | os.PathLike[str],
    judged: Judged,
    *,
    title: str,
    facts: Iterable[tuple[str, str]],
    history: History | None = None,
    retrieval: BothWays | None = None,
    examples: bool = True,
    overwrite: bool = False,
) -> None:
    """Write all that there is to know about judged pairs as one HTML file.

    It loads nothing from anywhere, and is there whole or not at all.

    Args:
        path: the file.
        judged: the pairs, their scores and metrics.
        title: of the page, such as "my-twin on dev.csv".
        facts: what was trained on what, as names and values, in the order to be shown.
        history: of a training, an entry an epoch: its number under "epoch", the mean "loss", and
            metrics under their names; "kept" is true in the entry of the epoch that was kept.
        retrieval: how well what belongs together was found among all, if that was asked.
        examples: show the texts of the worst mistakes; without, no text of the pairs is in the
            file.
        overwrite: replace a file that is there.

    Raises:
        InputError: the name cannot be that of a file, or the history lacks an epoch's number.
        OutputExistsError: the file is there, and `overwrite` is not asked for.
        OutputError: it cannot be written.
    """
    out = Path(path)
    check_free(out, overwrite=overwrite)
    page = report_page(
        judged, title=title, facts=facts, history=history, retrieval=retrieval, examples=examples
    )
    content = page.encode("utf-8", "replace")
    with told(out):
        write_whole(out, lambda file: file.write(content))


def report_page(
    judged: Judged,
    *,
    title: str,
    facts: Iterable[tuple[str, str]],
    history: History | None = None,
    retrieval: BothWays | None = None,
    examples: bool = True,
) -> str:
    """The page itself; everything as for `write_report`."""
    found = judged.evaluation
    cuts = threshold_table(judged.probability, judged.pairs.labels, found.threshold)
    now = int(np.argmin(np.abs(cuts.threshold - found.threshold)))
    warned = "".join(f'<p class="warning">{words}</p>' for words in sections.warnings(found))
    said = "".join(f"<p>{sentence}</p>" for sentence in sections.verdict(found))
    body = [
        f'{warned}<section class="panel verdict">{said}</section>{sections.facts_list(facts)}',
        _section("Metrics", "With 95% bootstrap intervals.", sections.cards(found)),
        _retrieval(retrieval) if retrieval else "",
        _learning(history) if history else "",
        _curves(judged, cuts, now),
        _threshold(cuts, now),
        _slices(judged),
        _mistakes(judged, examples=examples),
    ]
    return Template(_asset("report.html")).substitute(
        title=escape(title),
        style=_asset("report.css"),
        script=_asset("report.js"),
        body="\n".join(body),
        data=_data(cuts, now),
        footer=f"Written by textsiamese {__version__}. Everything is in this file.",
    )


def _retrieval(found: BothWays) -> str:
    words = "Each input looked for among all of the other side, by cosine; with 95% intervals."
    table = sections.retrieval_table(found)
    return _section("Retrieval", words, f'<div class="panel scroll" tabindex="0">{table}</div>')


def _learning(history: History) -> str:
    """The loss, and the metrics on dev, by epoch."""
    if not all("epoch" in entry for entry in history):
        raise InputError('every entry of the history needs the number of its epoch, "epoch"')
    told_by = dict.fromkeys(name for entry in history for name in entry)
    names = [name for name in told_by if name not in ("epoch", "loss", "kept")][: len(charts.LINES)]
    words = [name.replace("_", " ") for name in names]
    drawn = []
    if "loss" in told_by:
        chart = charts.learning_chart(history, ["loss"], "mean loss")
        drawn.append(
            _figure(
                "Loss in training",
                "While it falls, the twin still learns from the pairs it trains on.",
                chart,
            )
        )
    if names:
        chart = charts.learning_chart(history, names, "metric on dev")
        says = "On pairs that do not train. Where they stop rising, training has done its work."
        drawn.append(_figure("Metrics on dev", says, chart, _legend(words)))
    kept = any(entry.get("kept") for entry in history)
    lead = "Epoch by epoch" + (", and the one that was kept (dotted)." if kept else ".")
    return _section("Learning curves", lead, f'<div class="charts">{"".join(drawn)}</div>')


def _curves(judged: Judged, cuts: Cuts, now: int) -> str:
    drawn = (
        _figure(
            "ROC",
            "How many of the same pairs are found at the price of how many false alarms. "
            "Dotted: chance.",
            charts.roc_chart(judged, cuts, now),
        ),
        _figure(
            "Precision and recall",
            "How sure a “same” is, when so many of the same pairs are to be found. Dotted: chance.",
            charts.precision_recall_chart(judged, cuts, now),
        ),
        _figure(
            "Reliability",
            "Of pairs given 70%, seven in ten should be the same. Shaded: where perfect "
            "calibration lies in 95 of 100 cases. A ring marks a bin outside.",
            charts.reliability_chart(judged),
        ),
        _figure(
            "Scores by class",
            "Same pairs upwards, different ones downwards, each class adding up to 100%. "
            "Dashed: the threshold.",
            charts.histogram_chart(judged, judged.evaluation.threshold),
            _legend(("labelled same", "labelled different"), "bar"),
        ),
    )
    lead = "Point at a curve or bar for its numbers. The orange dots stand at the threshold."
    return _section("Curves", lead, f'<div class="charts">{"".join(drawn)}</div>')


def _threshold(cuts: Cuts, now: int) -> str:
    buttons = "".join(
        f'<button type="button" data-number="{number}">{name}</button>'
        for name, number in sections.presets(cuts, now)
    )
    value = f"{cuts.threshold[now]:.4f}"
    slider = (
        f'<div class="slider" hidden><label for="slider"><span>Threshold on the probability</span>'
        f'<output data-out="threshold">{value}</output></label>'
        f'<input id="slider" type="range" min="0" max="{len(cuts.threshold) - 1}" value="{now}">'
        f'<div class="presets">{buttons}</div>'
        f'<p class="cost" data-out="cost" aria-live="polite"></p>'
        f'<p>To score with it: <code>--threshold <span data-out="threshold">{value}</span></code>'
        f"</p></div>"
    )
    chart = charts.trade_off_chart(cuts, now)
    legend = _legend(("accuracy", "F1", "precision", "recall"))
    counts = sections.confusion_table(cuts, now) + sections.rates_list(cuts, now)
    lead = (
        "What is called same, and what it costs to ask for more or less of it. A threshold that is "
        "chosen by these pairs looks a little better on them than it will elsewhere."
    )
    inside = f'<div>{slider}{counts}</div><div class="trade">{chart}{legend}</div>'
    return _section("Threshold", lead, f'<div class="panel threshold">{inside}</div>')


def _slices(judged: Judged) -> str:
    found = judged.evaluation
    if not found.slices:
        return ""
    lead = (
        f"The same numbers on parts of the pairs; on all of them the accuracy is "
        f"{sections.percent(found.accuracy)} (the mark in each bar). Slices differ in how many of "
        f"their pairs are the same, and with that in what is easy to reach."
    )
    table = sections.slices_table(found.slices, found.accuracy)
    return _section("Slices", lead, f'<div class="panel scroll" tabindex="0">{table}</div>')


def _mistakes(judged: Judged, *, examples: bool) -> str:
    worst = worst_mistakes(judged)
    lead = (
        "The most confident wrong answers. Some of them may be wrong labels: correct those first. "
        "Rows are counted from 1, without the header."
    )
    kinds = (
        ("False alarms", "Called same, and labelled different.", worst.false_alarms),
        ("Misses", "Called different, and labelled same.", worst.misses),
    )
    panels = "".join(
        f'<div class="panel"><h3>{name}</h3><p>{words}</p>'
        f"{sections.mistakes_list(mistakes, examples=examples)}</div>"
        for name, words, mistakes in kinds
    )
    return _section("Worst mistakes", lead, f'<div class="kinds">{panels}</div>')


def _section(title: str, lead: str, content: str) -> str:
    return f'<section><h2>{title}</h2><p class="lead">{lead}</p>{content}</section>'


def _figure(title: str, words: str, chart: str, legend: str = "") -> str:
    return f"<figure><h3>{title}</h3><p>{words}</p>{chart or _UNDEFINED}{legend}</figure>"


def _legend(names: Sequence[str], mark: str = "line") -> str:
    """What the marks of a chart mean: those of `charts.LINES`, in that order, or bars."""
    looks = charts.LINES if mark == "line" else ("same", "different")
    items = (
        f'<span><svg viewBox="0 0 30 8" aria-hidden="true"><path class="{mark} {look}" '
        f'd="M1 4H29"/></svg>{escape(name)}</span>'
        for look, name in zip(looks, names, strict=False)
    )
    return f'<div class="legend">{"".join(items)}</div>'


def _data(cuts: Cuts, now: int) -> str:
    """What the slider computes from."""
    columns = {name: getattr(cuts, name).tolist() for name in ("threshold", "hits", "false")}
    return json.dumps(
        {**columns, "same": cuts.same, "different": cuts.different, "own": now, "box": BOX}
    )


def _asset(name: str) -> str:
    return files("textsiamese.judging").joinpath("page", name).read_text(encoding="utf-8")
