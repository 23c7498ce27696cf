from __future__ import annotations

from typing import Any

import pytest

from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.errors import InputError
from textsiamese.twins.picture_runtime import PictureRuntime
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.runtime import TorchRuntime
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.tower import tower_of


def test_an_encoder_is_run_by_what_it_reads(encoder: LstmEncoder) -> None:
    texts, pictures = tower_of(encoder), tower_of(CnnEncoder(CnnConfig.classic()))
    assert isinstance(texts.runtime, TorchRuntime)
    assert isinstance(pictures.runtime, PictureRuntime)
    assert (texts.reads, pictures.reads) == ("texts", "pictures")
    assert texts.open() is encoder
    assert tower_of(texts) is texts


def test_its_texts_are_counted_and_its_pictures_are_not(encoder: LstmEncoder) -> None:
    texts, pictures = tower_of(encoder), tower_of(CnnEncoder(CnnConfig.classic()))
    assert [each.count_texts(["a", "b"]) for each in (texts, pictures)] == [2, 0]


def test_a_twin_is_no_encoder(encoder: LstmEncoder) -> None:
    twin: Any = Siamese(encoder)
    with pytest.raises(InputError, match=r"a Siamese is a whole twin; .*twin\.encoder"):
        Siamese(twin)
    with pytest.raises(InputError, match="a Siamese is a whole twin"):
        PseudoSiamese(encoder, twin)
