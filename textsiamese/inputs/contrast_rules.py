"""The rules that contrast pairs are made by: small changes that make another question, or do not.

For every kind of change there are rules of both sorts, so that neither the size of a change nor
the words in it tell whether a pair is the same. A question and its negation are different,
whatever could be answered to both. All expect one English sentence.
"""

from __future__ import annotations

import re

import numpy as np

from textsiamese.inputs.numerals import (
    SPELT,
    in_digits,
    other_number,
    spelt,
    with_commas,
    without_commas,
)
from textsiamese.inputs.phrases import (
    ALIASES,
    ASKS,
    AUX,
    BEFORE_PLACE,
    BOTH_WAYS,
    CLAUSE,
    CONVERT,
    COUNTED,
    DO,
    DOING,
    DONE,
    END,
    FACT,
    GOOD,
    MORE,
    NAME,
    NO_AMOUNT,
    NO_GOAL,
    NOT,
    NOT_LONE,
    NUMBER,
    OPPOSITE,
    OWN,
    PREFER,
    THING,
    VERB,
    WHO,
)
from textsiamese.inputs.rewriting import Rule, rules

_ACTS = rf"\b(does|do|did) ({THING}) ({'|'.join(DONE)}) ({THING}){END}"
_COMPARES = rf"^(Why|How) (is|are|was|were) ({THING}) ({MORE}) than ({THING}){END}"


def _roles_exchanged(match: re.Match[str], _: np.random.Generator) -> str:
    does, one, verb, other = match.groups()
    does = does if does == "did" else "do" if _several(other) else "does"
    return f"{does} {other} {verb} {one}"


def _passive(match: re.Match[str], _: np.random.Generator) -> str:
    does, one, verb, other = match.groups()
    tense = ("was", "were") if does == "did" else ("is", "are")
    return f"{tense[_several(other)]} {other} {DONE[verb]} by {one}"


def _several(thing: str) -> bool:
    """Whether a noun is a plural, by its end."""
    return bool(re.search(r"(?:[^suia]s|ies|[Pp]eople|[Mm]en|[Cc]hildren)$", thing))


def _other_way(match: re.Match[str], _: np.random.Generator) -> str | None:
    """ "Why is B less ... than A" for "Why is A more ... than B"."""
    why, is_, one, how, other = match.groups()
    word = next((word for word in how.split() if word in OPPOSITE), None)
    if word is None:
        return None
    return f"{why} {is_} {other} {how.replace(word, OPPOSITE[word])} than {one}"


def _to_front(match: re.Match[str], _: np.random.Generator) -> str:
    """ "In India, what ...?" for "What ... in India?"."""
    question, place = match.groups()
    return f"{place[0].upper()}{place[1:]}, {question[0].lower()}{question[1:]}?"


