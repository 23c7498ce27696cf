from __future__ import annotations

import copy
import csv
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings

from textsiamese.encoders.tokens import Vocabulary
from textsiamese.judging.calibration import Platt
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.scorer import PairScores

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

    from textsiamese.encoders.lstm import LstmEncoder
    from textsiamese.encoders.transformer import TransformerEncoder

TEXTS = [
    "How do I learn Python?",
    "What is the best way to learn Python?",
    "How old are you, and where do you live?",
    "What is your age?",
    "Why does my bread not rise in the oven?",
    "Can I return shoes without the box?",
]


class OverlapTwin:
    """Similarity is the share of common words; a ^ makes a text foreign, a ~ too long."""

    def __init__(self, fingerprint: str = "0" * 64) -> None:
        self.fingerprint = fingerprint
        self.decision: Decision | None = Decision(Platt(8.0, -4.0), 0.5, "accuracy", 0.4, 0.4, 100)
        self.info = TwinInfo(name="overlap", language="English")
        self.calls = 0
        self.picture_sides: list[str] = []

    @property
    def threshold(self) -> float:
        assert self.decision
        return self.decision.threshold

    def with_decision(
        self, threshold: float | None = None, prior: float | None = None
    ) -> OverlapTwin:
        other = copy.copy(self)
        assert self.decision
        other.decision = self.decision.with_changes(threshold, prior)
        return other

    def score_pairs(self, left: Sequence[str], right: Sequence[str]) -> PairScores:
        assert left
        assert self.decision
        self.calls += 1
        words = [(set(a.split()), set(b.split())) for a, b in zip(left, right, strict=True)]
        similarity = np.array([len(a & b) / max(len(a | b), 1) for a, b in words])
        probability = self.decision.probability(similarity)
        texts = {*left, *right}
        return PairScores(
            similarity,
            probability=probability,
            predicted=self.decision.decide(probability),
            texts=len(texts),
            cut=sum("~" in text for text in texts),
            foreign=sum("^" in text for text in texts),
        )


@pytest.fixture
def overlap_twin() -> OverlapTwin:
    return OverlapTwin()


@pytest.fixture
def unsaved_twin() -> OverlapTwin:
    return OverlapTwin(fingerprint="")


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved twin of the real kind, with few and random weights."""
    import torch

    from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
    from textsiamese.twins.siamese import Siamese

    torch.manual_seed(0)
    config = LstmConfig(embedding=16, hidden=8, dim=16, max_length=40)
    encoder = LstmEncoder.for_texts(TEXTS, config, 400)
    decision = Decision(Platt(8.0, -4.0), 0.5, "accuracy", 0.4, 0.4, 100)
    info = TwinInfo(name="tiny", language="English", terms="free for everybody")
    folder = tmp_path_factory.mktemp("twins") / "tiny"
    Siamese(encoder, None, decision, info).save(folder)
    return folder


@pytest.fixture(scope="session")
def pairs_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 300 labelled pairs."""
    path = tmp_path_factory.mktemp("tables") / "pairs.csv"
    lines = ["id,question1,question2,is_duplicate"]
    for i in range(300):
        first, second = TEXTS[i % 6], TEXTS[(i * i) % 6]
        lines.append(f'{i},"{first} {i}","{second} {i % 7}",{int(i % 6 == i * i % 6)}')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs ``textsiamese`` with some arguments as a process of its own, in the test's folder."""

    def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": tmp_path}
        return subprocess.run(
            command_line(*arguments),
            env=environment(tmp_path),
            timeout=60,
            **{**settings, **options},
        )

    return run


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Lets processes be interrupted that would inherit otherwise: a suite in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def start(tmp_path: Path, heeds_ctrl_c: None) -> Callable[..., subprocess.Popen[bytes]]:
    """Starts ``textsiamese`` with some arguments, in the test's folder."""

    def run(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command_line(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment(tmp_path),
            **options,
        )

    return run


def command_line(*arguments: object) -> list[str]:
    main = "from textsiamese.cli.main import main; main()"
    return [sys.executable, "-c", main, *map(str, arguments)]


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": str(home / "cache"), "OMP_NUM_THREADS": "1"}


for threads in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):  # read when torch and tokenizers start
    os.environ.setdefault(threads, "1")
settings.register_profile("suite", deadline=None, derandomize=True, database=None)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def sample_texts() -> list[str]:
    """The questions of the sample pairs, each once."""
    path = Path(__file__).parent.parent / "data" / "questions" / "sample_pairs.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return sorted({row[side] for row in rows for side in ("question1", "question2")})


