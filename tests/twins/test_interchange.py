from __future__ import annotations

import copy
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset
from safetensors.numpy import load_file
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer import losses

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.errors import BundleError, InputError
from textsiamese.twins.bundle import load
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.interchange import TwinEncoder
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import Cosine, Euclidean, PairHead, Similarity

TEXTS = ["no", "How do I learn Python? " * 40, "Why?", "a", "überall 双子", "?", "What is it?", "a"]


def opened(folder: Path | str) -> SentenceTransformer:
    return SentenceTransformer(
        str(folder), trust_remote_code=True, device="cpu", local_files_only=True
    )


@pytest.fixture(scope="module")
def model(saved: Path) -> SentenceTransformer:
    """The saved twin in sentence-transformers; not to be changed."""
    return opened(saved)


@pytest.mark.parametrize("batch", [1, 3, 32])
def test_the_same_vectors(model: SentenceTransformer, saved: Path, batch: int) -> None:
    vectors = model.encode(TEXTS, batch_size=batch)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, load(saved).encode(TEXTS), atol=1e-5)
    assert np.ptp(vectors, axis=0).max() > 0.1  # the texts do not all get one vector


def test_the_same_vectors_of_the_bundled_twin() -> None:
    twin = load()
    folder = Path(__file__).parent.parent.parent / "textsiamese" / "pretrained" / "lstm-quora"
    model = opened(folder)
    np.testing.assert_allclose(model.encode(TEXTS), twin.encode(TEXTS), atol=1e-5)
    assert model.get_embedding_dimension() == 384


def test_vectors_of_any_length(sample_texts: list[str], tmp_path: Path) -> None:
    torch.manual_seed(3)
    config = LstmConfig(embedding=5, hidden=4, dim=6, normalize=False)
    encoder = LstmEncoder.for_texts(sample_texts, config, vocabulary_size=400)
    torch.nn.init.normal_(encoder.embedding.weight)
    twin = Siamese(encoder)
    twin.save(tmp_path / "twin")
    vectors = opened(tmp_path / "twin").encode(sample_texts[:50])
    np.testing.assert_allclose(vectors, twin.encode(sample_texts[:50]), atol=1e-5)
    assert np.linalg.norm(vectors, axis=1).std() > 0.01


def test_one_text_no_text_and_an_empty_one(model: SentenceTransformer) -> None:
    assert model.encode("Why?").shape == (10,)
    assert len(model.encode([])) == 0
    assert np.isfinite(model.encode(["", " ", "Why?"])).all()


@pytest.mark.parametrize(
    ("measure", "name"),
    [(Cosine(), "cosine"), (Euclidean(), "euclidean"), (PairHead.new(10, 3), "cosine")],
)
def test_similarity(encoder: LstmEncoder, tmp_path: Path, measure: Similarity, name: str) -> None:
    twin = Siamese(encoder, measure)
    twin.save(tmp_path / "twin")
    model = opened(tmp_path / "twin")
    assert model.similarity_fn_name == name
    left, right = TEXTS[:4], TEXTS[4:]
    found = model.similarity(model.encode(left), model.encode(right)).diagonal()
    plain = Siamese(encoder, Cosine() if name == "cosine" else Euclidean())
    np.testing.assert_allclose(found, plain.similarity(left, right), atol=1e-5)


