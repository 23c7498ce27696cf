from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from textsiamese.cli.facts import judging_facts, training_facts
from textsiamese.inputs.pairs import Pairs
from textsiamese.twins.bundle import load

PAIRS = Pairs(["a", "b", "c", "d"], ["e", "f", "g", "h"], np.array([1, 0, 0, 0]), "t.csv")


def test_what_is_known_is_said_and_nothing_else(tiny_folder: Path) -> None:
    twin = load(tiny_folder)
    facts = dict(judging_facts("mine", twin, PAIRS))
    assert facts["Twin"] == "mine"
    assert facts["Judged on"] == "t.csv: 4 pairs, 25.0% of them same"
    assert facts["Same from"] == "a probability of 0.5 (rule accuracy)"
    assert facts["Terms"] == "free for everybody"
    assert "Trained on" not in facts
    unknown = twin.with_parts(info=replace(twin.info, language="unknown"))
    assert "Language" not in dict(judging_facts("mine", unknown, PAIRS))


def test_a_training_tells_tables_losses_and_settings(tiny_folder: Path) -> None:
    twin = load(tiny_folder)
    table = {"name": "a.csv", "pairs": 1200, "sha256": "00"}
    training = {
        **dict.fromkeys(("train", "dev", "decide_on"), table),
        "losses": "ContrastiveLoss()",
        "settings": {"epochs": 3, "seed": 0},
        "similarity": "cosine",
    }
    facts = dict(training_facts(twin.with_parts(info=replace(twin.info, training=training))))
    assert facts["Table: train"] == "a.csv, 1,200 pairs"
    assert facts["Settings"] == "epochs 3, seed 0"
    assert facts["Begun from"] == "a new encoder"
    assert "Teacher" not in facts
    training["teacher"] = "wise (0123)"
    taught = twin.with_parts(info=replace(twin.info, training=training))
    assert dict(training_facts(taught))["Teacher"] == "wise (0123)"
    assert facts["Encoder"].endswith("vectors of 16")
