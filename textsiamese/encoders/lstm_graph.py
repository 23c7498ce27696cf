"""The LSTM encoder as an ONNX graph, for texts of equal length and a folded input projection.

The graph holds no weights: those of the bundle are handed to it when it is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textsiamese.encoders.lstm import LstmConfig

DIRECTIONS = ("forwards", "backwards")
_STATES = ("h", "c", "total", "largest")


def lstm_graph(config: LstmConfig) -> bytes:
    """The graph of an encoder of these sizes, as the bytes of an ONNX file.

    Inputs: ``ids`` (L, n) int64, pieces numbered within the tables; ``forwards`` and ``backwards``
    (pieces, 4 * hidden) float32, what each piece adds to the gates i, f, o and twice g.
    Initializers to be handed over when it is opened: ``forwards_recurrent``,
    ``backwards_recurrent`` (hidden, 4 * hidden), ``projection`` (4 * hidden, dim) and
    ``projection_bias`` (dim,), float32. Output: ``vectors`` (n, dim) float32.
    """
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info
    tables = [value(d, TensorProto.FLOAT, ["pieces", 4 * config.hidden]) for d in DIRECTIONS]
    graph = helper.make_graph(
        [*_recurrence(config.hidden), *_pooling(), *_projection(config.normalize)],
        "lstm_encoder",
        [value("ids", TensorProto.INT64, ["L", "n"]), *tables],
        [value("vectors", TensorProto.FLOAT, ["n", config.dim])],
        initializer=[*_weights(config), *_numbers(config.hidden)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    model.ir_version = 10
    return model.SerializeToString()


def _recurrence(hidden: int) -> list[Any]:
    from onnx.helper import make_node as node

    states = [f"{direction}_{state}" for direction in DIRECTIONS for state in _STATES]
    begins = ["lowest" if state.endswith("largest") else "zeros" for state in states]
    return [
        node("Shape", ["ids"], ["length"], start=0, end=1),
        node("Shape", ["ids"], ["n"], start=1, end=2),
        node("Concat", ["n", "hidden"], ["state_shape"], axis=0),
        node("Expand", ["zero", "state_shape"], ["zeros"]),
        node("Expand", ["below_tanh", "state_shape"], ["lowest"]),
        node("Slice", ["ids", "last", "before_first", "axis_0", "last"], ["reversed"]),
        node(
            "Scan",
            [*begins, "ids", "reversed"],
            [f"{state}_final" for state in states],
            body=_step(hidden, states),
            num_scan_inputs=2,
        ),
    ]


def _step(hidden: int, states: list[str]) -> Any:
    """One step of both directions: (n, hidden) states and the (n,) ids of this step."""
    from onnx import TensorProto, helper

    def value(name: str) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", hidden])

    ids = [helper.make_tensor_value_info(f"{d}_ids", TensorProto.INT64, ["n"]) for d in DIRECTIONS]
    return helper.make_graph(
        [made for direction in DIRECTIONS for made in _cell(direction)],
        "step",
        [*map(value, states), *ids],
        [value(f"{state}_next") for state in states],
    )


def _cell(direction: str) -> list[Any]:
    """The LSTM cell (Hochreiter and Schmidhuber 1997, with forget gate), and running pooling.

    tanh(x) = 2 sigmoid(2x) - 1, and what comes in for g is doubled: one sigmoid for all gates.
    """
    from onnx import helper

    def node(kind: str, inputs: str, outputs: str, **attributes: int) -> Any:
        named = [
            [name if name in ("one", "two") else f"{direction}_{name}" for name in names.split()]
            for names in (inputs, outputs)
        ]
        return helper.make_node(kind, *named, **attributes)

    return [
        helper.make_node("Gather", [direction, f"{direction}_ids"], [f"{direction}_added"], axis=0),
        node("Gemm", "h recurrent added", "gates"),
        node("Sigmoid", "gates", "opened"),
        node("Split", "opened", "i f o g_opened", axis=1, num_outputs=4),
        node("Mul", "g_opened two", "g_doubled"),
        node("Sub", "g_doubled one", "g"),
        node("Mul", "i g", "written"),
        node("Mul", "f c", "kept"),
        node("Add", "written kept", "c_next"),
        node("Tanh", "c_next", "c_bounded"),
        node("Mul", "o c_bounded", "h_next"),
        node("Add", "total h_next", "total_next"),
        node("Max", "largest h_next", "largest_next"),
    ]


def _pooling() -> list[Any]:
    from onnx import TensorProto
    from onnx.helper import make_node as node

    largest = [f"{direction}_largest_final" for direction in DIRECTIONS]
    means = [f"{direction}_mean" for direction in DIRECTIONS]
    return [
        node("Cast", ["length"], ["steps"], to=TensorProto.FLOAT),
        *(node("Div", [f"{d}_total_final", "steps"], [f"{d}_mean"]) for d in DIRECTIONS),
        node("Concat", [*largest, *means], ["pooled"], axis=1),
    ]


def _projection(normalize: bool) -> list[Any]:
    from onnx.helper import make_node as node

    linear = node(
        "Gemm", ["pooled", "projection", "projection_bias"], ["raw" if normalize else "vectors"]
    )
    if not normalize:
        return [linear]
    return [
        linear,
        node("ReduceL2", ["raw", "last"], ["norm"], keepdims=1),
        node("Max", ["norm", "tiny"], ["divisor"]),
        node("Div", ["raw", "divisor"], ["vectors"]),
    ]


def _weights(config: LstmConfig) -> list[Any]:
    """Initializers without data, to be given when the graph is opened."""
    from onnx import TensorProto

    shapes = {f"{d}_recurrent": [config.hidden, 4 * config.hidden] for d in DIRECTIONS}
    shapes |= {"projection": [4 * config.hidden, config.dim], "projection_bias": [config.dim]}
    tensors = []
    for name, shape in shapes.items():
        tensor = TensorProto(
            name=name,
            dims=shape,
            data_type=TensorProto.FLOAT,
            data_location=TensorProto.EXTERNAL,
        )
        tensor.external_data.add(key="location", value="model.safetensors")
        tensors.append(tensor)
    return tensors


def _numbers(hidden: int) -> list[Any]:
    from onnx import TensorProto
    from onnx.helper import make_tensor

    whole = {
        "hidden": [hidden],
        "last": [-1],
        "before_first": [-(2**31)],
        "axis_0": [0],
    }
    real = {"zero": 0.0, "one": 1.0, "two": 2.0, "below_tanh": -2.0, "tiny": 1e-12}
    return [
        *(make_tensor(name, TensorProto.INT64, [len(v)], v) for name, v in whole.items()),
        *(make_tensor(name, TensorProto.FLOAT, [1], [v]) for name, v in real.items()),
    ]
