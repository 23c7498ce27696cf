"""Train, dev and test as a training takes them: settled, split, and free of leaks."""

from __future__ import annotations

from dataclasses import dataclass

from textsiamese.errors import InputError
from textsiamese.inputs.conflicts import settle_conflicts
from textsiamese.inputs.contrasts import add_contrast_pairs
from textsiamese.inputs.negatives import add_random_negatives
from textsiamese.inputs.overlap import check_overlap
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.splits import split_pairs

_LEAST, _MOST = 60, 10_000
_SHARE, _HIGHEST_SHARE = 0.1, 0.3
_PRIORS_APART = 0.05


@dataclass(frozen=True)
class Tables:
    """What a training learns from and is judged on.

    Attributes:
        train: pairs to learn from.
        dev: pairs that choose the epoch and fit the decision.
        test: pairs that do neither, to judge the twin on; None if there are none.
        notes: what was done and found, a line or a few each, for a person.
    """

    train: Pairs
    dev: Pairs
    test: Pairs | None
    notes: list[str]


def prepare_tables(
    table: Pairs,
    dev: Pairs | None = None,
    test: Pairs | None = None,
    *,
    conflicts: str = "drop",
    allow_shared_pairs: bool = False,
    contrasts: float = 0.0,
    seed: int = 0,
) -> Tables:
    """Settle what a table contradicts itself in, and take dev and test from it if none are given.

    A tenth of the pairs each goes to dev and test (between 60 and 10,000 of them, never more than
    three in ten), whole components of questions at a time; what nobody labelled only ever trains.
    If all pairs are the same, dev and test get as many random different ones. Texts alone
    (`Pairs.of_texts`) need a dev.

    Args:
        table: the pairs to learn from.
        dev: pairs that choose the epoch; taken from the table if None.
        test: pairs to judge on; taken from the table if both are None.
        conflicts: what becomes of pairs labelled both ways; see `settle_conflicts`.
        allow_shared_pairs: whether pairs of dev and test may stand in the table as well.
        contrasts: how many contrast pairs to make of train for train, as a share of its pairs;
            none of their questions stands in dev or test. See `add_contrast_pairs`.
        seed: draws the split and the contrast pairs.

    Raises:
        InputError: if the table is too small, or dev or test repeat pairs of it; and as
            `add_contrast_pairs`.
    """
    if table.only_texts:
        _check_texts(table, dev, contrasts)
    settled, found = settle_conflicts(table, conflicts)
    notes = [found.summary] if found.summary else []
    if dev is None:
        train, dev, rest, said = _split(settled, seed, with_test=test is None)
        notes.append(said)
        test = rest if test is None else test
    else:
        train = settled
    for held in filter(None, (dev, test)):
        overlap = check_overlap(train, held, allow_shared_pairs=allow_shared_pairs)
        notes += [overlap.warning] if overlap.warning else []
    if train.labels.all() and train.grades is None and not train.only_texts:
        notes.append(
            "all pairs are the same: other rows of a batch serve as different ones in training, "
            "random pairs in dev and test; numbers on those are easy to reach"
        )
        dev, test = (_with_negatives(held, seed) for held in (dev, test))
    assert dev is not None
    notes += _on_priors(train, dev)
    if contrasts:
        train, said = _with_contrasts(train, [dev, *filter(None, [test])], contrasts, seed)
        notes.append(said)
    return Tables(train, dev, test, notes)


def _check_texts(table: Pairs, dev: Pairs | None, contrasts: float) -> None:
    if dev is None:
        raise InputError(
            f"{table.name} holds texts alone, and labelled pairs are needed to choose the epoch "
            "and to fit the decision: give them as --dev (dev=)"
        )
    if contrasts:
        raise InputError(
            f"{table.name} holds texts alone, which are learnt without labels, and the labels of "
            "contrast pairs would teach nothing: leave --contrasts out (contrasts=)"
        )


def _split(table: Pairs, seed: int, *, with_test: bool) -> tuple[Pairs, Pairs, Pairs | None, str]:
    labelled = len(table.labelled)
    held = min(max(_SHARE, _LEAST / labelled), _MOST / labelled)
    if held > _HIGHEST_SHARE:
        kind = "pairs" if labelled == len(table) else "labelled pairs"
        raise InputError(
            f"{table.name} has {labelled} {kind}, and {_LEAST / _HIGHEST_SHARE:.0f} at least are "
            "needed to learn from some and be judged on others; label more, or give dev and test "
            "tables of their own (--dev, --test)"
        )
    last = held if with_test else 0.0
    split = split_pairs(table, (1 - held - last, held, last), seed=seed)
    return split.train, split.dev, split.test if with_test else None, str(split.summary)


def _with_negatives(held: Pairs | None, seed: int) -> Pairs | None:
    return add_random_negatives(held, seed=seed) if held is not None and held.labels.all() else held


def _with_contrasts(train: Pairs, held: list[Pairs], share: float, seed: int) -> tuple[Pairs, str]:
    more = add_contrast_pairs(train, share=share, seed=seed, away_from=held)
    made = len(more) - len(train)
    if made:
        return more, f"{made:,} contrast pairs made of {train.name}, to learn from"
    return train, (
        f"no contrast pairs could be made of {train.name}: they are made of English questions of "
        "one sentence"
    )


def _on_priors(train: Pairs, dev: Pairs) -> list[str]:
    ours, theirs = float(train.labels.mean()), float(dev.labels.mean())
    if abs(ours - theirs) < _PRIORS_APART or train.labels.all():
        return []
    return [
        f"{theirs:.0%} of the dev pairs are the same and {ours:.0%} of the train pairs: "
        f"probabilities will hold where {theirs:.0%} are; elsewhere give --prior when scoring"
    ]
