"""Runs the LSTM encoder on a CPU in onnxruntime: the same numbers as torch, without torch.

The input projection of an LSTM is folded into its embedding: each distinct piece of a job is
multiplied by W_ih once, and the graph only looks the result up and runs the recurrence. Batches
hold texts of equal length, so there is no padding, no mask, and a row does not feel its company.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from textsiamese.cores import usable_cores
from textsiamese.encoders.lengths import equal_length_batches
from textsiamese.encoders.lstm_graph import DIRECTIONS
from textsiamese.encoders.tokens import Tokens
from textsiamese.encoders.windows import Windowing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

_BATCH = 256


class LstmOnnx:
    """Runs the graph of an :class:`LstmEncoder` in onnxruntime.

    Args:
        graph: what :func:`textsiamese.encoders.lstm_graph.lstm_graph` wrote.
        weights: the encoder's state dict as float32 arrays.
        threads: texts are encoded by so many threads; all usable cores if None.
        windowing: how texts longer than a window are read; whole if None.
    """

    def __init__(
        self,
        graph: bytes,
        weights: Mapping[str, Array],
        threads: int | None = None,
        windowing: Windowing | None = None,
    ) -> None:
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # it would report to its maker
        import onnxruntime as ort

        self.threads = threads or usable_cores()
        self._windowing = windowing or Windowing(sys.maxsize)
        self._embedding = weights["embedding.weight"]
        self._inputs = {name: _input_weights(weights, name) for name in DIRECTIONS}
        constants = _constants(weights)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_external_initializers(
            list(constants), [ort.OrtValue.ortvalue_from_numpy(v) for v in constants.values()]
        )
        self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def encode(self, tokens: Tokens) -> Array:
        """Vectors of the texts, float32 (n, dim)."""
        flat, tables = self._fold(tokens.flat)
        windows = self._windowing.split(tokens.lengths)
        starts = tokens.starts[windows.of] + windows.starts

        def run(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Array]:
            steps = np.arange(windows.lengths[rows[0]])
            ids = flat[starts[rows] + steps[:, None]]  # (L, n)
            return rows, self._session.run(None, {"ids": ids, **tables})[0]

        vectors = np.empty((len(starts), self.dim), dtype=np.float32)
        with ThreadPoolExecutor(self.threads) as pool:
            for rows, part in pool.map(run, equal_length_batches(windows.lengths, _BATCH)):
                vectors[rows] = part
        return self._windowing.pooled(vectors, windows.counts)

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return int(self._session.get_outputs()[0].shape[1])

    def _fold(self, flat: NDArray[np.int32]) -> tuple[NDArray[np.int64], dict[str, Array]]:
        """Ids renumbered among the pieces that are folded, and their gate inputs, (pieces, 4h).

        A large job takes the whole vocabulary, which is folded once; a small one its own pieces.
        """
        present = np.zeros(len(self._embedding), dtype=np.bool_)
        present[flat] = True
        if 2 * present.sum() > len(present):
            return flat.astype(np.int64), self._whole_vocabulary
        return (np.cumsum(present) - 1)[flat], self._gate_inputs(self._embedding[present])

    @cached_property
    def _whole_vocabulary(self) -> dict[str, Array]:
        return self._gate_inputs(self._embedding)

    def _gate_inputs(self, embedded: Array) -> dict[str, Array]:
        tables = {name: embedded @ weight for name, (weight, _) in self._inputs.items()}
        for name, (_, bias) in self._inputs.items():
            tables[name] += bias
        return tables


def _reordered(gates: Array) -> Array:
    """Gates i, f, g, o of torch (rows) -> i, f, o, 2g, as the graph takes them."""
    i, f, g, o = np.split(gates, 4)
    return np.concatenate([i, f, o, 2 * g])


def _input_weights(weights: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    """W_ih transposed, (embedding, 4h), and the sum of both biases, (4h,)."""
    bias = weights[f"{name}.bias_ih_l0"] + weights[f"{name}.bias_hh_l0"]
    return np.ascontiguousarray(_reordered(weights[f"{name}.weight_ih_l0"]).T), _reordered(bias)


def _constants(weights: Mapping[str, Array]) -> dict[str, Array]:
    """What the graph's initializers hold."""
    recurrent = {
        f"{name}_recurrent": np.ascontiguousarray(_reordered(weights[f"{name}.weight_hh_l0"]).T)
        for name in DIRECTIONS
    }
    return {
        **recurrent,
        "projection": np.ascontiguousarray(weights["projection.weight"].T),
        "projection_bias": weights["projection.bias"],
    }
