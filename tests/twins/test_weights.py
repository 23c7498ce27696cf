from __future__ import annotations

import numpy as np

from textsiamese.twins.weights import packed, part, unpacked


def test_half_where_nothing_is_lost() -> None:
    exact = np.array([[0.5, -2.0]], dtype=np.float32)
    fine = np.array([0.1, 1e6], dtype=np.float32)
    content = packed({"exact": exact, "fine": fine})
    again = unpacked(content)
    assert {name: value.dtype for name, value in again.items()} == {
        "exact": np.float32,
        "fine": np.float32,
    }
    np.testing.assert_array_equal(again["exact"], exact)
    np.testing.assert_array_equal(again["fine"], fine)
    assert b'"exact":{"dtype":"F16"' in content
    assert b'"fine":{"dtype":"F32"' in content


def test_whole_numbers_stay_so() -> None:
    content = packed({"seen": np.array(70_001)})
    assert b'"seen":{"dtype":"I64"' in content
    assert unpacked(content)["seen"] == 70_001
    assert unpacked(content)["seen"].shape == ()


def test_the_same_weights_give_the_same_bytes() -> None:
    weights = {"a": np.ones(3, np.float32), "b": np.full(2, 0.1, np.float32)}
    assert packed(weights) == packed(dict(weights))


def test_a_part_by_its_prefix() -> None:
    weights = {"a.x": np.ones(1), "a.y.z": np.ones(2), "b.x": np.ones(3)}
    assert sorted(part(weights, "a.")) == ["x", "y.z"]
