"""What a twin is, was trained on and scored, and on what terms."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from textsiamese.errors import BundleError


@dataclass(frozen=True)
class TwinInfo:
    """Facts that travel with a twin.

    Attributes:
        name: short name, such as ``lstm-quora``.
        description: one sentence.
        language: the language of the texts it reads, by its English name.
        trained_on: the data, in one sentence.
        terms: the terms of the weights, in one sentence; empty if there are none.
        recipe: the command that makes it again.
        base: the twin it started from; empty if from scratch.
        scores: measured results; each name says the split and the threshold rule.
        training: how it was trained: losses, settings, sizes of the tables, metrics by epoch.
    """

    name: str = "unnamed twin"
    description: str = ""
    language: str = "unknown"
    trained_on: str = ""
    terms: str = ""
    recipe: str = ""
    base: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TwinInfo:
        """The facts that ``to_json`` gave.

        Raises:
            BundleError: if a key is unknown.
        """
        unknown = sorted(set(values) - {each.name for each in fields(cls)})
        if unknown:
            raise BundleError(f"the twin's info has unknown keys: {', '.join(unknown)}")
        return cls(**values)

    def __str__(self) -> str:
        told = asdict(self) | {"scores": "", "training": self.training.get("losses", "")}
        facts = [(key, str(value)) for key, value in told.items() if value]
        scores = [
            (key, f"{value:,.4g}" if value % 1 else f"{value:,.0f}")
            for key, value in self.scores.items()
        ]
        return "\n".join([*_aligned(facts), *_aligned(scores)])


def _aligned(facts: list[tuple[str, str]]) -> list[str]:
    width = max((len(key) for key, _ in facts), default=0)
    return [f"{key:<{width}}  {value}" for key, value in facts]
