"""The pictures that a table names, found and looked at while it is read."""

from __future__ import annotations

from collections.abc import Sequence

from textsiamese.inputs.left_right import SIDES, Side
from textsiamese.inputs.picture_paths import PicturePaths
from textsiamese.inputs.pictures import PictureForm, read_pictures

_SMALL = PictureForm(size=8)
Cells = list[str | None]


class PictureChecks:
    """Looks at each picture once; a table that names none passes as it is.

    Args:
        paths: which sides name pictures, and where they lie.
    """

    def __init__(self, paths: PicturePaths) -> None:
        self._paths = paths
        self._faults: dict[str, str] = {}

    @property
    def sides(self) -> list[Side]:
        """The sides that name pictures."""
        return self._paths.sides

    def located(
        self, left: Sequence[str | None], right: Sequence[str | None]
    ) -> tuple[Cells, Cells, dict[int, str]]:
        """The cells of some rows, with where their pictures lie.

        Args:
            left: the cells of the left side, None where a row has a problem already.
            right: those of the right side.

        Returns:
            both sides, None where a picture cannot be read, and what is wrong with those rows, by
            their numbers.
        """
        faults: dict[int, str] = {}
        sides = [self._side(*side, faults) for side in zip(SIDES, (left, right), strict=True)]
        return sides[0], sides[1], faults

    def _side(self, side: Side, cells: Sequence[str | None], faults: dict[int, str]) -> Cells:
        found = [cell and self._paths.located(side, cell) for cell in cells]
        if side in self._paths.sides:
            self._look_at([path for path in dict.fromkeys(found) if path])
            for row, path in enumerate(found):
                if path and self._faults[path]:
                    faults[row] = self._faults[path]
                    found[row] = None
        return found

    def _look_at(self, paths: list[str]) -> None:
        new = [path for path in paths if path not in self._faults]
        _, faults = read_pictures(new, _SMALL)
        self._faults |= {path: faults.get(number, "") for number, path in enumerate(new)}
