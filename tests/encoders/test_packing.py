from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModel

from textsiamese.encoders.packing import can_pack, packed_states, runs_of


@given(st.lists(st.integers(1, 6), min_size=1, max_size=30))
def test_runs_are_the_lengths_told_shortly(lengths: list[int]) -> None:
    runs = runs_of(lengths)
    assert [run.length for run in runs for _ in range(run.texts)] == lengths
    assert sum(run.size for run in runs) == sum(lengths)
    assert all(one.length != other.length for one, other in pairwise(runs))


@pytest.mark.parametrize("kind", ["bert_folder", "roberta_folder"])
@pytest.mark.parametrize("lengths", [[5], [3, 3, 3], [1, 4, 4, 2, 9, 1]])
def test_states_and_gradients_are_those_of_each_text_alone(
    kind: str, lengths: list[int], request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(kind)
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    texts = [torch.randint(5, 90, (length,)) for length in lengths]
    packed = packed_states(model, torch.cat(texts), runs_of(lengths))
    alone = torch.cat([model(text[None]).last_hidden_state[0] for text in texts])
    torch.testing.assert_close(packed, alone, atol=1e-5, rtol=0)
    weights = torch.randn_like(packed)
    gradients = []
    for states in (packed, alone):
        model.zero_grad()
        (states * weights).sum().backward()
        gradients.append([p.grad.clone() for p in model.parameters() if p.grad is not None])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_the_model_attends_as_before_afterwards(bert_folder: Path) -> None:
    model = AutoModel.from_pretrained(bert_folder, attn_implementation="eager").eval()
    ids = torch.randint(5, 90, (2, 7))
    mask = torch.tensor([[1] * 7, [1] * 3 + [0] * 4])
    before = model(ids, attention_mask=mask).last_hidden_state
    packed_states(model, ids.flatten(), runs_of([7, 7]))
    assert torch.equal(model(ids, attention_mask=mask).last_hidden_state, before)


def test_dropout_of_attention_is_drawn_in_training_alone(bert_folder: Path) -> None:
    model = AutoModel.from_pretrained(bert_folder, attn_implementation="eager")
    ids, runs = torch.arange(5, 15), runs_of([5, 5])
    one, other = (packed_states(model.eval(), ids, runs) for _ in range(2))
    assert torch.equal(one, other)
    one, other = (packed_states(model.train(), ids, runs) for _ in range(2))
    assert not torch.equal(one, other)


def test_only_kinds_that_are_known(bert_folder: Path) -> None:
    model = AutoModel.from_pretrained(bert_folder)
    assert can_pack(model)
    model.encoder.gradient_checkpointing = True
    assert not can_pack(model)
    model.encoder.gradient_checkpointing = False
    model.config.model_type = "deberta"
    assert not can_pack(model)


def test_a_decoder_is_not_packed(bert_folder: Path) -> None:
    assert can_pack(AutoModel.from_pretrained(bert_folder))
    assert not can_pack(AutoModel.from_pretrained(bert_folder, is_decoder=True))
