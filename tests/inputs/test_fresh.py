from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from textsiamese.errors import InputError
from textsiamese.inputs.fresh import fresh_questions
from textsiamese.inputs.pairs import Pairs

QUESTIONS = ["How old is it?", "how old is it", "Who?", "Why not?", "WHY NOT", "Where is 5kg?"]


def pairs(*rows: tuple[str, str]) -> Pairs:
    left, right = zip(*rows, strict=True)
    return Pairs(list(left), list(right), np.zeros(len(rows)), "t")


def known(*texts: tuple[int, int], size: int = 4) -> list[int]:
    return sorted(a * size + b for a, b in texts)


def test_the_first_text_of_each_question() -> None:
    fresh = fresh_questions(QUESTIONS)
    assert fresh.texts == ["How old is it?", "Who?", "Why not?", "Where is 5kg?"]
    assert (fresh.repeated, fresh.held_out, fresh.known.tolist()) == (2, 0, [])


def test_a_known_pair_has_its_number_whichever_way_it_was_written() -> None:
    table = pairs(("who", "How old is it ?"), ("Where is 5 kg", "who?"), ("Who?", "other"))
    again = pairs(("How old is it?", "WHO"))
    fresh = fresh_questions(QUESTIONS, avoid=[table, again])
    assert fresh.known.tolist() == known((0, 1), (1, 3))


def test_no_question_of_a_table_that_is_held_out() -> None:
    table = pairs(("Is it?", "WHO"))
    fresh = fresh_questions(QUESTIONS, held_out=table, avoid=pairs(("why not", "where is 5kg")))
    assert fresh.texts == ["How old is it?", "Why not?", "Where is 5kg?"]
    assert (fresh.repeated, fresh.held_out) == (2, 1)
    assert fresh.known.tolist() == known((1, 2), size=3)


def test_tables_of_any_kind_with_or_without_labels(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text_a,text_b\nwho?,\nwho?,why not\n")
    frame = pd.DataFrame({"question1": ["who"], "question2": ["where is 5kg"], "is_duplicate": [1]})
    fresh = fresh_questions(QUESTIONS, avoid=[tmp_path / "a.csv", frame])
    assert fresh.known.tolist() == known((1, 2), (1, 3))
    assert fresh_questions(QUESTIONS, held_out=str(tmp_path / "a.csv")).held_out == 2


def test_a_table_that_cannot_be_read() -> None:
    with pytest.raises(InputError, match="text columns cannot be told"):
        fresh_questions(QUESTIONS, avoid=pd.DataFrame({"a": ["x"], "b": ["y"]}))
