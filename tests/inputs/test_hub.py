from __future__ import annotations

import datasets
import pytest

from textsiamese.errors import InputError, TextsiameseError
from textsiamese.inputs.columns import Columns
from textsiamese.inputs.hub import dataset_source, hub_source, is_dataset, is_hub_id

ROWS = {
    "sentence1": ["a", None, "c"],
    "sentence2": ["d", "e", "f"],
    "label": [0, 1, 1],
}
ROLES = Columns("sentence1", "sentence2", "label")


def labels(data: datasets.Dataset) -> list[object]:
    return [x for b in dataset_source(data).batches(ROLES, 2, 0) for x in b.label or []]


def test_a_dataset_is_read_in_pieces():
    data = datasets.Dataset.from_dict(ROWS)
    source = dataset_source(data)
    assert (source.columns, source.size, source.name) == (list(ROWS), 3, "Dataset")
    batches = list(source.batches(ROLES, 2, 0))
    assert [b.left for b in batches] == [["a", None], ["c"]]
    assert [list(b.lines) for b in batches] == [[1, 2], [3]]
    assert batches[0].table.schema.equals(source.schema)
    assert data[0]["sentence1"] == "a"


def test_selected_and_shuffled_rows():
    data = datasets.Dataset.from_dict(ROWS).select([2, 0])
    (batch,) = dataset_source(data).batches(ROLES, 5, 0)
    assert batch.left == ["c", "a"]
    assert dataset_source(data[:0] and data.select([])).size == 0
    digest = dataset_source(data).fingerprint()
    assert digest == dataset_source(datasets.Dataset.from_dict(data.to_dict())).fingerprint()
    assert digest != dataset_source(data.select([1, 0])).fingerprint()


def test_class_names_say_what_a_number_means():
    data = datasets.Dataset.from_dict(ROWS)
    for names, expected in [
        (["not_equivalent", "equivalent"], ["not_equivalent", "equivalent", "equivalent"]),
        (["duplicate", "not duplicate"], ["duplicate", "not duplicate", "not duplicate"]),
        (["True", "False"], ["True", "False", "False"]),
        (["entailment", "contradiction"], ["entailment", "contradiction", "contradiction"]),
    ]:
        assert labels(data.cast_column("label", datasets.ClassLabel(names=names))) == expected


def test_what_is_no_one_table():
    data = datasets.Dataset.from_dict(ROWS)
    both = datasets.DatasetDict(train=data, test=data)
    with pytest.raises(InputError, match=r'has the splits train, test.*dataset\["train"\]'):
        dataset_source(both)
    with pytest.raises(InputError, match="IterableDataset"):
        dataset_source(data.to_iterable_dataset())
    assert all(map(is_dataset, (data, both)))
    assert not is_dataset(ROWS)


@pytest.mark.parametrize("text", ["owner/name", "a-b/c.d:train", "owner/name/config:test"])
def test_ids(text):
    assert is_hub_id(text)


@pytest.mark.parametrize("text", ["name", "/owner/name", "./a/b", "../a", "a/b/c/d", "a b/c", "-"])
def test_no_ids(text):
    assert not is_hub_id(text)


def test_an_id_is_handed_to_datasets(monkeypatch):
    asked = []

    def load(name, config, split):
        asked.append((name, config, split))
        data = datasets.Dataset.from_dict(ROWS)
        return data if split else datasets.DatasetDict(train=data, test=data)

    monkeypatch.setattr(datasets, "load_dataset", load)
    assert hub_source("owner/name:test").name == "owner/name:test"
    assert hub_source("owner/name/config:train").size == 3
    assert asked == [("owner/name", None, "test"), ("owner/name", "config", "train")]
    with pytest.raises(InputError, match=r'splits train, test.*"owner/name:train"'):
        hub_source("owner/name")


def test_one_split_needs_no_name(monkeypatch):
    one = datasets.DatasetDict(only=datasets.Dataset.from_dict(ROWS))
    monkeypatch.setattr(datasets, "load_dataset", lambda *a, **k: one)
    assert hub_source("owner/name").size == 3


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (ConnectionError("no route\nto host"), TextsiameseError, "the Hub could not be reached"),
        (FileNotFoundError("no such dataset"), InputError, "could not be had as a dataset"),
        (ValueError("Config name is missing: " + "x" * 9999), InputError, "Config name is missing"),
    ],
)
def test_no_dataset_is_one_sentence(monkeypatch, error, kind, message):
    def load(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(datasets, "load_dataset", load)
    with pytest.raises(kind, match=message) as caught:
        hub_source("owner/name")
    assert "there is no file owner/name" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
