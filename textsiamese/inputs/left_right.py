"""The two sides of a pair, and what may stand on one of them."""

from __future__ import annotations

from typing import Literal

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

Reads = Literal["texts", "pictures"]
"""What a twin reads on a side; a picture is a path or a PIL image."""