@pytest.fixture(scope="session")
def sample_vocabulary(sample_texts: list[str]) -> Vocabulary:
    """A vocabulary learnt from the sample questions."""
    return Vocabulary.learn(sample_texts, 2000)


@pytest.fixture(scope="session")
def encoder(sample_vocabulary: Vocabulary) -> LstmEncoder:
    """A small encoder with random weights, in evaluation mode; not to be changed.

    Its embeddings are as large as those of a trained one: new ones are so small that unit length
    magnifies rounding.
    """
    import torch

    from textsiamese.encoders.lstm import LstmConfig, LstmEncoder

    torch.manual_seed(0)
    config = LstmConfig(embedding=9, hidden=12, dim=10, max_length=40)
    small = LstmEncoder(sample_vocabulary, config).eval()
    with torch.no_grad():
        small.embedding.weight.mul_(25)
    return small


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory: pytest.TempPathFactory, sample_texts: list[str]) -> Path:
    """A tiny BERT with random weights and a WordPiece tokenizer, as transformers saves it."""
    import torch
    from transformers import BertConfig, BertModel

    tokenizer = word_pieces(sample_texts)
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(tokenizer), **TINY)
    folder = tmp_path_factory.mktemp("models") / "bert"
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def roberta_folder(tmp_path_factory: pytest.TempPathFactory, sample_texts: list[str]) -> Path:
    """A tiny RoBERTa with random weights and a byte-level tokenizer, as transformers saves it."""
    import torch
    from transformers import RobertaConfig, RobertaModel

    tokenizer = byte_pieces(sample_texts)
    torch.manual_seed(0)
    config = RobertaConfig(vocab_size=len(tokenizer), pad_token_id=1, type_vocab_size=1, **TINY)
    folder = tmp_path_factory.mktemp("models") / "roberta"
    RobertaModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session", params=["bert, one label", "roberta, two labels"])
def pair_model_folder(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    sample_texts: list[str],
) -> Path:
    """A tiny cross-encoder with random weights, as transformers saves it."""
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        RobertaConfig,
        RobertaForSequenceClassification,
    )

    torch.manual_seed(0)
    if request.param.startswith("bert"):
        tokenizer = word_pieces(sample_texts)
        config = BertConfig(vocab_size=len(tokenizer), num_labels=1, **TINY)
        model = BertForSequenceClassification(config)
    else:
        tokenizer = byte_pieces(sample_texts)
        config = RobertaConfig(
            vocab_size=len(tokenizer), pad_token_id=1, type_vocab_size=1, num_labels=2, **TINY
        )
        model = RobertaForSequenceClassification(config)
    folder = tmp_path_factory.mktemp("models") / "pairs"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def bert(bert_folder: Path) -> TransformerEncoder:
    """The tiny BERT as an encoder, in evaluation mode; not to be changed."""
    from textsiamese.encoders.transformer import TransformerEncoder

    return TransformerEncoder(bert_folder).eval()


TINY = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 42,
    "initializer_range": 0.3,
}


def word_pieces(texts: Sequence[str]) -> PreTrainedTokenizerFast:
    """A tokenizer of BERT's kind, learnt from some texts."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]"}
    special |= {"sep_token": "[SEP]", "mask_token": "[MASK]"}
    pieces = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    pieces.normalizer = normalizers.BertNormalizer(lowercase=True)
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=600, special_tokens=list(special.values()), show_progress=False
    )
    pieces.train_from_iterator(texts, trainer)
    learnt = sorted(set(pieces.get_vocab()) - set(special.values()))
    numbers = {piece: i for i, piece in enumerate([*special.values(), *learnt])}
    pieces.model = models.WordPiece(numbers, unk_token="[UNK]")  # else numbered anew each time
    ends = [("[CLS]", pieces.token_to_id("[CLS]")), ("[SEP]", pieces.token_to_id("[SEP]"))]
    pieces.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=pieces,
        model_max_length=40,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **special,
    )


def byte_pieces(texts: Sequence[str]) -> PreTrainedTokenizerFast:
    """A tokenizer of RoBERTa's kind, learnt from some texts."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = {"cls_token": "<s>", "pad_token": "<pad>", "sep_token": "</s>", "unk_token": "<unk>"}
    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=list(special.values()),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    pieces.train_from_iterator(texts, trainer)
    pieces.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return PreTrainedTokenizerFast(tokenizer_object=pieces, model_max_length=40, **special)
