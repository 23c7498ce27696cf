"""What a teacher gives to a training: the options that name it, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from textsiamese.cli.messages import say
from textsiamese.cli.opening import open_twin
from textsiamese.errors import InputError

if TYPE_CHECKING:
    from textsiamese.inputs.pairs import Pairs
    from textsiamese.twins.siamese import Siamese

TEACHER_COLUMN = typer.Option(
    None,
    "--teacher-column",
    metavar="COL",
    help="Column of PAIRS with a teacher's probabilities, such as score writes; a row without a "
    "label then takes its word.",
)
TEACHER = typer.Option(
    None, "--teacher", metavar="TWIN", help="A twin whose vectors of the texts are learnt as well."
)
TEACHER_VECTORS = typer.Option(
    None,
    "--teacher-vectors",
    metavar="FOLDER",
    help="Where these vectors stay, for other trainings; left out: they go at the end.",
)
TEXTS = typer.Option(
    None,
    "--texts",
    metavar="COL",
    help="PAIRS holds texts alone, in this column: learn the teacher's vectors of them.",
)


@dataclass(frozen=True)
class Teaching:
    """What the user said of a teacher.

    Attributes:
        column: of the pairs, with its probabilities; None for none.
        twin: the name of a twin whose vectors are learnt; None for none.
        vectors: the folder in which they stay; None for the one of the checkpoints.
        texts: the column of a table that holds texts alone; None for a table of pairs.
        encoding: of a text file that is not UTF-8.

    Raises:
        InputError: if one of them makes no sense without, or beside, another.
    """

    column: str | None
    twin: str | None
    vectors: Path | None
    texts: str | None
    encoding: str | None

    def __post_init__(self) -> None:
        if self.texts is not None and self.twin is None:
            raise InputError(
                "--texts: of texts alone, a twin learns nothing but how a teacher encodes them: "
                "name it with --teacher TWIN"
            )
        if self.texts is not None and self.column is not None:
            raise InputError(
                "--texts is for a table of texts alone, which has no probabilities of pairs: leave "
                "out --teacher-column, or --texts"
            )
        if self.vectors is not None and self.twin is None:
            raise InputError(
                f"--teacher-vectors {self.vectors}: there is no teacher whose vectors could stay "
                "there; name it with --teacher TWIN"
            )

    def open(self, threads: int | None) -> Siamese | None:
        """The twin whose vectors are learnt; on a GPU where there is one, as the training is.

        Raises:
            BundleError: there is no such twin.
            InputError: it has no vectors.
        """
        if self.twin is None:
            return None
        import torch

        from textsiamese.learning.teachable import check_has_vectors

        device = "cuda" if torch.cuda.is_available() else "cpu"
        return check_has_vectors(open_twin(self.twin, threads, device))

    def read(self, source: str, read_pairs: Callable[..., Pairs]) -> Pairs:
        """The table to learn from: its texts alone, or what the reader of pairs makes of it.

        Raises:
            InputError: it cannot be read.
        """
        if self.texts is None:
            return read_pairs(source, taught=self.column)
        from textsiamese.inputs.listing import read_texts
        from textsiamese.inputs.pairs import Pairs

        texts = read_texts(source, column=self.texts, encoding=self.encoding, tell=say)
        return Pairs.of_texts(texts, Path(source).name)
