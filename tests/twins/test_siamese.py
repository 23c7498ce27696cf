from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from textsiamese.encoders.lstm import LstmConfig, LstmEncoder
from textsiamese.errors import InputError
from textsiamese.twins.bundle import load
from textsiamese.twins.siamese import Siamese
from textsiamese.twins.similarity import Cosine, Euclidean, PairHead, Similarity

A = ["How do I learn Python?", "How old are you?", "Can I return shoes?", "Why?"]
B = ["What is the best way to learn Python?", "how OLD are you", "Can I return socks?", "How?"]
COLUMNS: list[Any] = [
    list,
    tuple,
    np.array,
    lambda texts: np.array(texts, dtype=object),
    lambda texts: pd.Series(texts, index=[7, 7, 1, 0][: len(texts)]),
    lambda texts: pd.Series(texts, dtype="string"),
    iter,
]


def test_single_texts_give_plain_numbers(twin: Siamese) -> None:
    assert type(twin.score(A[0], B[0])) is float
    assert type(twin.similarity(A[0], B[0])) is float
    assert type(twin.predict(A[0], B[0])) is bool
    assert twin.encode(A[0]).shape == (10,)


@pytest.mark.parametrize("column", COLUMNS)
def test_columns_of_any_kind_give_arrays(twin: Siamese, column: Any) -> None:
    score = twin.score(column(A), column(B))
    assert (score.dtype, score.shape) == (np.float64, (4,))
    assert np.array_equal(score, twin.score(A, B))
    assert np.array_equal(twin.similarity(column(A), column(B)), twin.similarity(A, B))
    predicted = twin.predict(column(A), column(B))
    assert predicted.dtype == np.bool_
    assert np.array_equal(predicted, score >= twin.threshold)
    vectors = twin.encode(column(A))
    assert (vectors.dtype, vectors.shape) == (np.float32, (4, 10))
    assert np.array_equal(vectors, twin.encode(A))


def test_one_at_a_time_equals_all_at_once(twin: Siamese, sample_texts: list[str]) -> None:
    left, right = sample_texts[:60], sample_texts[-60:]
    together = twin.score(left, right)
    alone = [twin.score(a, b) for a, b in zip(left, right, strict=True)]
    assert 0 < together.min() < together.max() < 1
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_scores_follow_from_the_vectors(twin: Siamese) -> None:
    expected = twin.measure(twin.encode(A), twin.encode(B))
    np.testing.assert_allclose(twin.similarity(A, B), expected, atol=1e-5)
    assert twin.decision
    np.testing.assert_array_equal(
        twin.score(A, B), twin.decision.probability(twin.similarity(A, B))
    )


def test_torch_and_onnx_agree(torch_twin: Siamese, saved: Path, sample_texts: list[str]) -> None:
    left, right = sample_texts[::2][:300], sample_texts[1::2][:300]
    opened = load(saved)
    np.testing.assert_allclose(opened.encode(left), torch_twin.encode(left), atol=1e-5)
    np.testing.assert_allclose(opened.score(left, right), torch_twin.score(left, right), atol=1e-4)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_exactly_symmetric(twin: Siamese, sample_texts: list[str], data: st.DataObject) -> None:
    some = st.lists(st.sampled_from(sample_texts), min_size=1, max_size=40)
    left = data.draw(some)
    right = (data.draw(some) * len(left))[: len(left)]
    assert np.array_equal(twin.similarity(left, right), twin.similarity(right, left))
    assert twin.score(left[0], right[0]) == twin.score(right[0], left[0])
    one, other = twin.score_pairs(left, right), twin.score_pairs(right, left)
    assert np.array_equal(one.probability, other.probability)


def test_single_pairs_are_exactly_symmetric(twin: Siamese, sample_texts: list[str]) -> None:
    for a, b in zip(sample_texts[:80], sample_texts[80:160], strict=True):
        assert twin.similarity(a, b) == twin.similarity(b, a)


