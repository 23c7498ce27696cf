"""A Siamese twin trained with textsiamese: a new BiLSTM (a projection more than the peer has), or
a pretrained model that is fine-tuned."""

import tempfile

import torch
import training

import textsiamese as ts

asked = training.arguments()
settings = asked.settings
train = ts.read_pairs(asked.data / "quora" / "train.parquet").subset(range(asked.pairs))
dev = ts.read_pairs(asked.data / "quora" / "dev.parquet")
dev = dev.subset(range(min(asked.dev, len(dev))))

torch.manual_seed(0)
if asked.base:
    encoder = ts.TransformerEncoder(asked.base)
else:
    hidden = training.HIDDEN
    sizes = ts.LstmConfig(embedding=training.EMBEDDING, hidden=hidden, dim=4 * hidden)
    encoder = ts.LstmEncoder.for_texts(train.texts, sizes, vocabulary_size=training.VOCABULARY)
config = ts.FitConfig(
    epochs=asked.epochs,
    batch_size=settings.batch,
    learning_rate=settings.rate,
    warmup=settings.warmup,
)
loss, fit = ts.ContrastiveLoss(margin=training.MARGIN), ts.fit
with tempfile.TemporaryDirectory() as folder:
    clock = training.Clock(loss)
    twin = fit(ts.Siamese(encoder), train, dev, loss=loss, out=f"{folder}/twin", config=config)
    training.report(clock.seconds, twin.similarity(dev.left, dev.right), dev.labels)
