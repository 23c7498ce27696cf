from __future__ import annotations

import onnx
import pytest

from textsiamese.encoders.lstm import LstmConfig
from textsiamese.encoders.lstm_graph import lstm_graph


@pytest.mark.parametrize("normalize", [True, False])
def test_the_graph_is_valid_and_holds_no_weights(normalize: bool) -> None:
    config = LstmConfig(embedding=64, hidden=48, dim=32, normalize=normalize)
    written = lstm_graph(config)
    assert len(written) < 10_000
    graph = onnx.load_from_string(written).graph
    assert [each.name for each in graph.output] == ["vectors"]
    assert [each.name for each in graph.input] == ["ids", "forwards", "backwards"]
    given = [w for w in graph.initializer if w.data_location == onnx.TensorProto.EXTERNAL]
    assert {w.name: list(w.dims) for w in given} == {
        "forwards_recurrent": [48, 192],
        "backwards_recurrent": [48, 192],
        "projection": [192, 32],
        "projection_bias": [32],
    }
    assert all(not w.raw_data and not w.float_data for w in given)
    assert any(node.op_type == "ReduceL2" for node in graph.node) == normalize


def test_the_same_sizes_give_the_same_bytes() -> None:
    assert lstm_graph(LstmConfig()) == lstm_graph(LstmConfig())
    assert lstm_graph(LstmConfig()) != lstm_graph(LstmConfig(hidden=191))