@pytest.mark.parametrize("measure", [Cosine(), Euclidean(), PairHead.new(10, 6)])
def test_a_text_with_itself_is_the_top_of_the_scale(
    twin: Siamese, sample_texts: list[str], measure: Similarity
) -> None:
    same = Siamese(twin._tower, measure, twin.decision)
    left, right = sample_texts[:100], sample_texts[100:200]
    top = same.score(left[0], left[0])
    assert (same.score(left, left) == top).all()
    assert (same.score(left, right) <= top).all()
    assert same.score(left, right).min() < top
    assert same.score("How do I learn?", "how do i LEARN") == top


def test_empty_columns(twin: Siamese) -> None:
    assert twin.score([], []).shape == twin.similarity([], pd.Series([], dtype=str)).shape == (0,)
    assert twin.predict([], []).dtype == np.bool_
    assert twin.encode([]).shape == (0, 10)
    assert twin.score_pairs([], []).texts == 0


MISSING: list[Any] = [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT]
UNUSABLE: list[tuple[Any, str]] = [
    *((value, "is missing") for value in MISSING),
    ("", "is empty"),
    (" \n\t", "is blank"),
    (3, "is no text but 3"),
    (b"bytes", "is no text but b'bytes'"),
    (["a"], "is no text but"),
    ("\ud800", "holds half of a surrogate pair"),
]


@pytest.mark.parametrize(("value", "said"), UNUSABLE)
def test_an_unusable_text_is_named_by_its_index(twin: Siamese, value: Any, said: str) -> None:
    for call in (twin.score, twin.similarity, twin.predict):
        with pytest.raises(InputError, match=rf"b\[2\] {said}") as error:
            call(A, [B[0], B[1], value, ""])
        assert "\n" not in str(error.value)
        with pytest.raises(InputError, match=rf"a\[0\] {said}"):
            call([value], ["x"])
    with pytest.raises(InputError, match=rf"inputs\[1\] {said}"):
        twin.encode(["x", value])


@pytest.mark.parametrize(("value", "said"), UNUSABLE)
def test_nan_instead_where_asked_for(twin: Siamese, value: Any, said: str) -> None:
    scores = twin.score(A, [B[0], value, *B[2:]], on_problem="nan")
    assert np.isnan(scores).tolist() == [False, True, False, False]
    kept = [0, 2, 3]
    expected = twin.score([A[i] for i in kept], [B[i] for i in kept])
    np.testing.assert_allclose(scores[kept], expected, atol=1e-6)
    vectors = twin.encode([value, "x"], on_problem="nan")
    assert np.isnan(vectors).all(axis=1).tolist() == [True, False]
    assert np.isnan(twin.score([value], [value], on_problem="nan")).all()


@pytest.mark.parametrize("value", ["", None, float("nan"), pd.NA, 3])
def test_a_single_unusable_text(twin: Siamese, value: Any) -> None:
    with pytest.raises(InputError, match=r"a\[0\] is "):
        twin.score(value, "How?")
    with pytest.raises(InputError, match=r"inputs\[0\] is "):
        twin.encode(value)
    assert np.isnan(twin.score("How?", value, on_problem="nan"))
    assert type(twin.similarity(value, "How?", on_problem="nan")) is float
    assert np.isnan(twin.encode(value, on_problem="nan")).all()
    assert twin.encode(value, on_problem="nan").shape == (10,)


def test_calls_that_do_not_fit(twin: Siamese) -> None:
    with pytest.raises(InputError, match="a has 4 texts and b has 3 texts; they must be as many"):
        twin.score(A, B[:3])
    for a, b in (("How?", ["Why?"]), (["How?"], "Why?"), (A, None)):
        with pytest.raises(InputError, match="one side is a single input and the other is not"):
            twin.score(a, b)
    with pytest.raises(InputError, match="on_problem is 'drop'; it must be 'raise' or 'nan'"):
        twin.score(A, B, on_problem="drop")  # type: ignore[arg-type]
    table = pd.DataFrame({"a": A, "b": B})
    for several in (table, table.to_numpy(), np.array("How?")):
        with pytest.raises(InputError, match=r"has \d dimensions; give one column"):
            twin.similarity(several, B)


