"""Train, dev and test from one table of pairs, with no question on two sides."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from textsiamese.errors import InputError
from textsiamese.inputs.breaking import Ints
from textsiamese.inputs.components import connected_components
from textsiamese.inputs.dealing import Shares, deal_questions, due_pairs
from textsiamese.inputs.numbering import number_texts
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import number_questions, shorten

SIDES = ("train", "dev", "test")


@dataclass(frozen=True)
class SplitSummary:
    """What `split_pairs` did.

    Attributes:
        name: what messages call the table.
        seed: what the split was drawn with.
        questions, components: how many the table has.
        largest_questions, largest_pairs: of the component of the most pairs.
        largest_side: the side that this component lies on; None if it was broken.
        broken: how many components were broken.
        pairs, same: the pairs of train, dev and test, and how many of those are labelled same.
        dropped: pairs on no side, as their two questions came to lie on different ones.
        unlabelled: pairs that nobody labelled, in train beside those that are counted above.
        unlabelled_dropped: such pairs on no side, as a question of theirs is in dev or test.
    """

    name: str
    seed: int
    questions: int
    components: int
    largest_questions: int
    largest_pairs: int
    largest_side: str | None
    broken: int
    pairs: tuple[int, ...]
    same: tuple[int, ...]
    dropped: int
    unlabelled: int = 0
    unlabelled_dropped: int = 0

    def __str__(self) -> str:
        """A few lines for people: the components, the largest one's fate, a line a side."""
        total = sum(self.pairs) + self.dropped
        fate = (
            f"whole, in {self.largest_side}" if self.largest_side else "too large for train: broken"
        )
        lines = [
            f"{self.name}: {total:,} pairs of {self.questions:,} questions in {self.components:,} "
            f"component{'s' if self.components > 1 else ''}; no question is on two sides",
            f"largest component: {self.largest_pairs:,} pairs of {self.largest_questions:,} "
            f"questions ({self.largest_pairs / total:.1%} of the pairs), {fate}",
            f"{'':<7}{'pairs':>11}{'share':>8}{'same':>8}",
        ]
        for side, pairs, same in zip(SIDES, self.pairs, self.same, strict=True):
            if pairs:
                lines.append(f"{side:<7}{pairs:>11,}{pairs / total:>8.1%}{same / pairs:>8.1%}")
        if self.dropped:
            lines.append(
                f"{'dropped':<7}{self.dropped:>11,}{self.dropped / total:>8.1%}"
                f"  their two questions came to lie on different sides"
            )
        if self.unlabelled or self.unlabelled_dropped:
            lines.append(
                f"of pairs that nobody labelled {self.unlabelled:,} are in train too, and "
                f"{self.unlabelled_dropped:,} dropped, as they have a question of dev or test"
            )
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class Split:
    """The three sides of a table; unpacks into ``train, dev, test``.

    Attributes:
        train, dev, test: the pairs of each side, in the table's order.
        summary: what was done; print it.
    """

    train: Pairs
    dev: Pairs
    test: Pairs
    summary: SplitSummary

    def __iter__(self) -> Iterator[Pairs]:
        return iter((self.train, self.dev, self.test))


def split_pairs(pairs: Pairs, shares: Sequence[float] = (0.8, 0.1, 0.1), *, seed: int = 0) -> Split:
    """Split a table of pairs so that no question is on two sides.

    A twin knows the questions again that it was trained on, and how often a question is asked says
    something of its label: numbers measured on known questions flatter. So whole components are
    dealt out: of the graph in which every pair, whatever its label, joins its two questions, which
    are the same by `question_key`.

    Every side gets the table's share of same pairs, as nearly as whole components allow, and
    components of all sizes, but for two kinds:

    - One so large that a single topic would decide the numbers of dev or test goes to train, where
      it does no harm (`deal_components` says which are so large).
    - One with more pairs of a label than train is due would leave dev or test short of them. It is
      broken at the two places that serve the sides best (`break_component`), between groups of
      questions that same pairs join, and the pairs that then cross sides are dropped. Those are
      different pairs, of which any two questions make another; to tear a group apart would put one
      question's paraphrases on two sides, which is the leak that a split is there to prevent.

    What nobody labelled (`Pairs.unlabelled`) only ever trains: the others are split, and then such
    pairs join train, but for those that have a question of dev or test.

    The same pairs and seed give the same split, whatever the process.

    Args:
        pairs: what `read_pairs` gives.
        shares: of train, dev and test; they add up to 1. A share of 0 leaves dev or test empty.
        seed: draws which components go where.

    Raises:
        InputError: the shares or the seed cannot be used; or a side would be left without pairs of
            a label, since there are too few or they hang together too closely.
    """
    if len(labelled := pairs.labelled) < len(pairs):
        return _with_unlabelled(split_pairs(labelled, shares, seed=seed), pairs)
    asked, rng = _checked_shares(shares), _checked_seed(seed)
    _check_enough(pairs, asked)
    (questions,) = number_questions(pairs)
    component = connected_components(questions[:, 0], questions[:, 1], int(questions.max()) + 1)
    ends = deal_questions(questions, pairs.labels, component, asked, rng)[questions]
    side = np.where(ends[:, 0] == ends[:, 1], ends[:, 0], -1)
    summary = _summary(pairs, component, component[questions[:, 0]], side, seed)
    _check_sides(pairs, summary, asked)
    train, dev, test = (pairs.subset(np.flatnonzero(side == k)) for k in range(3))
    return Split(train, dev, test, summary)


