"""From whatever the user gave to a table that can be read in batches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from textsiamese.errors import InputError
from textsiamese.inputs.batches import Asked, Source
from textsiamese.inputs.files import TableFile


def open_source(source: Any, encoding: str | None, asked: Asked) -> Source:
    """Open a table.

    Args:
        source: a path, "-" for standard input, a DataFrame, a datasets.Dataset, a pyarrow.Table,
            or the id of a dataset of the Hub.
        encoding: of a text file; None to go by its byte order mark, else UTF-8.
        asked: the names of the left, right and label column that the user gave, if any.

    Raises:
        InputError: it is none of these, or holds no table.
    """
    if isinstance(source, (str, os.PathLike)):
        return _open_path(source, encoding, asked)
    if _comes_from("pandas", "DataFrame", source):
        from textsiamese.inputs.frames import FrameSource

        return FrameSource(source)
    if _comes_from("pyarrow", "Table", source):
        from textsiamese.inputs.typed import arrow_source

        return arrow_source(source, "Table")
    from textsiamese.inputs.hub import dataset_source, is_dataset

    if is_dataset(source):
        return dataset_source(source)
    raise InputError(
        f"a table is a path, a DataFrame, a datasets.Dataset, a pyarrow.Table or a Hub dataset "
        f"id, not {type(source).__name__}; make one of them, for instance "
        f'pandas.DataFrame({{"question1": [...], "question2": [...]}})'
    )


def _open_path(source: str | os.PathLike[str], encoding: str | None, asked: Asked) -> Source:
    from textsiamese.inputs.hub import hub_source, is_hub_id
    from textsiamese.inputs.kinds import find_kind, suffix_kind

    if isinstance(source, str) and is_hub_id(source) and not suffix_kind(source):
        path = Path(source)
        if not path.exists() and not path.parent.is_dir():
            return hub_source(source)
    file = TableFile(source)
    kind, encoding = find_kind(file, encoding)
    if kind == "parquet":
        from textsiamese.inputs.typed import parquet_source

        return parquet_source(file)
    if kind == "jsonl":
        from textsiamese.inputs.jsonl import JsonlSource

        return JsonlSource(file, encoding)
    from textsiamese.inputs.delimited import DelimitedSource

    return DelimitedSource(file, kind, encoding, asked)


def _comes_from(package: str, name: str, source: object) -> bool:
    kinds = type(source).__mro__
    return any(k.__name__ == name and k.__module__.split(".")[0] == package for k in kinds)
