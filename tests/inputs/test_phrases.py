from __future__ import annotations

import re

import pytest

from textsiamese.inputs import phrases


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (phrases.NAME, "to New York City Hall", "New York City"),
        (phrases.NAME, "can I go", None),
        (phrases.THING + phrases.END, "convert a word problem by hand", "a word problem"),
        (rf"for {phrases.THING}{phrases.END}", "for it?", None),
        (rf"Can people\b{phrases.VERB}", "Can people fly?", "Can people"),
        (rf"Can people\b{phrases.VERB}", "Can people from Oslo fly?", None),
        (phrases.NOT, "it doesn't", "doesn't"),
        (phrases.NOT, "it can’t", "can’t"),
        (phrases.NOT, "a knot", None),
        (phrases.NOT_LONE, "I can't come or go", "or"),
        (phrases.NUMBER, "for 20,000 or 3 days", "20,000"),
        (phrases.NUMBER, "the 1990s, 4G, 24/7, 2.5", None),
        (phrases.NO_AMOUNT, "the top 10 films", "top 1"),
        (phrases.NO_AMOUNT, "what 5 things", "5 things"),
        (rf"\d+{phrases.COUNTED}", "in 10 days", "10"),
        (rf"\d+{phrases.COUNTED}", "at 10 am", None),
        (phrases.MORE, "so much more popular", "so much more popular"),
        (rf"\b{phrases.MORE}", "other", None),
        (phrases.BOTH_WAYS, "How far is it", "far"),
        (f"{phrases.BEFORE_PLACE} in", "What is it like in Oslo?", "What is it like in"),
        (f"{phrases.BEFORE_PLACE} in", "What is it like to live in Oslo?", None),
        (phrases.CLAUSE, "what if it rains", "if"),
    ],
)
def test_what_is_found(pattern: str, text: str, found: str | None) -> None:
    match = re.search(pattern, text)
    assert (match and match[0]) == found


def test_opposites_go_both_ways() -> None:
    assert all(phrases.OPPOSITE[other] == one for one, other in phrases.OPPOSITE.items())


def test_deeds_and_aliases_are_no_regular_expressions() -> None:
    words = [*phrases.DONE, *phrases.DONE.values(), *phrases.ALIASES]
    assert words == [re.escape(word).replace("\\ ", " ") for word in words]
