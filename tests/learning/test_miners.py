from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from textsiamese.errors import InputError
from textsiamese.learning.distances import distance_matrix
from textsiamese.learning.miners import KINDS, Kind, TripletMiner, hard_pairs
from textsiamese.learning.relations import class_relations

every_kind = pytest.mark.parametrize("kind", KINDS)
Rows = set[tuple[int, ...]]


def nearest(options: list[int], distance: dict[int, float] | list[float]) -> list[int]:
    return [min(options, key=lambda i: distance[i])] if options else []


def slow_triplets(kind: str, d: list[list[float]], pos: list, neg: list) -> Rows:
    """Anchor by anchor, by the definitions."""
    found: Rows = set()
    for a in range(len(d)):
        positives = [p for p in range(len(d)) if pos[a][p]]
        if kind == "hard":
            positives = nearest(positives, [-x for x in d[a]])
        for p in positives:
            found |= {(a, p, n) for n in slow_others(kind, d[a], neg[a], d[a][p])}
    return found


def slow_others(kind: str, d: list[float], allowed: list[bool], near: float) -> list[int]:
    options = [n for n in range(len(d)) if allowed[n]]
    if kind == "semi-hard":
        options = [n for n in options if d[n] > near]
    return options if kind == "all" else nearest(options, d)


def slow_quadruplets(kind: str, d: list[list[float]], pos: list, neg: list) -> Rows:
    found: Rows = set()
    for a, p, n in slow_triplets(kind, d, pos, neg):
        allowed = [neg[a][o] and neg[n][o] for o in range(len(d))]
        found |= {(a, p, n, o) for o in slow_others(kind, d[n], allowed, d[a][p])}
    return found


