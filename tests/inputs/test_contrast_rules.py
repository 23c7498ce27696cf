from __future__ import annotations

import re

import numpy as np
import pytest

from textsiamese.inputs.contrast_rules import RULES

CHANGED = {
    "order": [
        ("How do I fly from Oslo to New York?", "How do I fly from New York to Oslo?"),
        ("How do I convert PDF to Word?", "How do I convert Word to PDF?"),
        ("Should I use Ruby instead of Python?", "Should I use Python instead of Ruby?"),
        ("Why is jute stronger than silk?", "Why is silk stronger than jute?"),
        ("How does stress affect dreams?", "How do dreams affect stress?"),
        ("Why do people trust Quora?", "Why does Quora trust people?"),
        ("Why did Rome attack Carthage?", "Why did Carthage attack Rome?"),
    ],
    "negation": [
        ("Can I cook rice?", "Can I not cook rice?"),
        ("Should women vote?", "Should women not vote?"),
        ("Do I need a visa?", "Do I not need a visa?"),
        ("Why do people like dogs?", "Why do people not like dogs?"),
        ("What should I eat after a run?", "What should I not eat after a run?"),
        ("Which phone should I buy?", "Which phone should I not buy?"),
        ("Is it safe to eat snow?", "Is it not safe to eat snow?"),
        ("Is it rude to leave early?", "Is it rude not to leave early?"),
        ("What are the benefits of eating meat?", "What are the benefits of not eating meat?"),
        ("What happens if you pay late?", "What happens if you don't pay late?"),
        ("Why don't birds fall?", "Why do birds fall?"),
        ("Which birds are not able to fly?", "Which birds are able to fly?"),
        ("Why can't I sleep?", "Why can I sleep?"),
        ("Why won’t it start?", "Why will it start?"),
        ("How do I ride without a saddle?", "How do I ride with a saddle?"),
        ("How do I learn without reading books?", "How do I learn by reading books?"),
        ("Why is it impossible to fly?", "Why is it possible to fly?"),
    ],
    "number": [],
}
KEPT = {
    "order": [
        ("How do I fly from Oslo to New York?", "How do I fly to New York from Oslo?"),
        ("How do I convert PDF to Word?", "How do I turn PDF into Word?"),
        ("Should I use Ruby instead of Python?", "Should I use Ruby rather than Python?"),
        ("Why is jute stronger than silk?", "Why is silk weaker than jute?"),
        ("Why is tea more popular than milk?", "Why is milk less popular than tea?"),
        ("How does stress affect dreams?", "How are dreams affected by stress?"),
        ("Why did Rome attack Carthage?", "Why was Carthage attacked by Rome?"),
    ],
    "negation": [
        ("Why don't people sing?", "Why do people not sing?"),
        ("Why do people not sing?", "Why don't people sing?"),
        ("What if they don't pay?", "What if they do not pay?"),
        ("Which birds are not blue?", "Which birds aren't blue?"),
        ("What if I can't pay?", "What if I am unable to pay?"),
        ("Why can't I sleep?", "Why am I unable to sleep?"),
        ("Why can't we fly?", "Why are we unable to fly?"),
        ("Why is it not possible to fly?", "Why is it impossible to fly?"),
        ("Why is it impossible to fly?", "Why is it not possible to fly?"),
        ("Why is he not able to sing?", "Why is he unable to sing?"),
        ("Why is he unable to sing?", "Why is he not able to sing?"),
        ("Why do people not like snow?", "Why do people dislike snow?"),
        ("What if people don't like snow?", "What if people dislike snow?"),
        ("Can I ride without a saddle?", "Can I ride with no saddle?"),
        ("What if I don't have a car?", "What if I have no car?"),
        ("How do I stop my dog from barking?", "How do I keep my dog from barking?"),
    ],
    "number": [
        ("What can I do in 10 days?", "What can I do in ten days?"),
        ("What can I do in ten days?", "What can I do in 10 days?"),
        ("What phone is under 15000?", "What phone is under 15,000?"),
        ("What phone is under 15,000?", "What phone is under 15000?"),
        ("What is $300 worth?", "What is 300 dollars worth?"),
        ("What is 5% of this?", "What is 5 percent of this?"),
        ("What is 5 percent of this?", "What is 5% of this?"),
        ("What are jobs for a 15 year old?", "What are jobs for someone aged 15?"),
        ("What was new in 2016?", "In 2016, what was new?"),
    ],
    "name": [
        ("Where is NYC on a map?", "Where is New York City on a map?"),
        ("What are good schools in India?", "In India, what are good schools?"),
        ("What are good jokes on Quora?", "On Quora, what are good jokes?"),
        ("What is the capital of Peru?", "What is Peru's capital?"),
    ],
    "wording": [
        ("How do I sing?", "How can I sing?"),
        ("How can I sing?", "How do I sing?"),
        ("What is the best way to sing?", "What is a good way to sing?"),
        ("What are the best ways to sing?", "What are good ways to sing?"),
        ("What are some good songs?", "What are good songs?"),
        ("Which is the best song?", "What is the best song?"),
        ("What is love?", "What's love?"),
        ("What's love?", "What is love?"),
        ("Why do people sing?", "Why is it that people sing?"),
        ("Why are people sad?", "Why is it that people are sad?"),
        ("How much does it cost to sing?", "What does it cost to sing?"),
        ("How does it feel to sing?", "What does it feel like to sing?"),
        ("Is it possible to sing?", "Is there a way to sing?"),
        ("Is there any way to sing?", "Is it possible to sing?"),
        ("Can I sing?", "Is it possible for me to sing?"),
        ("What are its advantages and disadvantages?", "What are its pros and cons?"),
        ("What movies are sad?", "What films are sad?"),
        ("What if I am sad?", "What if I'm sad?"),
    ],
}
EXAMPLES = [
    (kind, same, before, after)
    for same, table in ((False, CHANGED), (True, KEPT))
    for kind, examples in table.items()
    for before, after in examples
]


