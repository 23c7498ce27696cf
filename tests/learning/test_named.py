from __future__ import annotations

import pytest

from textsiamese.errors import InputError
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.cross_entropy import PairCrossEntropy
from textsiamese.learning.multiple_negatives import MultipleNegativesLoss
from textsiamese.learning.named import LOSSES, describe_losses, losses_as_typed, losses_named
from textsiamese.learning.objectives import Loss


@pytest.mark.parametrize("name", LOSSES)
def test_every_name_names_a_loss(name: str) -> None:
    ((weight, loss),) = losses_named(name)
    assert weight == 1
    assert isinstance(loss, Loss)
    assert losses_named(name.upper().replace("-", "_"))[0][1].extra_repr() == loss.extra_repr()


@pytest.mark.parametrize(
    "text", ["cross-entropy+0.3*multiple-negatives", " cross-entropy + .3 * multiple_negatives "]
)
def test_several_with_weights(text: str) -> None:
    losses = losses_named(text)
    assert [weight for weight, _ in losses] == [1.0, 0.3]
    assert isinstance(losses[0][1], PairCrossEntropy)
    assert isinstance(losses[1][1], MultipleNegativesLoss)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("contrastiv", "did you mean 'contrastive'"),
        ("", "loss is one of"),
        ("triplet+", "loss is one of"),
        ("x*triplet", 'the weight "x"; give a number above 0'),
        ("0*triplet", "above 0"),
        ("-1*triplet", "above 0"),
        ("inf*triplet", "above 0"),
    ],
)
def test_what_names_no_loss(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        losses_named(text)


def test_losses_are_shown_as_they_are_typed() -> None:
    for text in [*LOSSES, "cross-entropy+0.3*multiple-negatives", "2*triplet"]:
        assert losses_as_typed(losses_named(text)) == text
    own = [(1.0, PairCrossEntropy()), (0.3, ContrastiveLoss(0.125))]
    assert losses_as_typed(own) == f"cross-entropy+0.3*{own[1][1]!r}"


def test_the_description_tells_settings_apart() -> None:
    one, other = ContrastiveLoss(0.5), ContrastiveLoss(0.6)
    assert describe_losses([(1.0, one), (0.3, other)]) == (
        "ContrastiveLoss(margin=0.5, distance='cosine') + "
        "0.3*ContrastiveLoss(margin=0.6, distance='cosine')"
    )