def random_relations(m: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Distances, and relations with unknowns, as labelled pairs leave them."""
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(m, 4, generator=generator)
    draw = torch.rand(m, m, generator=generator).triu(1)
    positives, negatives = (draw > 0.75), (draw > 0.2) & (draw <= 0.75)
    distances = distance_matrix(vectors, vectors, "euclidean")
    return distances, positives | positives.T, negatives | negatives.T


def as_rows(indices: tuple[Tensor, ...]) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in indices), strict=True))


def by_classes(*classes: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    vectors = torch.randn(len(classes), 4, generator=torch.Generator().manual_seed(seed))
    distances = distance_matrix(vectors, vectors, "squared-euclidean")
    return distances, *class_relations(torch.tensor(classes))


@every_kind
@pytest.mark.parametrize("seed", range(4))
def test_triplets_and_quadruplets_equal_the_slow_loop(kind: Kind, seed: int) -> None:
    matrices = random_relations(12, seed)
    lists = [matrix.tolist() for matrix in matrices]
    triplets = as_rows(TripletMiner(kind)(*matrices))
    assert len(triplets) == len(set(triplets)) > 5
    assert set(triplets) == slow_triplets(kind, *lists)
    quadruplets = as_rows(TripletMiner(kind).quadruplets(*matrices))
    assert len(quadruplets) == len(set(quadruplets)) > 1
    assert set(quadruplets) == slow_quadruplets(kind, *lists)


def test_all_counts_as_combinatorics_does() -> None:
    classes = [0] * 3 + [1] * 4 + [2] * 2
    matrices = by_classes(*classes)
    sizes = [classes.count(c) for c in classes]
    assert len(TripletMiner("all")(*matrices).anchor) == sum((k - 1) * (9 - k) for k in sizes)
    quadruplets = as_rows(TripletMiner("all").quadruplets(*matrices))
    expected = {
        (a, p, n, o)
        for a, p, n, o in itertools.product(range(9), repeat=4)
        if a != p and classes[a] == classes[p] and len({classes[i] for i in (a, n, o)}) == 3
    }
    assert set(quadruplets) == expected


def test_kinds_on_a_line() -> None:
    places = torch.tensor([[0.0], [2.0], [5.0], [1.0], [3.0], [8.5]])
    distances = distance_matrix(places, places, "euclidean")
    positives, negatives = class_relations(torch.tensor([0, 0, 0, 1, 2, 3]))
    hard = as_rows(TripletMiner("hard")(distances, positives, negatives))
    assert hard == [(0, 2, 3), (1, 2, 3), (2, 0, 4)]
    semi_hard = as_rows(TripletMiner("semi-hard")(distances, positives, negatives))
    assert semi_hard == [(0, 1, 4), (0, 2, 5), (1, 0, 5), (1, 2, 5), (2, 1, 5)]


@every_kind
def test_order_of_the_batch_does_not_matter(kind: Kind) -> None:
    matrices = random_relations(10, 7)
    order = torch.randperm(10, generator=torch.Generator().manual_seed(3))
    moved = [matrix[order][:, order] for matrix in matrices]
    for mine in (TripletMiner(kind), TripletMiner(kind).quadruplets):
        back = {tuple(order[i].item() for i in row) for row in as_rows(mine(*moved))}
        assert back == set(as_rows(mine(*matrices)))
        assert back


@every_kind
@pytest.mark.parametrize("classes", [(), (0,), (0, 0, 0), (0, 1, 2)])
def test_batches_without_a_triplet_give_empty_indices(kind: Kind, classes: tuple[int, ...]) -> None:
    size = len(classes)
    matrices = torch.rand(size, size), *class_relations(torch.tensor(classes, dtype=torch.long))
    for indices in (TripletMiner(kind)(*matrices), TripletMiner(kind).quadruplets(*matrices)):
        assert all(column.shape == (0,) and column.dtype == torch.long for column in indices)


@every_kind
def test_an_anchor_without_positives_is_passed_over(kind: Kind) -> None:
    anchors = TripletMiner(kind)(*by_classes(0, 1, 1, 2)).anchor
    assert set(anchors.tolist()) <= {1, 2}
    assert len(TripletMiner("hard")(*by_classes(0, 1, 1, 2)).anchor) == 2


def test_equal_vectors_are_hard_but_not_semi_hard() -> None:
    distances = torch.zeros(4, 4)
    relations = class_relations(torch.tensor([0, 0, 1, 1]))
    assert len(TripletMiner("semi-hard")(distances, *relations).anchor) == 0
    hard = as_rows(TripletMiner("hard")(distances, *relations))
    assert hard == [(0, 1, 2), (1, 0, 2), (2, 3, 0), (3, 2, 0)]


@every_kind
def test_infinite_distances_never_choose_outside_the_relations(kind: Kind) -> None:
    matrices = torch.full((5, 5), torch.inf), *class_relations(torch.tensor([0, 0, 1, 1, 2]))
    for a, p, n in as_rows(TripletMiner(kind)(*matrices)):
        assert matrices[1][a, p]
        assert matrices[2][a, n]


@every_kind
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_any_floating_distances_are_mined(kind: Kind, dtype: torch.dtype) -> None:
    distances, positives, negatives = by_classes(0, 0, 1, 1, 2, 2)
    distances = distances.to(dtype)
    expected = slow_triplets(kind, distances.tolist(), positives.tolist(), negatives.tolist())
    assert set(as_rows(TripletMiner(kind)(distances, positives, negatives))) == expected


def test_mining_follows_no_gradient() -> None:
    distances, positives, negatives = by_classes(0, 0, 1, 1)
    indices = TripletMiner("hard")(distances.requires_grad_(), positives, negatives)
    assert not any(column.requires_grad for column in indices)


def test_matrices_that_do_not_fit_are_refused() -> None:
    distances, positives, negatives = by_classes(0, 0, 1)
    mine = TripletMiner()
    with pytest.raises(InputError, match=r"one shape \(m, m\), not \(2, 3\), \(3, 3\), \(3, 3\)"):
        mine(distances[:2], positives, negatives)
    with pytest.raises(InputError, match="are booleans, not"):
        mine(distances, positives.float(), negatives)
    with pytest.raises(InputError, match="contradict each other"):
        mine(distances, positives, negatives | positives)
    with pytest.raises(InputError, match="its own positive"):
        mine(distances, positives | torch.eye(3, dtype=torch.bool), negatives)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'semi-hard'"):
        TripletMiner("semihard")  # type: ignore[arg-type]


def test_hard_pairs_by_definition() -> None:
    distances = torch.tensor([0.1, 0.5, 0.9, 0.4, 0.9, 1.2])
    same = torch.tensor([True, True, True, False, False, False])
    assert hard_pairs(distances, same).tolist() == [1, 2, 3]


@pytest.mark.parametrize(("same", "expected"), [(True, [2, 3]), (False, [0, 1])])
def test_hard_pairs_of_one_label(same: bool, expected: list[int]) -> None:
    distances = torch.tensor([0.1, 0.2, 0.6, 0.7])
    assert hard_pairs(distances, torch.full((4,), same)).tolist() == expected


def test_hard_pairs_of_nothing() -> None:
    assert hard_pairs(torch.zeros(0), torch.zeros(0, dtype=torch.bool)).tolist() == []
