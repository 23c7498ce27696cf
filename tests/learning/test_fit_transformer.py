"""A transformer twin through `fit` and the `train` command as a whole: all its weights, or LoRA."""

from __future__ import annotations

import csv
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from textsiamese.cli.main import app
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.judging.metrics import average_precision
from textsiamese.learning import trainer as training
from textsiamese.learning.config import FitConfig
from textsiamese.learning.fit import fit
from textsiamese.twins.bundle import load
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import PairHead

Command = Callable[..., subprocess.CompletedProcess[bytes]]
Start = Callable[..., subprocess.Popen[bytes]]

CONFIG = FitConfig(bf16=False, half_weights=False, keep_checkpoints=True)
LEARNING = replace(CONFIG, epochs=10, batch_size=10, learning_rate=5e-3, patience=10)
SHORT = replace(CONFIG, epochs=3, batch_size=25, learning_rate=5e-3, lora=4)


@pytest.fixture(autouse=True, scope="module")
def float32() -> Iterator[None]:
    """Encode in float32 on every machine, so that numbers can be compared closely."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textsiamese.twins.runtime.has_bf16", lambda _: False)
        yield


@pytest.fixture(scope="module")
def few(train: Pairs) -> Pairs:
    return of_few_topics(200, 3)


@pytest.fixture(scope="module")
def few_dev() -> Pairs:
    return of_few_topics(100, 4)


def of_few_topics(n: int, seed: int) -> Pairs:
    """Pairs, alternately the same; a tiny transformer can tell four topics apart."""
    random = np.random.default_rng(seed)
    words = [("bread", "dough"), ("python", "script"), ("shoes", "boots"), ("train", "ticket")]
    frames = ["how do i learn about {}", "what is there to know on {}?", "{} for beginners"]
    topics = random.integers(4, size=n)
    others = (topics + random.integers(1, 4, size=n) * (np.arange(n) % 2)) % 4
    left, right = (
        [random.choice(frames).format(random.choice(words[topic])) for topic in side]
        for side in (topics, others)
    )
    return Pairs(left, right, 1 - np.arange(n) % 2, f"topics {seed}")


def new_twin(folder: Path, *, head: bool = False, **options: Any) -> Siamese:
    encoder = TransformerEncoder(folder, **options)
    return Siamese(encoder, PairHead.new(16, 8) if head else None)


def precision(twin: Siamese, pairs: Pairs) -> float:
    return average_precision(twin.similarity(pairs.left, pairs.right), pairs.labels)


@pytest.mark.parametrize(
    ("loss", "lora"),
    [
        ("contrastive", 0),
        ("cosent", 0),
        ("multiple-negatives", 0),
        ("cross-entropy", 0),
        ("multiple-negatives", 8),
    ],
)
def test_it_learns(
    bert_folder: Path, few: Pairs, few_dev: Pairs, tmp_path: Path, loss: str, lora: int
) -> None:
    twin = new_twin(bert_folder, head=loss == "cross-entropy", dropout=0.0)
    table, dev = few, few_dev
    if loss == "cosent":
        half_known = np.random.default_rng(0).uniform(-0.2, 0.2, len(few))
        table = replace(few, grades=0.2 + 0.6 * few.labels + half_known)
        dev = replace(few_dev, grades=few_dev.labels.astype(float))
    elif loss == "multiple-negatives":
        table = few.subset(few.labels == 1)
    before = precision(twin, dev)
    config = replace(LEARNING, lora=lora)
    fitted = fit(twin, table, dev, loss=loss, out=tmp_path / "twin", config=config)
    assert before < 0.7
    assert precision(fitted, dev) > 0.85
    opened = load(tmp_path / "twin")
    assert np.array_equal(opened.score(dev.left, dev.right), fitted.score(dev.left, dev.right))


@pytest.fixture(scope="module")
def run(
    bert_folder: Path, train: Pairs, dev: Pairs, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A whole run with LoRA: the folder of its bundle."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    fit(new_twin(bert_folder), train, dev, out=out, config=SHORT)
    return out


def test_what_lora_learnt_is_merged_and_plain_sentence_transformers_opens_it(
    run: Path, bert_folder: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    new_twin(bert_folder).save(plain := run.parent / "plain")
    assert {f.relative_to(run) for f in run.rglob("*")} == {
        f.relative_to(plain) for f in plain.rglob("*")
    }
    learnt, begun = (load_file(each / "model.safetensors") for each in (run, plain))
    changed = {name for name in begun if not torch.equal(learnt[name], begun[name])}
    assert learnt.keys() == begun.keys()
    assert len(changed) == 12
    assert all(learnt[name].ndim == 2 for name in changed)
    peer = SentenceTransformer(str(run), trust_remote_code=False)
    np.testing.assert_allclose(
        peer.encode(["why bread"]), load(run).encode(["why bread"]), atol=1e-6
    )


def test_the_dev_metrics_of_lora_are_those_of_the_merged_twin(run: Path, dev: Pairs) -> None:
    twin = load(run)
    epochs = twin.info.training["epochs"]
    (kept,) = [each for each in epochs if each["kept"]]
    assert kept["average_precision"] == max(each["average_precision"] for each in epochs)
    assert precision(twin, dev) == pytest.approx(kept["average_precision"], abs=1e-6)
    assert len({each["average_precision"] for each in epochs}) == 3


def test_weights_are_rounded_once_they_are_merged(
    bert_folder: Path, train: Pairs, dev: Pairs, tmp_path: Path
) -> None:
    config = replace(SHORT, epochs=1, half_weights=True)
    fit(new_twin(bert_folder), train, dev, out=tmp_path / "twin", config=config)
    stored = load_file(tmp_path / "twin" / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.float16}


def test_a_twin_that_lora_makes_no_better_keeps_its_weights(
    bert_folder: Path, train: Pairs, dev: Pairs, tmp_path: Path
) -> None:
    twin = load(bert_folder)
    similarity = twin.similarity(dev.left, dev.right)
    ours = replace(dev, labels=(similarity > np.median(similarity)).astype(np.int8))
    fitted = fit(twin, train, ours, out=tmp_path / "twin", config=replace(SHORT, epochs=1))
    assert [each["kept"] for each in fitted.info.training["epochs"]] == [True, False]
    assert np.array_equal(fitted.encode(dev.left), twin.encode(dev.left))


class InterruptedRunError(Exception):
    """Stands for whatever ends a run early."""


@pytest.mark.parametrize("steps", [5, 16])
def test_interrupted_and_resumed_lora_ends_with_the_same_bits(
    run: Path,
    bert_folder: Path,
    train: Pairs,
    dev: Pairs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    steps: int,
) -> None:
    out, config = tmp_path / "twin", replace(SHORT, save_steps=5)

    def stop(self: Any, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == steps + 2:
            raise InterruptedRunError

    with monkeypatch.context() as patch:
        patch.setattr(training.Progress, "on_step_end", stop)
        with pytest.raises(InterruptedRunError):
            fit(new_twin(bert_folder), train, dev, out=out, config=config)
    assert Path(f"{out}.checkpoints", f"checkpoint-{steps}").exists()
    capsys.readouterr()
    fit(new_twin(bert_folder), train, dev, out=out, config=config, resume=True)
    assert ("epoch 1 of 3" in capsys.readouterr().err) == (steps < 8)
    whole, resumed = (each / "model.safetensors" for each in (run, out))
    assert resumed.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("options", "lora", "said"),
    [
        ({"max_length": 20}, 4, "max_length was 40 and is 20"),
        ({"pooling": "cls"}, 4, "pooling was mean and is cls"),
        ({}, 8, "lora was 4 and is 8"),
        ({}, 0, "lora was 4 and is 0"),
    ],
)
def test_checkpoints_of_another_encoder_are_refused(
    run: Path,
    bert_folder: Path,
    train: Pairs,
    dev: Pairs,
    options: dict[str, Any],
    lora: int,
    said: str,
) -> None:
    twin = new_twin(bert_folder, **options)
    with pytest.raises(InputError, match=rf"whole\.checkpoints was another one: {said}\. Give"):
        fit(twin, train, dev, out=run, config=replace(SHORT, lora=lora), resume=True)


def test_checkpoints_of_another_model_are_refused(
    run: Path, roberta_folder: Path, train: Pairs, dev: Pairs
) -> None:
    twin = new_twin(roberta_folder)
    with pytest.raises(InputError, match="model was bert and is roberta; vocabulary was "):
        fit(twin, train, dev, out=run, config=SHORT, resume=True)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """240 pairs with labels, three texts of which are longer than the model reads."""
    pairs = of_few_topics(240, 5)
    columns = zip(pairs.left, pairs.right, pairs.labels, strict=True)
    rows = [[f"{i} {one}", f"{two} {i}", same] for i, (one, two, same) in enumerate(columns)]
    for row in rows[:3]:
        row[0] = f"{row[0]} and so on" * 20
    with (tmp_path / "pairs.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["question1", "question2", "is_duplicate"], *rows])
    return tmp_path / "pairs.csv"


def test_the_command_killed_and_resumed_makes_the_same_twin(
    table: Path, bert_folder: Path, command: Command, start: Start, tmp_path: Path
) -> None:
    (tmp_path / "settings.json").write_text('{"batch_size": 8, "save_steps": 4}')
    options = ["--encoder", bert_folder, "--lora", "4", "--epochs", "2", "--threads", "1"]
    options += ["--config", "settings.json"]
    whole = command("train", table, "-o", "whole", *options)
    err = whole.stderr.decode()
    assert whole.returncode == 0, err
    for line in (
        "learning rate 0.0003",  # ten times that of all weights
        "trains ",
        "texts looked at in train are longer than the 40 pieces that the encoder reads",
        "epoch 2 of 2",
    ):
        assert line in err
    process = start("train", table, "-o", "killed", *options)
    while process.poll() is None and not (tmp_path / "killed.checkpoints/checkpoint-8").exists():
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    assert not (tmp_path / "killed").exists()
    done = command("train", table, "-o", "killed", *options, "--resume")
    assert done.returncode == 0, done.stderr.decode()
    for name in ("model.safetensors", "similarity.safetensors"):
        one, other = (tmp_path / each / name for each in ("whole", "killed"))
        assert one.read_bytes() == other.read_bytes()


def test_out_of_memory_is_one_sentence_that_says_what_needs_less(
    table: Path,
    bert_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: Any) -> NoReturn:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(training.PairTrainer, "training_step", fail)
    with pytest.raises(SystemExit) as end:
        app(["train", str(table), "-o", str(tmp_path / "twin"), "--encoder", str(bert_folder)])
    assert end.value.code == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("Error: the memory does not suffice for batches of 16 rows")
    assert "(--batch-size 8 --accumulation 2)" in said
    assert "(--gradient-checkpointing)" in said
