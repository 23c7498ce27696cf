from __future__ import annotations

from pathlib import Path

import pytest

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.judging.calibration import Platt
from textsiamese.twins.bundle import load
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import PairHead

DECISION = Decision(Platt(4.0, -10.0), 0.6, "accuracy", 0.4, 0.4, 100)


@pytest.fixture(scope="session")
def torch_twin(encoder: LstmEncoder) -> Siamese:
    """A twin with a pair head and random weights, run in torch."""
    info = TwinInfo(name="small", language="English", scores={"dev accuracy": 0.5})
    return Siamese(encoder, PairHead.new(encoder.config.dim, 6), DECISION, info)


@pytest.fixture(scope="session")
def saved(torch_twin: Siamese, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that this twin was saved to; not to be changed."""
    folder = tmp_path_factory.mktemp("bundles") / "small"
    torch_twin.save(folder)
    return folder


@pytest.fixture(params=["torch", "onnx"])
def twin(request: pytest.FixtureRequest, torch_twin: Siamese, saved: Path) -> Siamese:
    """The twin in torch, and the same opened from its bundle."""
    return torch_twin if request.param == "torch" else load(saved, threads=1)
