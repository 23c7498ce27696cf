"""Which columns of a table hold the two texts and the label, or the one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textsiamese.errors import InputError

_PAIRS = (
    ("question1", "question2"),
    ("text_a", "text_b"),
    ("sentence1", "sentence2"),
    ("left", "right"),
    ("text1", "text2"),
    ("q1", "q2"),
    ("caption", "image"),
    ("caption", "picture"),
    ("title", "article"),
)
_TRIPLET = ("anchor", "positive", "negative")
_TEXTS = ("question", "text", "sentence", "query")
_LABELS = ("is_duplicate", "label", "labels", "duplicate")


@dataclass(frozen=True)
class Columns:
    """The names, as the table spells them, of the two text columns and of the label column."""

    left: str
    right: str
    label: str | None = None


@dataclass(frozen=True)
class TripletColumns:
    """The names, as the table spells them, of the columns of a table of triplets."""

    anchor: str
    positive: str
    negative: str


def find_columns(
    names: Sequence[str],
    left: str | None = None,
    right: str | None = None,
    label: str | None = None,
    table: str = "the table",
) -> Columns:
    """Find the two texts and the label among the column names of a table.

    Conventions, in this order: question1, question2; text_a, text_b; sentence1, sentence2;
    left, right; text1, text2; q1, q2; caption, image; caption, picture; title, article. Labels:
    is_duplicate, label, labels, duplicate.
    Case and blanks around a name do not count. A name that is given comes before the conventions
    (it may be a number, as the names of a DataFrame are); `table` is what messages call the table.

    Raises:
        InputError: a column is not there, is there twice, is used twice, or no convention fits.
    """
    if find_triplet(names) and left is None and right is None:
        raise InputError(
            f"{table} holds triplets (anchor, positive, negative), not pairs; to take two of its "
            f"columns as pairs name them, for instance --left anchor --right positive "
            f'(left="anchor", right="positive" in Python)'
        )
    found = _two_texts(names, left, right, table)
    if found is None:
        raise InputError(_untold(names, left, right, table))
    if label is not None:
        answer: str | None = find_column(names, str(label), "label", table)
    else:
        answer = next((own for name in _LABELS if (own := _lookup(names, name, table))), None)
        answer = None if answer in found else answer
    if found[0] == found[1] or answer in found:
        raise InputError(
            f"{table}: left, right and label must be different columns, "
            f"not {listed([*found, *([answer] if answer else [])])}"
        )
    return Columns(found[0], found[1], answer)


def find_triplet(names: Sequence[str]) -> TripletColumns | None:
    """Find the columns anchor, positive and negative, if the table has all three."""
    own = [_lookup(names, name, "the table") for name in _TRIPLET]
    return TripletColumns(*[name for name in own if name]) if all(own) else None


def find_text_column(
    names: Sequence[str], wanted: str | None, with_texts: Sequence[str], table: str
) -> str:
    """Find the one text among the column names of a table whose rows are no pairs.

    That is the one asked for; else question, text, sentence or query; else the only one with texts.
    Case and blanks around a name do not count.

    Args:
        names: all columns.
        wanted: the name that the user gave, if any.
        with_texts: those of the columns that hold texts.
        table: what messages call it.

    Raises:
        InputError: the column is not there, is there twice, or cannot be told from the names.
    """
    if wanted is not None:
        return find_column(names, str(wanted), "text", table)
    known = known_column(names, _TEXTS, table)
    if known is None and len(with_texts) == 1:
        known = with_texts[0]
    if known is None:
        raise InputError(
            f"{table}: the column of the texts cannot be told from the names; its columns are "
            f"{listed(names)}; name it with --text (column= in Python)"
        )
    return known


def find_column(names: Sequence[str], wanted: str, option: str, table: str) -> str:
    """Find a column by the name that the user gave, in the table's own spelling.

    Args:
        names: all columns.
        wanted: the name; case and blanks around it do not count.
        option: the one that names it on the command line, without dashes.
        table: what messages call it.

    Raises:
        InputError: the column is not there, or is there twice.
    """
    own = _lookup(names, wanted, table)
    if own is None:
        raise InputError(
            f'{table} has no column "{wanted}" (--{option}); its columns are {listed(names)}'
        )
    return own


def known_column(names: Sequence[str], usual: Sequence[str], table: str) -> str | None:
    """The first of the usual names that a table has, in its own spelling; None if it has none.

    Raises:
        InputError: the column is there twice.
    """
    return next((own for name in usual if (own := _lookup(names, name, table))), None)


def _two_texts(
    names: Sequence[str], left: str | None, right: str | None, table: str
) -> tuple[str, str] | None:
    own_left = None if left is None else find_column(names, str(left), "left", table)
    own_right = None if right is None else find_column(names, str(right), "right", table)
    if own_left is not None and own_right is not None:
        return own_left, own_right
    for one, other in _PAIRS:
        a = own_left or _lookup(names, one, table)
        b = own_right or _lookup(names, other, table)
        if a and b and a != b:
            return a, b
    return None


def _untold(names: Sequence[str], left: str | None, right: str | None, table: str) -> str:
    if left is None and right is None:
        return (
            f"{table}: the two text columns cannot be told from the names; its columns "
            f"are {listed(names)}; name them with --left and --right (left=, right= in Python), "
            f"or put a header line such as question1,question2 first"
        )
    other = "left" if left is None else "right"
    return (
        f"{table}: the {other} text column cannot be told from the names; its columns are "
        f"{listed(names)}; name it with --{other} ({other}= in Python)"
    )


def _lookup(names: Sequence[str], wanted: str, table: str) -> str | None:
    exact = [name for name in names if name == wanted]
    alike = exact or [name for name in names if _folded(name) == _folded(wanted)]
    if len(alike) > 1:
        raise InputError(
            f'{table} has {len(alike)} columns named "{wanted}", in '
            f"{listed(names)}; rename all but one"
        )
    return alike[0] if alike else None


def _folded(name: str) -> str:
    return name.strip().casefold()


def listed(names: Sequence[str]) -> str:
    """Column names for a message: the first 20, in quotation marks."""
    shown = [f'"{name if len(name) <= 40 else name[:39] + "…"}"' for name in names[:20]]
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return ", ".join(shown) + more if shown else "no columns"
