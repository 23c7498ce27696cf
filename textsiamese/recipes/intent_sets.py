"""The public sets of texts by intent, where twins are told a few examples of each.

Where each file comes from, and on what terms, is in ``data/README.md``. No recipe trains on them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from textsiamese.recipes.robustness_sets import public_file

_OUT_OF_SCOPE = "oos"  # CLINC150's texts of no intent


@dataclass(frozen=True)
class Intents:
    """Texts, and which intent each has.

    Attributes:
        name: of the set.
        texts: n of them.
        labels: the intents, n of them.
    """

    name: str
    texts: list[str]
    labels: list[str]

    def fingerprint(self) -> str:
        """SHA-256 of texts and labels, in hex."""
        return hashlib.sha256("\0".join([*self.texts, *self.labels]).encode()).hexdigest()


def intent_sets(data: Path) -> list[Intents]:
    """Banking77 (77 intents of bank customers) and CLINC150 (150 of users of an assistant).

    Args:
        data: the folder with ``intents/``.

    Raises:
        InputError: a file is not there.
    """
    names = {"Banking77 train": "banking77_train", "CLINC150 train": "clinc150_train"}
    return [_intents(name, data / "intents" / f"{file}.parquet") for name, file in names.items()]


def _intents(name: str, file: Path) -> Intents:
    import pandas as pd

    table = pd.read_parquet(public_file(file))
    table = table[table["category"] != _OUT_OF_SCOPE]
    return Intents(name, table["text"].tolist(), table["category"].tolist())
