from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from textsiamese.serving.thumbnails import SIZE, thumbnails


def test_pictures_become_small_jpegs_whole_and_on_white(
    paint: Callable[..., Path], tmp_path: Path
) -> None:
    from PIL import Image

    folder = paint(a="red")
    Image.new("RGB", (40, 20), "blue").save(folder / "wide.png")
    (folder / "bad.png").write_bytes(b"x")
    paths = [str(folder / name) for name in ("a.png", "bad.png", "wide.png", "a.png")]
    found = thumbnails(paths)
    assert list(found) == [paths[0], paths[2]]
    head, data = found[paths[2]].split(",")
    assert head == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape == (SIZE, SIZE, 3)
    assert abs(pixels[SIZE // 2, SIZE // 2] - [0, 0, 255]).max() < 12
    assert abs(pixels[4, SIZE // 2] - 255).max() < 12


def test_no_pictures_no_thumbnails() -> None:
    assert thumbnails([]) == {}
