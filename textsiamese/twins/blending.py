"""What a fine-tuned twin forgot, given back: its weights blended with those that it began from."""

from __future__ import annotations

import copy
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from textsiamese.errors import InputError

if TYPE_CHECKING:
    from textsiamese.encoders.encoder import Encoder
    from textsiamese.twins.siamese import Siamese


_FREE = ("max_length", "windows", "dropout")


def blend(before: Siamese, after: Siamese, share: float) -> Siamese:
    """A twin between two: ``share`` of the weights that a training left, the rest of its start's.

    Fine-tuning costs a pretrained encoder some of what it knew of other texts. Weights on the line
    between the two sets often keep most of what was learnt and give most of that back (Wortsman
    et al. 2022, "Robust fine-tuning of zero-shot models", equation 1).

    Args:
        before: the twin that the training began from.
        after: what `fit` made of it.
        share: how much of ``after``, in [0, 1]; 0.5 is a fair start where nothing else chooses.

    Returns:
        a twin with ``after``'s similarity and info and the blended encoder, its weights rounded to
        float16 as trained ones are; without scores and a decision, since similarities are others
        now: fit one with `calibrate`.

    Raises:
        InputError: if ``share`` is out of range, or the encoders are not of one shape, way to a
            vector and vocabulary.
    """
    from textsiamese.twins.siamese import Siamese

    if not 0 <= share <= 1:
        raise InputError(f"share is {share!r}; it must be between 0 (before) and 1 (after)")
    info = replace(after.info, scores={})
    return Siamese(_blended(before.encoder, after.encoder, share), after.measure, info=info)


def _blended(before: Encoder, after: Encoder, share: float) -> Encoder:
    import torch

    _check_alike(before, after)
    blended, old = copy.deepcopy(after), before.state_dict()
    with torch.no_grad():
        for name, weight in blended.state_dict().items():
            if weight.is_floating_point():
                weight.copy_(torch.lerp(old[name], weight, share).half().float())
    return blended


def _check_alike(before: Encoder, after: Encoder) -> None:
    shapes = [{n: w.shape for n, w in e.state_dict().items()} for e in (before, after)]
    if type(before) is not type(after) or shapes[0] != shapes[1]:
        raise InputError(
            "weights can be blended of two encoders of one shape only; these are of two: "
            f"{_described(before)}, and {_described(after)}"
        )
    was, now = _way(before), _way(after)
    if changed := [name for name in now if was[name] != now[name]]:
        raise InputError(
            "weights can be blended of two encoders only that make a vector of a text in one way; "
            f"these differ in {', '.join(changed)}"
        )
    if before.vocabulary.to_json() != after.vocabulary.to_json():
        raise InputError(
            "the two twins have vocabularies of their own, so that a piece of one is another piece "
            "of the other; blend a twin with the one that its training began from"
        )


def _way(encoder: Encoder) -> dict[str, Any]:
    """All beside its weights and pieces that tells what vector a text has: pooling, prompt..."""
    told = {name: said for name, said in asdict(encoder.config).items() if name not in _FREE}
    return {**told, "layers": repr(getattr(encoder, "layers", None))}


def _described(encoder: Encoder) -> str:
    numbers = sum(weight.numel() for weight in encoder.parameters())
    return (
        f"{type(encoder).__name__} with {len(encoder.vocabulary):,} pieces, "
        f"vectors of {encoder.config.dim} and {numbers:,} weights"
    )
