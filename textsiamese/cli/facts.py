"""What a report's page says of a twin and of the pairs that it was judged on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textsiamese.inputs.pairs import Pairs
    from textsiamese.twins.scorer import PairScorer
    from textsiamese.twins.twin import Twin

Facts = list[tuple[str, str]]


def judging_facts(name: str, twin: PairScorer, table: Pairs) -> Facts:
    """Twin, terms, pairs and decision, as names and values; what is not known is left out."""
    decision, info = twin.decision, twin.info
    assert decision is not None
    same = int(table.labels.sum())
    facts = [
        ("Twin", name),
        ("What it is", info.description),
        ("Trained on", info.trained_on),
        ("Language", info.language),
        ("Terms", info.terms),
        ("Judged on", f"{table.name}: {len(table):,} pairs, {same / len(table):.1%} of them same"),
        ("Same from", f"a probability of {decision.threshold:.4g} (rule {decision.rule})"),
        ("Share of same pairs it expects", f"{decision.prior:.1%}"),
        ("Date", date.today().isoformat()),
    ]
    return [(key, value) for key, value in facts if value and value != "unknown"]


def training_facts(twin: Twin) -> Facts:
    """Tables, losses, settings and sizes of the training that made a twin."""
    training = twin.info.training
    tables = [(role, training[role]) for role in ("train", "dev", "decide_on")]
    settings = training["settings"]
    weights = sum(each.numel() for each in twin.encoder.parameters())
    return [
        *((f"Table: {role}", f"{t['name']}, {t['pairs']:,} pairs") for role, t in tables),
        ("Begun from", twin.info.base or "a new encoder"),
        *([("Teacher", training["teacher"])] if training.get("teacher") else []),
        ("Losses", training["losses"]),
        ("Settings", ", ".join(f"{key} {value}" for key, value in settings.items())),
        ("Encoder", f"{weights / 1e6:.1f} million weights, vectors of {twin.dim}"),
        ("Similarity", training["similarity"]),
    ]
