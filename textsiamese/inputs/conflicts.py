"""Pairs that one table labels both ways, and pairs that it holds more than once."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import number_pairs, number_questions, show_pairs

POLICIES = ("drop", "majority", "keep", "error")


@dataclass(frozen=True)
class Conflicts:
    """Pairs labelled both ways in one table, and what was done; see `settle_conflicts`.

    Attributes:
        name: what messages call the table.
        policy: what was to be done.
        pairs: rows of the table.
        repeated: rows whose pair stands in an earlier row already, whatever their labels.
        conflicting: distinct pairs that are labelled both ways.
        conflicting_rows: rows that hold such a pair.
        dropped: rows that were left out.
    """

    name: str
    policy: str
    pairs: int
    repeated: int
    conflicting: int
    conflicting_rows: int
    dropped: int

    @property
    def summary(self) -> str:
        """One sentence on what was found and done; "" if there was nothing."""
        if not self.repeated:
            return ""
        if not self.conflicting:
            return f"{self.name}: {self.repeated:,} of {self.pairs:,} rows repeat an earlier pair"
        fate = f"{self.dropped:,} of them left out" if self.dropped else "all of them kept"
        return (
            f"{self.name}: {self.repeated:,} of {self.pairs:,} rows repeat an earlier pair; pairs "
            f"labelled both ways: {self.conflicting:,}, in {self.conflicting_rows:,} rows, "
            f'{fate} (policy "{self.policy}")'
        )


def settle_conflicts(pairs: Pairs, policy: str = "drop") -> tuple[Pairs, Conflicts]:
    """Find the pairs that are labelled both ways, and leave out what the policy says.

    A pair is the same either way round, and its questions are by `question_key`. Rows that only
    repeat a pair stay, under every policy.

    - "drop": no row of a pair labelled both ways stays: nobody knows which label is right.
    - "majority": those of its rows stay that have its more frequent label; of a tie, none.
    - "keep": every row stays.
    - "error": such a pair is refused.

    Args:
        pairs: the table.
        policy: one of these.

    Returns:
        The pairs that stay, in their order, and the counts.

    Raises:
        InputError: the policy is unknown; it is "error" and there are such pairs, of which the
            first are named; or no row stays.
    """
    _check_policy(policy)
    pair, same, different = _votes(pairs)
    both = (same > 0) & (different > 0)
    clash = both[pair]
    if policy == "error" and clash.any():
        first = np.sort(np.unique(pair, return_index=True)[1][both])
        raise InputError(
            f"{pairs.name}: pairs labelled both ways: {len(first):,} ({show_pairs(pairs, first)}); "
            f'mend their labels, or choose another policy: "drop", "majority" or "keep"'
        )
    kept = np.ones(len(pairs), np.bool_) if policy == "keep" else ~clash
    if policy == "majority":
        mine = np.where(pairs.labels == 1, same[pair], different[pair])
        kept |= 2 * mine > (same + different)[pair]
    if len(pairs) and not kept.any():
        raise InputError(
            f"{pairs.name}: all of its {len(pairs):,} rows hold pairs that are labelled both ways, "
            f'so that none stays; mend the labels, or keep the rows as they are (policy "keep")'
        )
    counts = Conflicts(
        name=pairs.name,
        policy=policy,
        pairs=len(pairs),
        repeated=len(pairs) - len(both),
        conflicting=int(both.sum()),
        conflicting_rows=int(clash.sum()),
        dropped=int((~kept).sum()),
    )
    return (pairs if kept.all() else pairs.subset(kept)), counts


def _votes(pairs: Pairs) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Which of the m distinct pairs each row holds, (n,); its rows of label 1 and of 0, (m,)."""
    (questions,) = number_questions(pairs)
    codes = number_pairs(questions, int(questions.max(initial=-1)) + 1)
    found, pair = np.unique(codes, return_inverse=True)
    rows = np.bincount(pair, minlength=len(found))
    same = np.bincount(pair[pairs.labels == 1], minlength=len(found))
    return pair, same, rows - same


def _check_policy(policy: str) -> None:
    if policy in POLICIES:
        return
    near = get_close_matches(str(policy).lower(), POLICIES, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(
        f"the policy on pairs labelled both ways is one of "
        f"{', '.join(map(repr, POLICIES))}, not {policy!r}{hint}"
    )
