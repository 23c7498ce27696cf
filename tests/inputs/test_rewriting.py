from __future__ import annotations

import numpy as np

from textsiamese.inputs.rewriting import Rule, rules

DRAW = np.random.default_rng(0)


def test_only_the_first_match_is_replaced() -> None:
    rule = Rule("name", False, r"(\w)at", r"\1og")
    assert rule("a cat and a rat", DRAW) == "a cog and a rat"
    assert rule("a dog", DRAW) is None


def test_a_question_that_holds_unless_is_left_alone() -> None:
    rule = Rule("number", True, "ten", "10", unless="not")
    assert rule("is it ten?", DRAW) == "is it 10?"
    assert rule("is it not ten?", DRAW) is None


def test_a_function_sees_the_match_and_may_decline() -> None:
    rule = Rule("name", True, r"\w+$", lambda match, _: match[0].upper() if match[0] else None)
    assert rule("go to rome", DRAW) == "go to ROME"
    declines = Rule("name", True, "rome", lambda *_: None)
    assert declines("go to rome", DRAW) is None


def test_a_function_draws() -> None:
    rule = Rule("number", False, r"\d+", lambda _, draw: str(draw.integers(1000)))
    drawn = [rule("7", np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_several_of_one_kind() -> None:
    made = rules("order", True, ("a", "b"), ("c", "d", "e"))
    assert made == [Rule("order", True, "a", "b"), Rule("order", True, "c", "d", "e")]
