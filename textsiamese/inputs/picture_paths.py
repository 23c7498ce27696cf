"""Where the pictures that a table names by path lie."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from textsiamese.errors import InputError
from textsiamese.inputs.left_right import SIDES, Side

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
_LOOKED_AT = 100


@dataclass(frozen=True)
class PicturePaths:
    """The folders that relative paths start from, of each side; None where a side holds texts."""

    left: Path | None = None
    right: Path | None = None

    @classmethod
    def of(
        cls,
        source: object,
        sides: Collection[str],
        folder: str | os.PathLike[str] | None = None,
    ) -> PicturePaths:
        """Those of a table.

        Args:
            source: the table; a relative path is looked for beside it, and for tables that are no
                files in the working folder.
            sides: which of "left" and "right" hold pictures.
            folder: where relative paths start from, if not there.

        Raises:
            InputError: there is no such side, or no such folder.
        """
        if isinstance(sides, str) or not set(sides) <= set(SIDES):
            raise InputError(
                f"picture_sides is {sides!r}; it lists those of the two sides that hold pictures, "
                'such as ["right"]'
            )
        if folder is not None and not sides:
            raise InputError(
                f"pictures would be looked for in {folder}, and texts are read on both sides: "
                "leave the folder out (--pictures, pictures=), or choose a twin that reads "
                'pictures (from Python: read_pairs(..., picture_sides=["right"]))'
            )
        if not sides:
            return cls()
        base = _base(source, folder)
        return cls(*(base if side in sides else None for side in SIDES))

    @property
    def sides(self) -> list[Side]:
        """The sides that hold pictures."""
        return [side for side in SIDES if getattr(self, side) is not None]

    def located(self, side: Side, cell: str) -> str:
        """A cell of a side: where it names a picture, the path from the working folder."""
        base: Path | None = getattr(self, side)
        return cell if base is None or "://" in cell else str(base / cell)


def seem_pictures(texts: Sequence[str]) -> bool:
    """Whether texts are names of picture files, as the suffixes of the first hundred tell."""
    some = texts[:_LOOKED_AT]
    return len(some) > 0 and all(each.lower().endswith(SUFFIXES) for each in some)


def _base(source: object, folder: str | os.PathLike[str] | None) -> Path:
    """The folder that relative paths of a table's pictures start from.

    Raises:
        InputError: it is named, and there is no such folder.
    """
    if folder is not None:
        if not os.path.isdir(folder):
            raise InputError(f"there is no folder {folder} to look for pictures in (--pictures)")
        return Path(folder)
    is_file = isinstance(source, (str, os.PathLike)) and os.path.isfile(source)
    return Path(source).parent if is_file else Path()  # type: ignore[arg-type]
