from __future__ import annotations

from pathlib import Path

from textsiamese.cli.streamed import pace_lines, text_lines
from textsiamese.serving.tally import Summary, Tally


def test_the_pace_and_where_the_rows_went() -> None:
    fresh = Summary(Tally(rows=100), 0, 2.0, None)
    assert pace_lines(fresh) == ["2.0 s, 50 rows/s"]
    resumed = Summary(Tally(rows=100), 40, 2.0, Path("out.csv"))
    assert pace_lines(resumed) == [
        "2.0 s, 30 rows/s (40 rows came from an earlier run)",
        "written to out.csv",
    ]


def test_cut_and_foreign_texts_are_told() -> None:
    tally = Tally(rows=9, texts=10, cut=2, foreign=5)
    lines = text_lines(Summary(tally, 0, 1.0, None), "English")
    assert lines[0] == "texts longer than the twin reads, cut: 2 of 10"
    assert lines[1].endswith("50.0%")
    assert "reads English" in lines[2]
    assert text_lines(Summary(Tally(rows=1), 0, 1.0, None), "English") == []
