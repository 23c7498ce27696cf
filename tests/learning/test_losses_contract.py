"""What every loss promises, run over a table of all of them, and losses fed by every miner."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from textsiamese.errors import InputError
from textsiamese.learning.contrastive import ContrastiveLoss, OnlineContrastiveLoss
from textsiamese.learning.distances import DISTANCES, distance_matrix
from textsiamese.learning.miners import KINDS, Kind, TripletMiner
from textsiamese.learning.relations import class_relations
from textsiamese.learning.triplet import QuadrupletLoss, TripletLoss

Make = Callable[..., nn.Module]
PAIR_LOSSES: list[Make] = [ContrastiveLoss, OnlineContrastiveLoss]
TABLE: list[tuple[Make, str, int]] = [
    *((make, distance, 2) for make in PAIR_LOSSES for distance in ("cosine", "euclidean")),
    *((TripletLoss, distance, 3) for distance in DISTANCES),
    *((QuadrupletLoss, distance, 4) for distance in DISTANCES),
]
every_loss = pytest.mark.parametrize(
    ("make", "distance", "towers"), TABLE, ids=[f"{m.__name__}-{d}" for m, d, _ in TABLE]
)


def inputs(towers: int, n: int = 12, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """Vectors of each tower, every one a leaf, and for pairs the labels."""
    generator = torch.Generator().manual_seed(towers)
    vectors = torch.randn(towers, n, 5, dtype=torch.float64, generator=generator).to(dtype)
    rows = [tower.clone().requires_grad_() for tower in vectors]
    return [*rows, torch.arange(n) % 2] if towers == 2 else rows


def gradients(arguments: list[Tensor]) -> list[Tensor]:
    found = [tensor.grad for tensor in arguments if tensor.requires_grad]
    assert all(gradient is not None for gradient in found)
    return [gradient for gradient in found if gradient is not None]


@every_loss
def test_a_loss_is_a_positive_number_with_gradients(make: Make, distance: str, towers: int) -> None:
    arguments = inputs(towers)
    loss = make(margin=0.9, distance=distance)(*arguments)
    assert loss.shape == ()
    assert loss.item() > 0
    loss.backward()
    assert all(g.isfinite().all() and g.abs().max() > 0 for g in gradients(arguments))


@every_loss
def test_gradcheck(make: Make, distance: str, towers: int) -> None:
    *vectors, last = inputs(towers, n=6)
    loss = make(margin=0.9, distance=distance)
    assert torch.autograd.gradcheck(lambda *rows: loss(*rows, last), tuple(vectors))


@every_loss
def test_order_of_the_batch_does_not_matter(make: Make, distance: str, towers: int) -> None:
    arguments = inputs(towers)
    order = torch.randperm(12, generator=torch.Generator().manual_seed(0))
    loss = make(margin=0.9, distance=distance)
    torch.testing.assert_close(loss(*arguments), loss(*(rows[order] for rows in arguments)))


@every_loss
def test_an_empty_batch_is_a_zero_that_carries_a_graph(
    make: Make, distance: str, towers: int
) -> None:
    encoder = nn.Linear(3, 5)
    rows = [encoder(torch.zeros(0, 3)) for _ in range(towers)]
    labels = [torch.zeros(0)] if towers == 2 else []
    loss = make(distance=distance)(*rows, *labels)
    assert loss.item() == 0
    loss.backward()
    for weight in encoder.parameters():
        assert weight.grad is not None
        assert weight.grad.abs().max() == 0


@every_loss
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_any_precision_is_computed_in_float32_at_least(
    make: Make, distance: str, towers: int, dtype: torch.dtype
) -> None:
    narrow = inputs(towers, dtype=dtype)
    wide = [rows.detach().double() if rows.is_floating_point() else rows for rows in narrow]
    loss = make(margin=0.9, distance=distance)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = loss(*narrow)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, loss(*wide).float())
    value.backward()
    assert all(g.dtype == dtype and g.isfinite().all() for g in gradients(narrow))


@every_loss
def test_duplicates_and_zero_vectors_have_finite_gradients(
    make: Make, distance: str, towers: int
) -> None:
    for value in (1.0, 0.0):
        arguments = inputs(towers, dtype=torch.float32)
        with torch.no_grad():
            for rows in arguments[:towers]:
                rows.fill_(value)
        loss = make(distance=distance)(*arguments)
        loss.backward()
        assert loss.isfinite()
        assert all(g.isfinite().all() for g in gradients(arguments))


@every_loss
@pytest.mark.parametrize("size", [1e-15, 1e15])
def test_very_large_and_small_vectors_stay_finite(
    make: Make, distance: str, towers: int, size: float
) -> None:
    arguments = inputs(towers, dtype=torch.float32)
    with torch.no_grad():
        for rows in arguments[:towers]:
            rows.mul_(size)
    loss = make(distance=distance)(*arguments)
    loss.backward()
    assert loss.isfinite()
    assert all(g.isfinite().all() for g in gradients(arguments))


@every_loss
def test_a_loss_has_no_weights_and_travels(make: Make, distance: str, towers: int) -> None:
    loss = make(margin=0.75, distance=distance)
    assert not loss.state_dict()
    assert f"margin=0.75, {'margin2=0.1, ' * (towers == 4)}distance='{distance}'" in repr(loss)
    arguments = inputs(towers)
    for twin in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert twin(*arguments).item() == loss(*arguments).item()


@every_loss
def test_bad_settings_and_shapes_are_refused(make: Make, distance: str, towers: int) -> None:
    for margin in (0, -1.0, float("nan")):
        with pytest.raises(InputError, match="margin is a finite number above 0"):
            make(margin=margin, distance=distance)
    with pytest.raises(InputError, match="did you mean 'cosine'"):
        make(distance="cosin")
    for at in range(towers):
        arguments = inputs(towers)
        arguments[at] = arguments[at][:1]
        with pytest.raises(InputError, match=r"of one shape \(n, d\)"):
            make(distance=distance)(*arguments)


@pytest.mark.parametrize("make", PAIR_LOSSES)
def test_labels_of_any_kind_mean_the_same(make: Make) -> None:
    left, right, labels = inputs(2)
    loss = make(margin=0.9)
    expected = loss(left, right, labels).item()
    for dtype in (torch.bool, torch.int8, torch.float32, torch.float64, torch.bfloat16):
        assert loss(left, right, labels.to(dtype)).item() == expected
    turned = loss(left, right, 1 - labels).item()
    assert turned != pytest.approx(expected)


@pytest.mark.parametrize("make", PAIR_LOSSES)
def test_other_labels_are_refused(make: Make) -> None:
    left, right, labels = inputs(2)
    with pytest.raises(InputError, match="label 0 is -1"):
        make()(left, right, 2 * labels - 1)
    with pytest.raises(InputError, match=r"12 pairs need \(12,\)"):
        make()(left, right, labels[:, None])


def mined(kind: Kind, vectors: Tensor, classes: Tensor, towers: int) -> list[Tensor]:
    miner = TripletMiner(kind)
    distances = distance_matrix(vectors, vectors, "squared-euclidean")
    mine = miner if towers == 3 else miner.quadruplets
    return [vectors[rows] for rows in mine(distances, *class_relations(classes))]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("make", "towers"), [(TripletLoss, 3), (QuadrupletLoss, 4)])
def test_losses_learn_from_every_miner(kind: Kind, make: Make, towers: int) -> None:
    encoder = nn.Linear(6, 4)
    with torch.no_grad():
        torch.nn.init.normal_(encoder.weight, generator=torch.Generator().manual_seed(0))
    features = torch.randn(12, 6, generator=torch.Generator().manual_seed(1))
    classes = torch.arange(12) // 3
    loss = make(margin=1.0)(*mined(kind, encoder(features), classes, towers))
    loss.backward()
    assert loss.item() > 0
    assert encoder.weight.grad is not None
    assert encoder.weight.grad.abs().max() > 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("make", "towers"), [(TripletLoss, 3), (QuadrupletLoss, 4)])
def test_no_triplet_still_reaches_every_weight(kind: Kind, make: Make, towers: int) -> None:
    encoder = nn.Linear(6, 4)
    vectors = encoder(torch.ones(5, 6))
    loss = make()(*mined(kind, vectors, torch.zeros(5, dtype=torch.long), towers))
    loss.backward()
    assert loss.item() == 0
    for weight in encoder.parameters():
        assert weight.grad is not None
        assert weight.grad.abs().max() == 0
