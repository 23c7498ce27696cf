from __future__ import annotations

from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.twins.picture_runtime import PictureRuntime
from textsiamese.twins.runtime import TorchRuntime
from textsiamese.twins.tower import tower_of


def test_an_encoder_is_run_by_what_it_reads(encoder: LstmEncoder) -> None:
    texts, pictures = tower_of(encoder), tower_of(CnnEncoder(CnnConfig.classic()))
    assert isinstance(texts.runtime, TorchRuntime)
    assert isinstance(pictures.runtime, PictureRuntime)
    assert (texts.reads, pictures.reads) == ("texts", "pictures")
    assert texts.open() is encoder
    assert tower_of(texts) is texts
