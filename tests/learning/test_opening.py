from __future__ import annotations

import copy
import dataclasses

import pytest

from textsiamese.encoders.lstm import LstmEncoder
from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.batches import PairBatches
from textsiamese.learning.contrastive import ContrastiveLoss
from textsiamese.learning.miners import TripletMiner
from textsiamese.learning.module import TwinModule
from textsiamese.learning.objectives import Objective
from textsiamese.learning.opening import opening_lines
from textsiamese.twins.siamese import Siamese


def lines(encoder: LstmEncoder | TransformerEncoder, train: Pairs, lora: int = 0) -> list[str]:
    module = TwinModule(Siamese(encoder), Objective(ContrastiveLoss(), TripletMiner()))
    if lora:
        module.add_lora(lora)
    return opening_lines(module, PairBatches(train, module.encoder))


def test_all_weights_of_an_lstm_learn(encoder: LstmEncoder, train: Pairs) -> None:
    weights = sum(each.numel() for each in encoder.parameters())
    assert lines(encoder, train) == [f"trains {weights:,} of {weights:,} weights"]


@pytest.mark.parametrize("rank", [0, 2])
def test_of_a_transformer_all_but_its_pooler_or_what_lora_adds(
    bert: TransformerEncoder, train: Pairs, rank: int
) -> None:
    every = sum(each.numel() for each in bert.parameters())
    added = 2 * rank * (4 * (16 + 16) + 2 * (16 + 24))  # two layers, six matrices each
    learn = added if rank else every - (16 * 16 + 16)
    assert lines(bert, train, rank) == [f"trains {learn:,} of {every + added:,} weights"]


def test_what_all_windows_read_is_not_cut(encoder: LstmEncoder, train: Pairs) -> None:
    windowed = copy.deepcopy(encoder)
    windowed.config = dataclasses.replace(encoder.config, max_length=500, windows=3, overlap=20)
    left = ["how " * (1_460 + i) if i < 2 else text for i, text in enumerate(train.left)]
    told = lines(windowed, dataclasses.replace(train, left=left))[1]
    assert told.startswith("1 of the ")
    assert told.endswith("longer than the 1,460 pieces that the encoder reads, and lose their ends")


def test_texts_that_are_cut_are_counted(bert: TransformerEncoder, train: Pairs) -> None:
    left = [f"{text} and more" * 30 if i < 3 else text for i, text in enumerate(train.left)]
    told = lines(bert, dataclasses.replace(train, left=left))[1]
    texts = len({*left, *train.right})
    assert told == (
        f"3 of the {texts} texts looked at in train are longer than the 40 pieces that the encoder "
        "reads, and lose their ends"
    )
