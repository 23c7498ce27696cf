"""`datasets.Dataset` tables, in memory, on disk or on the Hugging Face Hub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from textsiamese.errors import InputError, MissingPackageError, TextsiameseError
from textsiamese.inputs.typed import READ_ROWS, TypedSource

if TYPE_CHECKING:
    import pyarrow as pa

_ID = re.compile(
    r"(?P<name>[\w.-]+/[\w.-]+)(/(?P<config>[\w.-]+))?(:(?P<split>[\w.-]+))?", re.ASCII
)


def is_hub_id(text: str) -> bool:
    """Whether a text has the form owner/name, owner/name:split or owner/name/config:split."""
    return _ID.fullmatch(text) is not None and not text.startswith(("./", "../"))


def hub_source(hub_id: str) -> TypedSource:
    """Fetch a dataset from the Hub, or from the cache that `datasets` keeps.

    Raises:
        InputError: there is no such dataset, configuration or split.
        MissingPackageError: `datasets` is not installed.
    """
    try:
        import datasets
    except ImportError as error:
        raise MissingPackageError(
            f"{hub_id} needs the package datasets; install it with: pip install datasets"
        ) from error
    found = _ID.fullmatch(hub_id)
    name, config, split = found.group("name", "config", "split") if found else (hub_id, None, None)
    try:
        dataset = datasets.load_dataset(name, config, split=split)
    except (ConnectionError, TimeoutError) as error:
        raise TextsiameseError(
            f"there is no file {hub_id}, and the Hub could not be reached to look for a dataset of "
            f"that name ({_one_line(error)})"
        ) from error
    except Exception as error:
        raise InputError(
            f"there is no file {hub_id}, and it could not be had as a dataset of the Hub "
            f"({_one_line(error)}); an id reads owner/name, owner/name:split or "
            f"owner/name/config:split"
        ) from error
    if isinstance(dataset, dict) and len(dataset) == 1:
        dataset = next(iter(dataset.values()))
    return dataset_source(dataset, hub_id)


def dataset_source(dataset: Any, name: str = "Dataset") -> TypedSource:
    """Open a `datasets.Dataset`; it is read in pieces from where it lies.

    Raises:
        InputError: it is a DatasetDict, or a stream of unknown length.
    """
    if isinstance(dataset, dict):
        splits = ", ".join(dataset)
        one = next(iter(dataset), "train")
        fix = f'"{name}:{one}"' if is_hub_id(name) else f'dataset["{one}"]'
        raise InputError(f"{name} has the splits {splits}; give one of them, for instance {fix}")
    if not hasattr(dataset, "with_format") or not hasattr(dataset, "__len__"):
        raise InputError(
            f"{name} is a {type(dataset).__name__}; give a datasets.Dataset (load it without "
            f"streaming=True)"
        )
    arrow = dataset.with_format("arrow")

    def read() -> Iterator[pa.RecordBatch]:
        for start in range(0, len(arrow), READ_ROWS):
            yield from arrow[start : start + READ_ROWS].to_batches()

    return TypedSource(
        name,
        arrow[:0].schema,
        len(arrow),
        read,
        label_names=_label_names(dataset),
    )


def is_dataset(source: object) -> bool:
    """Whether `source` comes from the package `datasets` (which is not imported to find out)."""
    return type(source).__module__.split(".")[0] == "datasets"


def _label_names(dataset: Any) -> dict[str, list[str]]:
    """The names of the classes, for columns of class numbers; which is which, they alone say."""
    features = {name: getattr(kind, "names", None) for name, kind in dataset.features.items()}
    return {name: list(words) for name, words in features.items() if isinstance(words, list)}


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:299] + "…"
