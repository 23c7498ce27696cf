"""A Siamese BiLSTM trained from scratch with textsiamese; a projection more than the peer has."""

import tempfile

import torch
import training

import textsiamese as ts

asked = training.arguments()
train = ts.read_pairs(asked.data / "quora" / "train.parquet").subset(range(asked.pairs))
dev = ts.read_pairs(asked.data / "quora" / "dev.parquet")

torch.manual_seed(0)
sizes = ts.LstmConfig(embedding=training.EMBEDDING, hidden=training.HIDDEN, dim=4 * training.HIDDEN)
encoder = ts.LstmEncoder.for_texts(train.texts, sizes, vocabulary_size=training.VOCABULARY)
config = ts.FitConfig(
    epochs=asked.epochs,
    batch_size=training.BATCH,
    learning_rate=training.RATE,
    warmup=training.WARMUP,
)
loss, fit = ts.ContrastiveLoss(margin=training.MARGIN), ts.fit
with tempfile.TemporaryDirectory() as folder:
    clock = training.Clock(loss)
    twin = fit(ts.Siamese(encoder), train, dev, loss=loss, out=f"{folder}/twin", config=config)
training.report(clock.seconds, twin.similarity(dev.left, dev.right), dev.labels)
