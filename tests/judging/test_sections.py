"""Text and tables of a report: the numbers are those given, and every foreign word is escaped."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from textsiamese.judging import sections
from textsiamese.judging.curves import Cuts, threshold_table
from textsiamese.judging.evaluation import Judged
from textsiamese.judging.mistakes import Mistake
from textsiamese.judging.retrieval import retrieve_both_ways


@pytest.fixture
def cuts(judged: Judged) -> Cuts:
    return threshold_table(judged.probability, judged.pairs.labels, judged.evaluation.threshold)


@pytest.fixture
def now(cuts: Cuts, judged: Judged) -> int:
    return int(np.flatnonzero(cuts.threshold == judged.evaluation.threshold)[0])


def test_what_is_not_defined_is_a_dash() -> None:
    assert (sections.percent(math.nan), sections.decimal(math.nan)) == ("–", "–")
    assert (sections.percent(0.5), sections.decimal(0.5)) == ("50.0%", "0.500")


def test_the_verdict_names_the_chance_level_and_judges_the_calibration(judged: Judged) -> None:
    found = judged.evaluation
    said = " ".join(sections.verdict(found))
    commoner = max(found.same, 300 - found.same) / 300
    for share in (found.accuracy, *found.intervals["accuracy"], commoner, found.precision):
        assert f"{share:.1%}" in said
    assert "can be taken at their word" in said
    off = replace(found, ece=found.ece_band[1] + 0.01)
    assert "not to be taken at their word" in " ".join(sections.verdict(off))
    assert "calibrate" in " ".join(sections.verdict(off))
    assert "too few to tell" in " ".join(sections.verdict(replace(found, n=99)))
    assert "says “same”" not in " ".join(sections.verdict(replace(found, precision=math.nan)))


def test_warnings_of_few_pairs_and_of_one_kind(judged: Judged) -> None:
    found = judged.evaluation
    assert sections.warnings(found) == []
    assert sections.warnings(replace(found, n=1, same=0))[0].startswith("Only 1 pair:")
    assert sections.warnings(replace(found, n=99))[0].startswith("Only 99 pairs:")
    assert sections.warnings(replace(found, same=0))[0].startswith("All pairs are labelled diff")
    assert sections.warnings(replace(found, same=300))[0].startswith("All pairs are labelled same")


def test_facts_are_escaped_and_in_order() -> None:
    made = sections.facts_list([("Twin", "<b>"), ("A & B", "2")])
    assert re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", made) == [
        ("Twin", "&lt;b&gt;"),
        ("A &amp; B", "2"),
    ]


def test_a_card_for_every_measure_and_a_dash_where_it_is_not_defined(judged: Judged) -> None:
    made = sections.cards(judged.evaluation)
    assert made.count('class="card"') == 10
    low, high = judged.evaluation.intervals["roc_auc"]
    assert f"{judged.evaluation.roc_auc:.3f}</p>" in made
    assert f"{low:.3f} to {high:.3f}" in made
    band = judged.evaluation.ece_band[1]
    widest = 1.2 * max(band, judged.evaluation.ece)
    assert f"--low:0.0000;--high:{band / widest:.4f};" in made
    nothing = sections.cards(replace(judged.evaluation, roc_auc=math.nan))
    assert nothing.count("not defined on these pairs") == 1
    assert "nan" not in nothing
    perfect = replace(judged.evaluation, ece=0.0, ece_band=(0.0, 0.0))
    assert "--low:0.0000;--high:0.0000;--at:0.0000" in sections.cards(perfect)


def test_slices_with_few_pairs_and_with_none(make_judged: Callable[..., Judged]) -> None:
    judged = make_judged(3, left=["a", "b", "c d"], right=["a", "x 1", "c d e"])
    made = sections.slices_table(judged.evaluation.slices, 0.5)
    assert made.count("<tr>") + made.count('<tr class="empty">') == 1 + 12
    assert made.count("no such pairs") == sum(not each.n for each in judged.evaluation.slices)
    assert made.count('class="few"') == sum(each.n > 0 for each in judged.evaluation.slices)
    assert ">nan" not in made


def test_the_confusion_adds_up(cuts: Cuts, now: int, judged: Judged) -> None:
    told = dict(re.findall(r'data-out="(\w+)">([\d,]+)<', sections.confusion_table(cuts, now)))
    labels, answers = judged.pairs.labels == 1, judged.predicted
    assert told == {
        "hits": str((answers & labels).sum()),
        "misses": str((~answers & labels).sum()),
        "false": str((answers & ~labels).sum()),
        "rejected": str((~answers & ~labels).sum()),
    }
    found = judged.evaluation
    rates = dict(re.findall(r'data-out="(\w+)">([\d.%]+)<', sections.rates_list(cuts, now)))
    assert rates == {
        "accuracy": f"{found.accuracy:.1%}",
        "precision": f"{found.precision:.1%}",
        "recall": f"{found.recall:.1%}",
        "f1": f"{found.f1:.3f}",
    }


def test_presets_lead_to_what_they_say(cuts: Cuts, now: int) -> None:
    chosen = dict(sections.presets(cuts, now))
    found = cuts.rates
    assert chosen["the twin’s own"] == now
    assert found.accuracy[chosen["most right answers"]] == found.accuracy.max()
    assert found.f1[chosen["best F1"]] == np.nanmax(found.f1)
    assert found.precision[chosen["precision 95%"]] >= 0.95
    assert np.all(cuts.threshold[found.recall >= 0.95] <= cuts.threshold[chosen["recall 95%"]])
    assert found.recall[chosen["recall 95%"]] >= 0.95


def test_presets_of_one_class_are_those_that_are_defined() -> None:
    cuts = threshold_table([0.2, 0.8], [0, 0], 0.5)
    assert [name for name, _ in sections.presets(cuts, 0)] == [
        "the twin’s own",
        "most right answers",
        "best F1",
    ]


def test_mistakes_are_escaped_shortened_and_left_out() -> None:
    worst = [Mistake(1234, 0.987, "<script>alert(1)</script>", "x" * 401)]
    shown = sections.mistakes_list(worst, examples=True)
    assert "row 1,234" in shown
    assert "0.987" in shown
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert f"<q dir=auto>{'x' * 400}… <small>(401 characters)</small></q>" in shown
    hidden = sections.mistakes_list(worst, examples=False)
    assert "row 1,234" in hidden
    assert "<q" not in hidden
    assert sections.mistakes_list([], examples=True) == '<p class="none">None.</p>'


def test_a_retrieval_is_told_both_ways() -> None:
    vectors = np.eye(3, dtype=np.float32)
    found = retrieve_both_ways(vectors[:2], vectors, np.array([[0, 0], [1, 1]]))
    table = sections.retrieval_table(found)
    assert "<td>2 among 3</td><td>2 among 2</td>" in table
    assert "<td>1.000 (1.000 to 1.000)</td>" in table
    assert re.findall(r'scope="row">([^<]+)', table)[:2] == ["queries", "recall@1"]
    assert "median rank</th><td>1.0</td>" in table
