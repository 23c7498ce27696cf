"""The same with sentence-transformers: its modules, loss and trainer, as its documentation has it.

But for what would harm the new LSTM. No stop words: its list drops not, how, what and who. A text
without one known word is read as <empty>: its maximum over no word is minus infinity, and all
weights become NaN. And our learning rate: its own is for pretrained models.
"""

import string
import tempfile
from collections import Counter

import pandas as pd
import torch
import training
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.losses import ContrastiveLoss
from sentence_transformers.sentence_transformer.modules import LSTM, Pooling, WordEmbeddings
from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

from textsiamese.encoders.fetching import model_folder


class Words(WhitespaceTokenizer):
    def tokenize(self, text: str, **_: object) -> list[int]:
        return super().tokenize(text) or [1]


def new_lstm(train: pd.DataFrame) -> SentenceTransformer:
    questions = pd.concat([train["question1"], train["question2"]]).str.lower()
    words = Counter(w.strip(string.punctuation) for text in questions for w in text.split())
    del words[""]
    known = [word for word, _ in words.most_common(training.VOCABULARY - 2)]
    vocabulary = ["<pad>", "<empty>", *known]
    weights = torch.randn(len(vocabulary), training.EMBEDDING) * 0.02
    tokenizer = Words(vocabulary, stop_words=[], do_lower_case=True)
    modules = [
        WordEmbeddings(tokenizer, weights, update_embeddings=True),
        LSTM(training.EMBEDDING, training.HIDDEN),
        Pooling(2 * training.HIDDEN, pooling_mode=("max", "mean")),
    ]
    return SentenceTransformer(modules=modules, device="cpu")


asked = training.arguments()
settings = asked.settings
columns = ["question1", "question2", "is_duplicate"]
train = pd.read_parquet(asked.data / "quora" / "train.parquet", columns=columns).head(asked.pairs)
dev = pd.read_parquet(asked.data / "quora" / "dev.parquet", columns=columns).head(asked.dev)
train = train.rename(columns={"is_duplicate": "label"})

torch.manual_seed(0)
if asked.base:
    model = SentenceTransformer(str(model_folder(asked.base)), device="cpu")
else:
    model = new_lstm(train)
loss = ContrastiveLoss(model, margin=training.MARGIN)
with tempfile.TemporaryDirectory() as folder:
    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            folder,
            num_train_epochs=asked.epochs,
            per_device_train_batch_size=settings.batch,
            learning_rate=settings.rate,
            warmup_steps=settings.warmup,
            bf16=asked.bf16,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        ),
        train_dataset=Dataset.from_pandas(train, preserve_index=False),
        loss=loss,
    )
    clock = training.Clock(loss)
    trainer.train()
left, right = model.encode(dev["question1"].tolist()), model.encode(dev["question2"].tolist())
similarity = model.similarity_pairwise(left, right).numpy()
training.report(clock.seconds, similarity, dev["is_duplicate"].to_numpy())
