from __future__ import annotations

from pathlib import Path

import pytest

from tests.backbones import saved_backbone
from textsiamese.encoders.backbone import BackboneEncoder
from textsiamese.encoders.cnn import CnnConfig, CnnEncoder
from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import BundleError
from textsiamese.twins.towers import described, has_native_modules, open_tower, tower_files


@pytest.fixture
def cnn() -> CnnEncoder:
    return CnnEncoder(CnnConfig(size=16, widths=(8, 16), dim=6))


def test_each_kind_opens_as_what_it_was(
    encoder: LstmEncoder, bert: TransformerEncoder, cnn: CnnEncoder, tmp_path: Path
) -> None:
    backbone = BackboneEncoder(saved_backbone("convnext", tmp_path / "model"), dim=6)
    for each in (encoder, bert, cnn, backbone):
        files = tower_files(each)
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
        opened = open_tower(described(each), tmp_path, files, threads=1).open()
        assert type(opened) is type(each)
        assert opened.config == each.config
        assert described(opened) == described(each)


def test_only_a_transformer_needs_no_code_of_ours(
    encoder: LstmEncoder, bert: TransformerEncoder, cnn: CnnEncoder
) -> None:
    assert has_native_modules(bert)
    assert not has_native_modules(encoder)
    assert not has_native_modules(cnn)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    for kind in ("gru", None):
        with pytest.raises(BundleError, match=f"kind {kind!r}; this version opens 'lstm', .* and"):
            open_tower({"kind": kind}, tmp_path, {}, None)
