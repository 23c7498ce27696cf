from __future__ import annotations

import numpy as np
import pytest

import textsiamese as ts
from textsiamese.recipes import quora


def some_pairs(n: int) -> ts.Pairs:
    texts = [f"how do i reach number {i}?" for i in range(n)]
    return ts.Pairs(texts, texts[::-1], (np.arange(n) % 3 == 0).astype(np.int8), "some")


def test_held_out_pairs_train_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quora, "HELD_OUT", 10)
    pairs = some_pairs(40)
    held, train = quora.held_and_train(pairs)
    assert (len(held), len(train)) == (10, 30)
    assert sorted([*held.left, *train.left]) == sorted(pairs.left)
    assert quora.held_and_train(pairs)[0].left == held.left
    assert quora.held_and_train(pairs, seed=1)[0].left != held.left


def test_what_is_measured() -> None:
    twin, dev = ts.load(), some_pairs(30)
    seen = set(dev.left[:5])
    scores = quora.measure(twin, dev, seen)
    assert scores["quora/dev pairs"] == 30
    assert scores["quora/dev of unseen questions pairs"] == 20
    assert scores["quora/dev accuracy, own threshold"] == ts.evaluate(twin, dev).accuracy


def test_each_half_of_the_held_out_pairs_is_judged_by_the_decision_of_the_other() -> None:
    twin, held = ts.load(), some_pairs(300)
    similarity = twin.similarity(held.left, held.right)
    even = np.arange(300) % 2 == 0
    probability = np.empty(300)
    for half in (even, ~even):
        decision = ts.Decision.fit(similarity[half], held.labels[half], calibrator=quora.CALIBRATOR)
        probability[~half] = decision.probability(similarity[~half])
    found = quora.calibration(twin, held)
    assert found["held-out natural pairs"] == 300
    gap = sum(
        abs((held.labels[at] - probability[at]).sum())
        for low in np.arange(15) / 15
        if (at := (probability > low) & (probability <= low + 1 / 15)).any()
    )
    assert found["held-out natural pairs ECE, cross-fitted"] == pytest.approx(gap / 300)
