from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from textsiamese.encoders.window_groups import Group, read_by_windows
from textsiamese.encoders.windows import Windowing


class Sums(nn.Module):
    """A text's vector is the sum of its pieces' rows; remembers the shapes that it was given."""

    def __init__(self, pieces: int = 500) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.rows = nn.Parameter(torch.randn(pieces, 3))
        self.shapes: list[list[tuple[int, ...]]] = []

    def forward(self, groups: Sequence[Group]) -> Tensor:
        self.shapes.append([tuple(ids.shape) for ids, _ in groups])
        return torch.cat([self._one(ids, lengths) for ids, lengths in groups])

    def _one(self, ids: Tensor, lengths: Tensor) -> Tensor:
        inside = torch.arange(ids.shape[1]) < lengths[:, None]
        return (self.rows[ids] * inside[..., None]).sum(1)


def group(*lengths: int, filling: int = 499, width: int = 0) -> Group:
    """Texts of these lengths, whose pieces are 0, 1, 2..., padded with something else."""
    most = max(*lengths, width)
    ids = torch.arange(most).repeat(len(lengths), 1)
    return ids.where(ids < torch.tensor(lengths)[:, None], filling), torch.tensor(lengths)


def by_hand(encoder: Sums, windows: list[list[int]], pooling: str) -> Tensor:
    vectors = torch.stack([encoder.rows[window].sum(0) for window in windows])
    return vectors.mean(0) if pooling == "mean" else vectors.amax(0)


@pytest.mark.parametrize("pooling", ["mean", "max"])
@pytest.mark.parametrize("unit", [True, False])
@pytest.mark.parametrize("graded", [True, False])
def test_windows_cut_by_hand(pooling: Any, unit: bool, graded: bool) -> None:
    encoder, how = Sums(), Windowing(4, 3, pooling=pooling, unit=unit)
    with torch.set_grad_enabled(graded):
        found = read_by_windows(encoder, [group(2, 4), group(5, 3, 10, width=11)], how)
    one = by_hand(encoder, [[0, 1, 2, 3], [1, 2, 3, 4]], pooling)
    three = by_hand(encoder, [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]], pooling)
    for row, expected in ((2, one), (4, three)):
        torch.testing.assert_close(found[row], expected / expected.norm() if unit else expected)
    for row, length in ((0, 2), (1, 4), (3, 3)):
        torch.testing.assert_close(found[row], encoder.rows[:length].sum(0))


def test_each_window_repeats_the_ends_of_its_text() -> None:
    encoder, how = Sums(), Windowing(5, 4, overlap=1, unit=False, ends=(1, 1))
    found = read_by_windows(encoder, [group(7, 9)], how)
    windows = [[[0, 1, 2, 3, 6], [0, 3, 4, 5, 6]], [[0, 1, 2, 3, 8], [0, 3, 4, 5, 8]]]
    windows[1].append([0, 5, 6, 7, 8])
    expected = torch.stack([by_hand(encoder, each, "mean") for each in windows])
    torch.testing.assert_close(found, expected)


def test_texts_that_fit_one_window_are_handed_on_as_they_are() -> None:
    encoder, groups = Sums(), [group(3, 4), group(1)]
    given: list[Sequence[Group]] = []

    def encode(groups: Sequence[Group]) -> Tensor:
        given.append(groups)
        return encoder(groups)

    assert torch.equal(read_by_windows(encode, groups, Windowing(4, 3)), encoder(groups))
    assert given[0] is groups


@pytest.mark.parametrize("graded", [True, False])
def test_the_gradient_flows_into_all_windows_and_memory_is_bounded_without_one(
    graded: bool,
) -> None:
    encoder, how = Sums(), Windowing(100, 300, unit=False)
    groups = [group(*[400] * 50), group(401, 401)]
    with torch.set_grad_enabled(graded):
        found = read_by_windows(encoder, groups, how)
    parts = [(81, 100), (81, 100), (38, 100), (10, 100)]
    assert encoder.shapes == ([parts] if graded else [[each] for each in parts])
    if graded:
        found.sum().backward()
        assert encoder.rows.grad is not None
        assert (encoder.rows.grad[:401] != 0).all()
        assert not encoder.rows.grad[401:].any()
