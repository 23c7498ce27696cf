from __future__ import annotations

import pytest
from PIL import Image

from textsiamese.inputs.picture_kinds import FORMATS, is_begun, told_by_first_bytes


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7 12345678", "a PDF"),
        (b"<!doctype html>", "a web page"),
        (b"\x00\x00\x00\x18ftypheic0000", "a HEIC or AVIF picture"),
        (b"caption,image\na", ""),
        (b"", ""),
    ],
)
def test_what_a_file_seems_to_be(head: bytes, kind: str) -> None:
    assert told_by_first_bytes(head) == kind
    assert not is_begun(head)


def test_every_kind_that_is_read_is_known_to_pillow() -> None:
    Image.init()
    assert set(FORMATS) <= set(Image.OPEN)
