"""What a trained twin says of itself: its name, what it learnt from, and on what terms."""

from __future__ import annotations

from dataclasses import replace

from textsiamese.inputs.pairs import Pairs
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.twin import Twin


def trained_info(name: str, twin: Twin, train: Pairs, teacher: Twin | None) -> TwinInfo:
    """What is known of the twin that comes out of a training.

    What a new twin says of itself stays. Of one that was trained before, language and terms stay:
    the rest was said of other weights. What is learnt from a teacher is under its terms too.

    Args:
        name: what to call it, unless a new twin has a name.
        twin: the one that the training began from.
        train: the pairs that it learnt from.
        teacher: the one whose vectors it learnt.
    """
    info = _named(name, twin, _learnt_from(train, teacher))
    return info if teacher is None else replace(info, terms=_both(info.terms, teacher.info.terms))


def _named(name: str, twin: Twin, learnt_from: str) -> TwinInfo:
    info = twin.info
    if twin.fingerprint:
        return TwinInfo(
            name=name,
            language=info.language,
            trained_on=f"{learnt_from}, begun from {info.name}",
            terms=info.terms,
            base=info.name,
            training=info.training,
        )
    if info.trained_on:
        return info
    return replace(
        info, name=name if info.name == TwinInfo().name else info.name, trained_on=learnt_from
    )


def _learnt_from(train: Pairs, teacher: Twin | None) -> str:
    kind = "texts" if train.only_texts else "pairs"
    said = f"{train.name} ({len(train):,} {kind})"
    if train.taught is not None:
        said += " with a teacher's probabilities"
    return f"{said}, taught by the vectors of {teacher.info.name}" if teacher else said


def _both(own: str, taught: str) -> str:
    """Two terms as one; where one of them says all that the other does, that one."""
    if taught in own:
        return own
    return taught if own in taught else f"{own}; and of its teacher: {taught}"
