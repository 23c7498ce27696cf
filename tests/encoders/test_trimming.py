from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from textsiamese.encoders.transformer import TransformerEncoder
from textsiamese.encoders.trimming import trim_vocabulary
from textsiamese.errors import InputError


def pieces(encoder: TransformerEncoder, text: str) -> list[str]:
    return encoder.tokenizer.backend_tokenizer.encode(text).tokens


def vector(encoder: TransformerEncoder, text: str) -> np.ndarray:
    ids = torch.from_numpy(encoder.tokens([text]).flat[None]).long()
    with torch.inference_mode():
        return encoder([(ids, torch.tensor([ids.shape[1]]))])[0].numpy()


def test_texts_whose_pieces_stay_keep_their_vectors(
    bert: TransformerEncoder, sample_texts: list[str]
) -> None:
    trimmed = trim_vocabulary(bert, sample_texts, 300)
    assert len(trimmed.vocabulary) == 300
    assert trimmed.transformer.get_input_embeddings().weight.shape == (300, 16)
    kept = [text for text in sample_texts if pieces(trimmed, text) == pieces(bert, text)]
    assert 5 < len(kept) < len(sample_texts)
    for text in kept[:20]:
        np.testing.assert_array_equal(vector(trimmed, text), vector(bert, text))


def test_a_word_that_lost_its_piece_is_spelt_by_smaller_ones(
    bert: TransformerEncoder, sample_texts: list[str]
) -> None:
    trimmed = trim_vocabulary(bert, sample_texts, 200)
    for text in sample_texts:
        assert "[UNK]" not in pieces(trimmed, text)
        spelt = "".join(piece.removeprefix("##") for piece in pieces(trimmed, text))
        assert spelt == "".join(piece.removeprefix("##") for piece in pieces(bert, text))


def test_what_is_used_most_stays(bert: TransformerEncoder) -> None:
    def two_letters(encoder: TransformerEncoder) -> list[str]:
        vocab = encoder.tokenizer.backend_tokenizer.get_vocab()
        return [piece for piece in vocab if len(piece.removeprefix("##")) == 2]

    assert "do" in pieces(bert, "do")
    single = len(bert.vocabulary) - sum(
        len(p.removeprefix("##")) > 1 and not p.startswith("[")
        for p in bert.tokenizer.backend_tokenizer.get_vocab()
    )
    trimmed = trim_vocabulary(bert, ["do do do", "do"], single + 1)
    assert "do" in two_letters(trimmed)


def test_the_encoder_given_stays_as_it_was(
    bert: TransformerEncoder, sample_texts: list[str]
) -> None:
    before = vector(bert, "how do i learn")
    trim_vocabulary(bert, sample_texts, 250)
    np.testing.assert_array_equal(vector(bert, "how do i learn"), before)


def test_other_tokenizers_and_too_few_pieces(bert: TransformerEncoder, roberta_folder: str) -> None:
    with pytest.raises(InputError, match=r"only a WordPiece vocabulary .* this one is BPE"):
        trim_vocabulary(TransformerEncoder(roberta_folder), ["a"], 300)
    with pytest.raises(InputError, match="10 pieces leave no room"):
        trim_vocabulary(bert, ["a"], 10)


@pytest.mark.parametrize("kind", ["BertProcessing", "Sequence", None])
def test_special_pieces_get_their_new_numbers_wherever_they_stand(
    kind: str | None, bert_folder: Path, tmp_path: Path, sample_texts: list[str]
) -> None:
    folder = Path(shutil.copytree(bert_folder, tmp_path / "copied"))
    spec = json.loads((folder / "tokenizer.json").read_text())
    last = len(spec["model"]["vocab"]) - 1
    numbers = {piece: last - number for piece, number in spec["model"]["vocab"].items()}
    ends = {"sep": ["[SEP]", numbers["[SEP]"]], "cls": ["[CLS]", numbers["[CLS]"]]}
    processor = {"type": "BertProcessing", **ends}
    in_turn = {"type": "Sequence", "processors": [processor]}
    spec["post_processor"] = {"BertProcessing": processor, "Sequence": in_turn, None: None}[kind]
    for each in spec["added_tokens"]:
        each["id"] = numbers[each["content"]]
    numbers.pop("[MASK]")  # one that stands among the added pieces alone
    spec["model"]["vocab"] = numbers
    (folder / "tokenizer.json").write_text(json.dumps(spec))
    encoder = TransformerEncoder(folder).eval()
    trimmed = trim_vocabulary(encoder, sample_texts, 300)
    kept = [text for text in sample_texts if pieces(trimmed, text) == pieces(encoder, text)]
    assert len(kept) > 5
    for text in kept[:20]:
        np.testing.assert_array_equal(vector(trimmed, text), vector(encoder, text))
    trimmed.transformer.save_pretrained(tmp_path / "saved")
    trimmed.tokenizer.save_pretrained(tmp_path / "saved")
    again = TransformerEncoder(tmp_path / "saved").eval()
    np.testing.assert_array_equal(vector(again, kept[0]), vector(encoder, kept[0]))