def _with_unlabelled(split: Split, pairs: Pairs) -> Split:
    """The split of the labelled pairs, and in train all others without a held-out question."""
    questions, *held = number_questions(pairs, split.dev, split.test)
    shared = np.isin(questions, np.concatenate(held)).any(axis=1)
    train = pairs.subset(np.flatnonzero(~shared))
    joined = len(train) - len(split.train)
    summary = replace(
        split.summary,
        unlabelled=joined,
        unlabelled_dropped=len(pairs) - len(pairs.labelled) - joined,
    )
    return replace(split, train=train, summary=summary)


def _summary(pairs: Pairs, component: Ints, of_pair: Ints, side: Ints, seed: int) -> SplitSummary:
    """The counts, from the component of each question and of each pair, and the pairs' sides."""
    sizes = np.bincount(of_pair)
    largest = int(sizes.argmax())
    broken = np.unique(of_pair[side < 0])
    same = pairs.labels == 1
    return SplitSummary(
        name=pairs.name,
        seed=seed,
        questions=len(component),
        components=len(sizes),
        largest_questions=int((component == largest).sum()),
        largest_pairs=int(sizes[largest]),
        largest_side=None if largest in broken else SIDES[side[of_pair == largest][0]],
        broken=len(broken),
        pairs=tuple(int((side == k).sum()) for k in range(3)),
        same=tuple(int((same & (side == k)).sum()) for k in range(3)),
        dropped=int((side < 0).sum()),
    )


def _checked_shares(shares: Sequence[float]) -> Shares:
    wanted = "three numbers from 0 to 1 for train, dev and test, such as (0.8, 0.1, 0.1)"
    given = tuple(shares) if isinstance(shares, (Sequence, np.ndarray)) else ()
    if len(given) != 3 or not all(isinstance(share, numbers.Real) for share in given):
        raise InputError(f"shares are {shares!r}; they must be {wanted}")
    train, dev, test = map(float, given)
    if not (min(train, dev, test) >= 0 and math.isclose(train + dev + test, 1, abs_tol=1e-6)):
        raise InputError(f"shares are {shares!r}; they must be {wanted}, and add up to 1")
    if train == 0 or dev + test == 0:
        raise InputError(f"shares are {shares!r}; train and one of dev and test need some pairs")
    return train, dev, test


def _checked_seed(seed: int) -> np.random.Generator:
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or seed < 0:
        raise InputError(f"seed is {seed!r}; it must be a whole number, 0 or more")
    return np.random.default_rng(int(seed))


def _check_enough(pairs: Pairs, shares: Shares) -> None:
    """Refuse a table with too few pairs of a label for every side to have one."""
    counts = np.bincount(pairs.labels, minlength=2)
    if len(pairs) and (due_pairs(counts, shares)[0] > 0)[counts > 0].all():
        return
    raise InputError(
        f"{pairs.name}: {counts[1]:,} same and {counts[0]:,} different pairs cannot be split into "
        f"{_listed(shares)}, as every side needs at least one of each kind there is; give more "
        f"pairs, or do without a side, as with shares=(0.8, 0.2, 0)"
    )


def _check_sides(pairs: Pairs, summary: SplitSummary, shares: Shares) -> None:
    """Refuse a split in which a side lacks a label that the table has."""
    same = np.array(summary.same)
    there = np.stack([np.array(summary.pairs) - same, same], axis=1)
    wanted = np.outer(shares, np.bincount(pairs.labels, minlength=2)) > 0
    for side, label in np.argwhere(wanted & (there == 0)):
        numbers, texts = number_texts(pairs.texts)
        times = np.bincount(numbers)
        often = shorten(texts[int(times.argmax())])
        raise InputError(
            f"{pairs.name} cannot be split into {_listed(shares)} with no question on two sides: "
            f"{SIDES[side]} would have no {('different', 'same')[label]} pairs, as "
            f"{summary.largest_pairs:,} of {len(pairs):,} pairs hang together ({often} alone is "
            f"in {times.max():,}); give pairs of more questions, or larger shares for dev and test"
        )


def _listed(shares: Shares) -> str:
    return " / ".join(f"{share:.3g}" for share in shares)