@pytest.mark.parametrize("text", ["x" * 100_000, "🙂", "<pad>", "\u200b", "NA"])
def test_odd_texts_are_texts(twin: Siamese, text: str) -> None:
    assert 0 < twin.score(text, "How?") < 1
    assert np.isfinite(twin.encode([text])).all()


def test_unit_length_unless_made_otherwise(twin: Siamese, encoder: LstmEncoder) -> None:
    norms = np.linalg.norm(twin.encode(A), axis=1)
    np.testing.assert_allclose(norms, 1, atol=1e-6)
    free = Siamese(LstmEncoder(encoder.vocabulary, LstmConfig(5, 5, 5, normalize=False)))
    assert np.abs(np.linalg.norm(free.encode(A), axis=1) - 1).min() > 1e-3


def test_pair_scores(twin: Siamese) -> None:
    left, right = ["How?", "How?", "how " * 60], ["Why?", "How?", "你们好吗朋友 我很好"]
    scores = twin.score_pairs(left, right)
    np.testing.assert_array_equal(scores.similarity, twin.similarity(left, right))
    np.testing.assert_array_equal(scores.probability, twin.score(left, right))
    np.testing.assert_array_equal(scores.predicted, twin.predict(left, right))
    assert (scores.texts, scores.cut, scores.foreign) == (4, 1, 1)


def test_more_pairs_than_are_compared_at_once(torch_twin: Siamese) -> None:
    pattern = torch_twin.similarity(A, B)
    many = torch_twin.similarity(A * 1500, B * 1500)
    np.testing.assert_allclose(many, np.tile(pattern, 1500), atol=1e-6)


def test_with_decision(twin: Siamese) -> None:
    threshold = float(np.median(twin.score(A, B)))
    strict, lax = twin.with_decision(threshold=1.0), twin.with_decision(threshold=0.0)
    assert not strict.predict(A, B).any()
    assert lax.predict(A, B).all()
    assert twin.with_decision(threshold=threshold).predict(A, B).sum() == 2
    np.testing.assert_array_equal(strict.score(A, B), twin.score(A, B))
    rare = twin.with_decision(prior=0.01)
    odds, moved = (p / (1 - p) for p in (twin.score(A, B), rare.score(A, B)))
    np.testing.assert_allclose(moved / odds, (0.01 / 0.99) / (0.4 / 0.6), rtol=1e-9)
    assert (twin.threshold, rare.threshold) == (0.6, 0.6)
    for bad in ({"threshold": 1.1}, {"prior": 0.0}, {"prior": 1.0}):
        with pytest.raises(InputError):
            twin.with_decision(**bad)


def test_an_uncalibrated_twin_says_so(encoder: LstmEncoder) -> None:
    twin = Siamese(encoder)
    assert twin.similarity(A, B).shape == (4,)
    calls: list[Any] = [
        lambda: twin.score(A, B),
        lambda: twin.predict(A[0], B[0]),
        lambda: twin.score_pairs(A, B),
        lambda: twin.threshold,
        lambda: twin.with_decision(prior=0.1),
    ]
    for call in calls:
        with pytest.raises(InputError, match=r"no decision yet.*ts\.calibrate.*twin\.similarity"):
            call()


def test_what_a_new_twin_is(encoder: LstmEncoder) -> None:
    twin = Siamese(encoder)
    assert twin.encoder is encoder
    assert isinstance(twin.measure, Cosine)
    assert twin.fingerprint == ""
    assert twin.info.name == "unnamed twin"
