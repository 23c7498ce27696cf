from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textsiamese as ts
from textsiamese.errors import InputError
from textsiamese.inputs.pairs import Pairs
from textsiamese.inputs.questions import question_key
from textsiamese.inputs.stored import StoredTexts, TextFile
from textsiamese.judging.calibration import Platt
from textsiamese.learning.hard_negatives import mine_hard_negatives
from textsiamese.twins.decision import Decision
from textsiamese.twins.info import TwinInfo
from textsiamese.twins.similarity import Cosine


class CompassTwin:
    """A text that begins with a number points that many degrees from north."""

    def __init__(self, decision: Decision | None = None) -> None:
        self.measure, self.decision, self.info = Cosine(), decision, TwinInfo(name="compass")

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        angles = np.radians([float(text.split()[0]) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    def cosine(self, one: str, other: str) -> float:
        return float(np.float32(np.prod(self.encode([one, other]), axis=0, dtype=float).sum()))


def decides(threshold: float) -> Decision:
    """A probability of one half where the cosine is ``threshold``."""
    return Decision(Platt(40.0, -40.0 * threshold), 0.5, "accuracy", 0.4, 0.4, 100)


def table(lines: Sequence[tuple[str, str, int]], **options: object) -> Pairs:
    left, right, labels = zip(*lines, strict=True)
    return Pairs(list(left), list(right), np.array(labels), "t.csv", **options)


def added(twin: CompassTwin, pairs: Pairs, **options: object) -> list[tuple[str, str]]:
    """What was mined; the table itself must come first, as it was."""
    found, n = mine_hard_negatives(twin, pairs, **options), len(pairs)
    assert found.subset(np.arange(n)).fingerprint() == pairs.fingerprint()
    assert not found.labels[n:].any()
    return list(zip(found.left[n:], found.right[n:], strict=True))


def slowly(twin: CompassTwin, pairs: Pairs, share: float, most: float, n: int, depth: int) -> list:
    """The rule in plain loops."""
    rows = list(zip(pairs.left, pairs.right, pairs.labels, strict=True))
    first: dict[str, str] = {}
    for a, b, _ in rows:
        first.setdefault(question_key(a), a)
        first.setdefault(question_key(b), b)
    keys, texts = list(first), list(first.values())
    at = {key: i for i, key in enumerate(keys)}
    ends = [(at[question_key(a)], at[question_key(b)], same) for a, b, same in rows]
    group, positives = list(range(len(keys))), {}
    for a, b, same in ends:
        if same and a != b:
            positives.setdefault(a, []).append(b)
            positives.setdefault(b, []).append(a)
            group = [group[a] if g == group[b] else g for g in group]
    known = {frozenset(pair[:2]) for pair in ends}
    found, passed = [], set()
    for a in sorted(positives):
        cosine = {b: twin.cosine(texts[a], texts[b]) for b in range(len(texts)) if b != a}
        limit = min(min(share * cosine[b], cosine[b]) for b in positives[a])
        taken = 0
        for b in sorted(cosine, key=lambda b: (-cosine[b], b))[:depth]:
            if group[a] == group[b] or frozenset((a, b)) in known or taken == n:
                continue
            probable = twin.decision.probability(cosine[b]) if twin.decision else 0
            if cosine[b] >= limit or probable >= most:
                passed.add(frozenset((a, b)))
                continue
            taken += 1
            if frozenset((a, b)) not in [frozenset(pair) for pair in found]:
                found.append((a, b))
    return [[(texts[a], texts[b]) for a, b in found], len(passed)]


@given(st.data())
def test_plain_loops_find_the_same(data: st.DataObject) -> None:
    angle = st.integers(0, 24).map(lambda n: f"{15 * n + n * n / 7:.2f}")
    text = st.builds(lambda a, end: f"{a} degrees{end}", angle, st.sampled_from(["", "?", " ?!"]))
    rows = data.draw(st.lists(st.tuples(text, text, st.integers(0, 1)), min_size=1, max_size=20))
    pairs = table([*rows, ("1 degree", "8 degrees", 1)])
    twin = CompassTwin(data.draw(st.sampled_from([None, decides(0.8)])))
    share, most = data.draw(st.sampled_from([(0.95, 0.5), (1.0, 1.0), (0.7, 0.9)]))
    n, depth = data.draw(st.integers(1, 3)), data.draw(st.sampled_from([1, 4, 50]))
    told: list[str] = []
    options = {"below_positive": share, "max_probability": most, "per_text": n, "depth": depth}
    expected, passed = slowly(twin, pairs, share, most, n, depth)
    assert added(twin, pairs, **options, tell=told.append) == expected
    assert told[1] == (
        f"{len(expected)} hard negatives mined with compass; {passed} candidates passed over as "
        "too alike"
    )


def test_no_question_that_a_chain_joins_and_no_pair_of_the_table() -> None:
    chain = [("0 a", "20 b", 1), ("20 B?", "40 c", 1), ("40 c", "60 d", 1)]
    pairs = table([*chain, ("0 a", "70 e", 0), ("90 f", "100 g", 0)])
    options = {"per_text": 9, "below_positive": 1.0}
    mined = added(CompassTwin(), pairs, **options)
    assert {(a[:2], b[:2]) for a, b in mined} == {
        *(("0 ", other) for other in ("90", "10")),
        *(("20", other) for other in ("70", "90", "10")),
        *(("40", other) for other in ("70", "90", "10")),
        *(("60", other) for other in ("90", "10")),
    }


def test_too_near_by_the_positive() -> None:
    pairs = table([("0 a", "40 b", 1), ("0 a", "50 c", 1), ("30 d", "70 e", 0)])
    assert np.cos(np.radians(70)) < 0.95 * np.cos(np.radians(50)) < np.cos(np.radians(30))
    assert ("0 a", "70 e") in added(CompassTwin(), pairs)
    assert ("0 a", "30 d") not in added(CompassTwin(), pairs, per_text=9, below_positive=1.0)
    pairs = table([("0 a", "10 b", 1), ("30 d", "70 e", 0)])
    assert ("0 a", "30 d") in added(CompassTwin(), pairs)


def test_what_the_twin_itself_takes_for_the_same() -> None:
    pairs = table([("0 a", "10 b", 1), ("30 d", "70 e", 0)])
    sure, told = CompassTwin(decides(np.cos(np.radians(35)))), []
    assert added(sure, pairs, tell=told.append) == [("0 a", "70 e"), ("10 b", "70 e")]
    assert added(CompassTwin(), pairs, tell=told.append) == [("0 a", "30 d"), ("10 b", "70 e")]
    assert (told[0], told[2]) == (
        "mining hard negatives among 4 questions",
        "mining hard negatives among 4 questions; compass has no decision, so more of them will be "
        "the same after all: textsiamese calibrate fits one",
    )
    assert added(sure, pairs, max_probability=1.0) == added(CompassTwin(), pairs)
    assert added(CompassTwin(decides(0)), pairs) == []


def test_a_positive_below_the_horizon_is_a_limit_itself() -> None:
    pairs = table([("0 a", "100 b", 1), ("-99 c", "-101 d", 0)])
    assert added(CompassTwin(), pairs, per_text=9, below_positive=0.1)[0] == ("0 a", "-101 d")


def test_triplets_keep_their_rows_and_mined_pairs_have_their_own() -> None:
    rows = np.array([0, 0, 4])
    pairs = table([("0 a", "10 b", 1), ("0 a", "90 c", 0), ("50 d", "60 e", 1)], rows=rows)
    found = mine_hard_negatives(CompassTwin(), pairs)
    assert found.rows.tolist() == [0, 0, 4, *range(5, 5 + len(found) - 3)]
    assert found.name == f"t.csv + {len(found) - 3} hard negatives"


def test_the_bundled_twin_takes_a_neighbour_and_passes_a_paraphrase_over() -> None:
    rows = [
        ("How do I learn Python?", "What is the best way to learn Python?", 1),
        ("What's the best way of learning Python?", "How long does it take to learn Python?", 0),
    ]
    mined = ts.mine_hard_negatives(ts.load(), table(rows))
    assert (mined.left[2:], mined.right[2:]) == ([*rows[0][:2]], [rows[1][1]] * 2)


def test_what_cannot_be_mined() -> None:
    good, twin = [("0 a", "10 b", 1), ("30 d", "70 e", 0)], CompassTwin()
    with pytest.raises(InputError, match=r"t\.csv is graded"):
        mine_hard_negatives(twin, table(good, grades=np.array([0.9, 0.2])))
    with pytest.raises(InputError, match=r"t\.csv has no two questions that are the same"):
        mine_hard_negatives(twin, table([("0 a", "0 A?", 1), ("30 d", "70 e", 0)]))
    file = TextFile()
    stored = [StoredTexts(file, file.append(side)) for side in (["0 a"], ["10 b"])]
    with pytest.raises(InputError, match="larger than memory"):
        mine_hard_negatives(twin, Pairs(*stored, np.array([1]), "big.csv"))
    for name in ("per_text", "depth"):
        with pytest.raises(InputError, match=f"{name} is 0"):
            mine_hard_negatives(twin, table(good), **{name: 0})
    for name in ("below_positive", "max_probability"):
        for value in (0, 1.1, float("nan")):
            with pytest.raises(InputError, match=f"{name} is {value}"):
                mine_hard_negatives(twin, table(good), **{name: value})