def made(text: str, kind: str, same: bool) -> set[str | None]:
    draw = np.random.default_rng(0)
    chosen = [rule for rule in RULES if (rule.kind, rule.same) == (kind, same)]
    assert chosen
    return {rule(text, draw) for rule in chosen}


@pytest.mark.parametrize(("kind", "same", "before", "after"), EXAMPLES)
def test_what_the_rules_make_of_it(kind: str, same: bool, before: str, after: str) -> None:
    assert after in made(before, kind, same)


def test_there_is_an_example_for_every_rule() -> None:
    draw = np.random.default_rng(0)
    unused = [
        rule
        for rule in RULES
        if not any(
            rule(before, draw) == after
            for kind, same, before, after in EXAMPLES
            if (kind, same) == (rule.kind, rule.same)
        )
    ]
    assert [rule.kind for rule in unused] == ["number"]
    assert not unused[0].same


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("order", "How far is it from Oslo to Bergen?"),
        ("order", "What is the difference between tea and coffee?"),
        ("order", "How do I change my name to match his?"),
        ("order", "Do they love each other?"),
        ("negation", "Why not ask?"),
        ("negation", "Will it rain or not?"),
        ("negation", "Why can't I not laugh?"),
        ("negation", "Do you have any tips?"),
        ("negation", "Is it better to wait?"),
        ("number", "What are the top 10 films?"),
        ("number", "What is 2+2=4?"),
        ("number", "Is this 100% true?"),
    ],
)
def test_what_would_not_surely_be_another_question_is_left_alone(kind: str, text: str) -> None:
    if text == "Is it better to wait?":
        assert made(text, kind, False) == {None, "Is it better not to wait?"}
    else:
        assert made(text, kind, False) == {None}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("name", "What is it like to live in India?"),
        ("name", "What if it rains in India?"),
        ("name", "Why is Trump here?"),
        ("negation", "Why is it so impossible to sleep?"),
        ("negation", "Is it impossible to fly?"),
        ("number", "What opens at 10 am?"),
        ("wording", "Why is the sky blue?"),
    ],
)
def test_what_would_not_surely_ask_the_same_is_left_alone(kind: str, text: str) -> None:
    assert made(text, kind, True) == {None}


def test_another_number_is_put_and_nothing_else() -> None:
    (found,) = made("Is a phone with 8 GB enough?", "number", False)
    assert found
    assert re.fullmatch(r"Is a phone with (?!8\b)\d+ GB enough\?", found)


def test_no_rule_leaves_a_question_as_it_is() -> None:
    draw = np.random.default_rng(0)
    texts = {before for _, _, before, _ in EXAMPLES}
    assert all(rule(text, draw) != text for rule in RULES for text in texts)