def test_no_weight_lies_there_twice(model: SentenceTransformer, saved: Path) -> None:
    names = sorted(file.name for file in saved.rglob("*.safetensors"))
    assert names == ["model.safetensors", "similarity.safetensors"]
    weights = load_file(saved / "model.safetensors")
    ours = {n.removeprefix("encoder."): w for n, w in weights.items() if n.startswith("encoder.")}
    theirs = {n.removeprefix("0.encoder."): w for n, w in model.state_dict().items()}
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_texts_are_cut_where_the_model_says(saved: Path, tmp_path: Path) -> None:
    model, long = opened(saved), "one two three four five six seven"
    assert model.max_seq_length == 40
    assert model.preprocess([long])["input_ids"].shape[1] > 3
    model.max_seq_length = 3
    assert model.preprocess([long, "one"])["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    model.save(str(tmp_path / "cut"), create_model_card=False)
    assert opened(tmp_path / "cut").max_seq_length == 3


def test_a_prompt_comes_first(model: SentenceTransformer) -> None:
    assert np.array_equal(model.encode(["b"], prompt="a "), model.encode(["a b"]))


@pytest.mark.parametrize("given", [3, None, ("a", "b")])
def test_what_is_no_text(model: SentenceTransformer, given: object) -> None:
    with pytest.raises(InputError, match=f"of type {type(given).__name__}; a twin reads str"):
        model.encode(["a", given])


def test_our_class_is_only_opened_when_that_is_asked_for(saved: Path) -> None:
    with pytest.raises(ValueError, match="trust_remote_code=True"):
        SentenceTransformer(str(saved), device="cpu", local_files_only=True)


def test_a_changed_byte_is_noticed(saved: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(saved, tmp_path / "copied"))
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(BundleError, match=r"model\.safetensors has changed since"):
        opened(folder)


def test_a_twin_that_is_not_there() -> None:
    with pytest.raises(BundleError, match='there is no twin "nobody/nothing"'):
        TwinEncoder.load("nobody/nothing", local_files_only=True)


def test_a_folder_with_the_name_of_a_bundled_twin(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(saved, tmp_path / "lstm-quora")
    monkeypatch.chdir(tmp_path)
    assert opened("lstm-quora").get_embedding_dimension() == 10


def test_it_is_handed_to_other_processes(model: SentenceTransformer) -> None:
    expected = model.encode(TEXTS)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert np.array_equal(other.encode(TEXTS), expected)


def test_saved_by_sentence_transformers(saved: Path, tmp_path: Path) -> None:
    folder, twin = Path(shutil.copytree(saved, tmp_path / "copied")), load(saved)
    for target in (tmp_path / "other", folder):  # elsewhere, and where it was opened from
        model = opened(folder)
        model.prompts = {"query": "asked: "}
        model.save(str(target))
        again, ours = opened(target), load(target)
        assert again.prompts["query"] == "asked: "
        np.testing.assert_allclose(again.encode(TEXTS), twin.encode(TEXTS), atol=1e-5)
        assert np.array_equal(ours.score(TEXTS, TEXTS[::-1]), twin.score(TEXTS, TEXTS[::-1]))
        assert ours.info == twin.info


def test_trained_and_saved_by_sentence_transformers(saved: Path, tmp_path: Path) -> None:
    folder, twin = tmp_path / "base", load(saved)
    twin.with_parts(info=TwinInfo("small", language="English", terms="be kind")).save(folder)
    model = opened(folder)
    before = model.encode(TEXTS)
    pairs = {"a": TEXTS, "b": TEXTS[::-1], "label": [1.0, 0.0] * 4}
    arguments = SentenceTransformerTrainingArguments(
        str(tmp_path / "run"),
        max_steps=2,
        per_device_train_batch_size=4,
        learning_rate=0.01,
        save_steps=2,
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
    )
    SentenceTransformerTrainer(
        model, arguments, Dataset.from_dict(pairs), loss=losses.ContrastiveLoss(model)
    ).train()
    after = model.encode(TEXTS)
    assert np.abs(after - before).max() > 0.01
    again, ours = opened(tmp_path / "run/checkpoint-2"), load(tmp_path / "run/checkpoint-2")
    np.testing.assert_allclose(again.encode(TEXTS), after, atol=1e-5)
    np.testing.assert_allclose(ours.encode(TEXTS), after, atol=1e-5)
    assert ours.decision is None  # it was fitted to other vectors, as was the pair head
    assert ours.measure.name == "cosine"
    info = TwinInfo("small, trained on", language="English", terms="be kind", base="small")
    assert ours.info == info