ORDER_CHANGED = rules(
    "order",
    False,
    (rf"\bfrom ({NAME}) (to|into) ({NAME}){END}", r"from \3 \2 \1", BOTH_WAYS),
    (
        rf"\b({CONVERT}) ((?!{OWN}){THING}) (to|into) ((?!{NO_GOAL}){THING}){END}",
        r"\1 \4 \3 \2",
    ),
    (rf"\b({PREFER}) ({THING}) (instead of|rather than|over) ({THING}){END}", r"\1 \4 \3 \2"),
    (_COMPARES, r"\1 \2 \5 \4 than \3"),
    (_ACTS, _roles_exchanged),
)
ORDER_KEPT = rules(
    "order",
    True,
    (rf"\bfrom ({NAME}) (to|into) ({NAME}){END}", r"\2 \3 from \1"),
    (rf"\b(?:convert|transform) ({THING}) (?:in)?to ({THING}){END}", r"turn \1 into \2"),
    (rf"\binstead of ({THING}){END}", r"rather than \1"),
    (_COMPARES, _other_way),
    (_ACTS, _passive),
)
NEGATED = rules(
    "negation",
    False,
    (rf"^(Can|Could|May|Will) (I|we|people|they)\b{VERB}", r"\1 \2 not", NOT),
    (rf"^(Should|Must) ({WHO})\b{VERB}", r"\1 \2 not", NOT),
    (rf"^(Do|Does|Did) (?!you)({WHO})\b{VERB}", r"\1 \2 not", NOT),
    (rf"^(Why|When|Where) ({AUX}|can|will) ({WHO}|it)\b{VERB}", r"\1 \2 \3 not", NOT),
    (
        rf"^(What|Which \w+|Who|How) (should|must) (I|we|you|one|people)\b{VERB}",
        r"\1 \2 \3 not",
        NOT,
    ),
    (rf"^(Is|Was) it (?=(?:{FACT}) )", r"\1 it not ", NOT),
    (rf"^(Is|Was) it ({GOOD}) to\b", r"\1 it \2 not to", NOT),
    (rf"(\w\w\w+s) of ({DOING}) (?=[a-z])", r"\1 of not \2 ", NOT),
    (rf"(happens? (?:if|when) (?:I|you|we|they|people)) (?=(?:{DO})\b)", r"\1 don't ", NOT),
)
NO_LONGER_NEGATED = rules(
    "negation",
    False,
    (rf"({ASKS}.*\b(?:{AUX}))n['’]t\b", r"\1", NOT_LONE),
    (rf"({ASKS}.*\b\w+) not\b(?= \w)", r"\1", NOT_LONE),
    (r"\bcan(?:['’]t| ?not)\b", "can", NOT_LONE),
    (r"\bwon['’]t\b", "will", NOT_LONE),
    (r"\bwithout (an?|my|the|your) (?=\w)", r"with \1 ", NOT_LONE),
    (rf"\bwithout (?=(?:{DOING})\b)", "by ", NOT_LONE),
    (rf"({ASKS}.*\b)(?:im|un)(possible|able|happy|healthy)\b", r"\1\2", NOT),
)
STILL_NEGATED = rules(
    "negation",
    True,
    (rf"\b({AUX})n['’]t ({WHO}|it)\b(?= [a-z])", r"\1 \2 not"),
    (rf"^Why ({AUX}) ({WHO}|it) not\b", r"Why \1n't \2"),
    (rf"\b({WHO}|it) ({AUX})n['’]t\b", r"\1 \2 not"),
    (rf"\b({AUX}) not\b", r"\1n't"),
    (r"\bI (?:can['’]t|can ?not) (?!help|stand|wait|stop)", "I am unable to "),
    (r"^Why can['’]t I\b", "Why am I unable to"),
    (r"^Why can['’]t (we|you|they|people|men|women)\b", r"Why are \1 unable to"),
    (r"\bnot possible\b", "impossible"),
    (r"(?<!so )(?<!most )(?<!ly )\bimpossible to\b", "not possible to", "^Is"),
    (r"\bnot able to\b", "unable to"),
    (r"(?<!ome )\bunable to\b", "not able to"),
    (r"\b((?:do|does|did) \w+) not like (?!to\b)", r"\1 dislike "),
    (rf"\b({WHO}) (?:don['’]t|do not) like (?!to\b)", r"\1 dislike "),
    (r"\bwithout (?:any|an?) (?=[a-z])", "with no "),
    (r"\b(?:don['’]t|do not) have (?:any|an?) (?=[a-z])", "have no "),
    (r"\bstop (\w+|(?:my|a|the) \w+) from (?=\w+ing\b)", r"keep \1 from "),
)
NUMBER_CHANGED = rules(
    "number", False, (NUMBER, lambda match, draw: other_number(match[0], draw), NO_AMOUNT)
)
NUMBER_KEPT = rules(
    "number",
    True,
    (rf"(?<=[a-z] )\d\d?{COUNTED}", lambda match, _: spelt(match[0])),
    (rf"\b(?:{'|'.join(SPELT.values())})\b(?= [a-z]+s\b)", lambda match, _: in_digits(match[0])),
    (r"(?<![\d.,])\d{5,8}\b(?![.,]\d|-)", lambda match, _: with_commas(match[0])),
    (r"\b\d{1,3}(?:,\d{3})+\b(?!,)", lambda match, _: without_commas(match[0])),
    (r"(?<![A-Z])\$ ?(\d[\d,]*)\b(?![-.\d]| ?(?:k|K|bn|[mb]illion|[MB])\b)", r"\1 dollars"),
    (r"(?<![.\d])(\d+) ?%(?!\w)", r"\1 percent"),
    (r"\b(\d+) percent\b", r"\1%"),
    (r"\ban? (\d\d)[- ]years?[- ]old(?=\?)", r"someone aged \1"),
    (rf"{BEFORE_PLACE} (in (?:19|20)\d\d)\?$", _to_front, CLAUSE),
)
NAME_KEPT = rules(
    "name",
    True,
    (rf"\b({'|'.join(ALIASES)})\b(?!['’]| [A-Z])", lambda match, _: ALIASES[match[1]]),
    (rf"{BEFORE_PLACE} (in (?:the )?{NAME})\?$", _to_front, CLAUSE),
    (rf"{BEFORE_PLACE} ((?:for|by|on|at|about|under) {NAME})\?$", _to_front, CLAUSE),
    (
        rf"\bthe (capital|population|president|economy|currency|future) of ({NAME})(?=\?)",
        r"\2's \1",
    ),
)
REWORDED = rules(
    "wording",
    True,
    (r"^How do (I|you|we)\b", r"How can \1"),
    (r"^How can (I|you|we)\b", r"How do \1"),
    (r"^(?:What|Which) is the best way to\b", "What is a good way to"),
    (r"^What are the best ways to\b", "What are good ways to"),
    (r"^What are some good\b", "What are good"),
    (r"^Which is the best\b", "What is the best"),
    (r"^What is\b", "What's"),
    (r"^What['’]s\b", "What is"),
    (rf"^Why do ({WHO})\b{VERB}", r"Why is it that \1"),
    (rf"^Why are ({WHO})\b{VERB}", r"Why is it that \1 are"),
    (r"^How much does it cost to\b", "What does it cost to"),
    (r"^How does it feel to\b", "What does it feel like to"),
    (r"^Is it possible to\b", "Is there a way to"),
    (r"^Is there (?:a|any) way to\b", "Is it possible to"),
    (r"^Can I\b", "Is it possible for me to"),
    (r"\badvantages and disadvantages\b", "pros and cons"),
    (r"\bmovie(s?)\b", r"film\1"),
    (r"\bI am\b", "I'm"),
)
RULES: list[Rule] = [
    *ORDER_CHANGED,
    *ORDER_KEPT,
    *NEGATED,
    *NO_LONGER_NEGATED,
    *STILL_NEGATED,
    *NUMBER_CHANGED,
    *NUMBER_KEPT,
    *NAME_KEPT,
    *REWORDED,
]
"""All of them but those that put other names, which go by the names of a table (`Names`)."""
