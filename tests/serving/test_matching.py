"""ts.match: lists, tables and pictures in; a row for each match out; clear words on the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import textsiamese as ts
from textsiamese.errors import InputError
from textsiamese.serving import matching
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.twin import Twin

ASKED = ["Where do I find my box?", "Why does bread rise?", "Where do I find my box?"]
KNOWN = ["Where is my box?", "How does bread rise?", "Can I learn Python?", "Where is my box?"]


def test_each_match_is_a_row_with_what_the_twin_says_of_it(head_twin: Twin) -> None:
    found = ts.match(head_twin, ASKED, KNOWN, k=3)
    assert list(found.columns) == [
        "left_row",
        "right_row",
        "rank",
        "left",
        "right",
        "similarity",
        "probability",
        "predicted",
    ]
    assert found["left_row"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert found["rank"].tolist() == [1, 2, 3] * 3
    assert found["left"].tolist() == [ASKED[row] for row in found["left_row"]]
    assert found["right"].tolist() == [KNOWN[row] for row in found["right_row"]]
    np.testing.assert_allclose(
        found["similarity"], head_twin.similarity(found["left"], found["right"]), atol=1e-5
    )
    np.testing.assert_allclose(
        found["probability"], head_twin.score(found["left"], found["right"]), atol=1e-5
    )
    assert found["predicted"].dtype == bool
    assert (found["predicted"] == (found["probability"] >= head_twin.threshold)).all()
    assert all(
        group["similarity"].is_monotonic_decreasing for _, group in found.groupby("left_row")
    )


@pytest.mark.parametrize("block", [1, 2])
def test_blocks_leave_no_trace(
    lstm_twin: Twin, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    whole = ts.match(lstm_twin, ASKED, KNOWN, 2)
    monkeypatch.setattr(matching, "_BLOCK", block)
    pd.testing.assert_frame_equal(ts.match(lstm_twin, ASKED, KNOWN, 2), whole, rtol=1e-5)


def test_lists_series_arrays_and_tables_give_the_same(lstm_twin: Twin, tmp_path: Path) -> None:
    expected = ts.match(lstm_twin, ASKED, KNOWN)
    left = pd.DataFrame({"id": range(3), "question": ASKED}, index=[7, 8, 9])
    right = pd.DataFrame({"text": KNOWN, "n": range(4)})
    left.to_csv(tmp_path / "left.csv", index=False)
    right.to_parquet(tmp_path / "right.parquet")
    for one, other in [
        (left, right),
        (left["question"], right["text"]),
        (np.array(ASKED), tuple(KNOWN)),
        (iter(ASKED), iter(KNOWN)),
        (tmp_path / "left.csv", str(tmp_path / "right.parquet")),
    ]:
        pd.testing.assert_frame_equal(ts.match(lstm_twin, one, other), expected)
    named = ts.match(lstm_twin, left, right.rename(columns={"text": "words"}), right_column="words")
    pd.testing.assert_frame_equal(named, expected)


def test_a_twin_without_a_decision_gives_similarities_only(lstm_twin: Twin) -> None:
    undecided = lstm_twin.with_parts(measure=lstm_twin.measure)
    found = ts.match(undecided, ASKED, KNOWN, 1)
    assert list(found.columns)[-1] == "similarity"
    assert len(found) == 3
    with pytest.raises(InputError, match="has no decision yet"):
        ts.match(undecided, ASKED, KNOWN, min_probability=0.5)


def test_matches_below_a_probability_are_left_out(lstm_twin: Twin) -> None:
    every = ts.match(lstm_twin, ASKED, KNOWN)
    least = float(every["probability"].median())
    some = ts.match(lstm_twin, ASKED, KNOWN, min_probability=least)
    expected = every[every["probability"] >= least].reset_index(drop=True)
    assert 0 < len(some) < len(every)
    pd.testing.assert_frame_equal(some, expected)
    assert len(ts.match(lstm_twin, ASKED, KNOWN, min_probability=1)) == 0


def test_more_than_there_are_gives_all(lstm_twin: Twin) -> None:
    found = ts.match(lstm_twin, ASKED[:1], KNOWN, k=1000)
    assert sorted(found["right_row"]) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], KNOWN), "the left side is empty; give one of the texts at least"),
        ((ASKED, []), "the right side is empty"),
        ((ASKED, KNOWN, 0), "k is 0; it must be a whole number, 1 or more"),
        ((ASKED, KNOWN, 2.5), "k is 2.5; it must be a whole number"),
        ((ASKED, KNOWN, True), "k is True; it must be a whole number"),
        ((["a", None], KNOWN), r"left\[1\] is missing"),
        ((ASKED, ["a", " "]), r"right\[1\] is blank"),
        ((ASKED, {"a": 1}), "right is a dict"),
        (("Where is it?", KNOWN), "there is no file Where is it.; to match a single text, give it"),
        ((ASKED, pd.DataFrame({"n": [1]})), "DataFrame: the column of the texts cannot be told"),
    ],
)
def test_what_cannot_be_matched_is_refused(lstm_twin: Twin, arguments: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ts.match(lstm_twin, *arguments)


def test_options_out_of_range_are_refused(lstm_twin: Twin, overlap_twin: Any) -> None:
    with pytest.raises(InputError, match=r"min_probability is 1\.5; it must be between 0 and 1"):
        ts.match(lstm_twin, ASKED, KNOWN, min_probability=1.5)
    with pytest.raises(InputError, match="on_problem is 'skip'"):
        ts.match(lstm_twin, ASKED, KNOWN, on_problem="skip")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="overlap is a cross-encoder and has no vectors"):
        ts.match(overlap_twin, ASKED, KNOWN)


def test_inputs_with_a_problem_can_be_left_out(lstm_twin: Twin, tmp_path: Path) -> None:
    expected = ts.match(lstm_twin, ASKED, KNOWN)
    found = ts.match(lstm_twin, [None, *ASKED], [*KNOWN, ""], on_problem="nan")
    assert found["left_row"].tolist() == [row + 1 for row in expected["left_row"]]
    assert found["right_row"].tolist() == expected["right_row"].tolist()
    path = tmp_path / "known.csv"
    pd.DataFrame({"question": [*KNOWN, ""], "n": 1}).to_csv(path, index=False)
    pd.testing.assert_frame_equal(ts.match(lstm_twin, ASKED, path, on_problem="nan"), expected)
    with pytest.raises(InputError, match=r"known\.csv, line 6: question is empty \(on_problem="):
        ts.match(lstm_twin, ASKED, path)
    with pytest.raises(InputError, match="no right input can be read"):
        ts.match(lstm_twin, ASKED, [None], on_problem="nan")


def test_vectors_are_kept_and_progress_is_told(lstm_twin: Twin, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    for _ in range(2):
        found = ts.match(
            lstm_twin, ASKED, KNOWN, index=tmp_path, progress=lambda *now: told.append(now)
        )
    assert told == [(0, 3), (3, 3)]
    pd.testing.assert_frame_equal(found, ts.match(lstm_twin, ASKED, KNOWN), rtol=1e-5)


def test_captions_are_matched_with_pictures_of_any_source(
    colour_twin: PseudoSiamese, paint: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    folder = paint(a="red", b="blue", c="green")
    paths = [folder / f"{name}.png" for name in "abc"]
    images = [Image.open(path) for path in paths]
    table = pd.DataFrame({"image": [str(path) for path in paths]})
    for right in (folder, paths, [str(path) for path in paths], images, table):
        found = ts.match(colour_twin, ["blue", "red", "yellow"], right, k=1)
        assert found["right_row"].tolist()[:2] == [1, 0]
        assert found["predicted"].tolist() == [True, True, False]
    monkeypatch.chdir(folder)
    relative = pd.DataFrame({"picture": ["a.png", "c.png"]})
    found = ts.match(colour_twin, ["green"], relative, k=1)
    assert found["right"].tolist() == ["c.png"]


def test_pictures_that_cannot_be_read_are_refused_or_left_out(
    colour_twin: PseudoSiamese, paint: Callable[..., Path]
) -> None:
    folder = paint(a="red", c="blue")
    (folder / "b.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"right\[1\]: .*b\.png"):
        ts.match(colour_twin, ["red"], folder)
    found = ts.match(colour_twin, ["blue"], folder, on_problem="nan")
    assert found["right_row"].tolist() == [2, 0]
    with pytest.raises(InputError, match=r"right\[0\] is missing; a path or a PIL image"):
        ts.match(colour_twin, ["red"], [None])
