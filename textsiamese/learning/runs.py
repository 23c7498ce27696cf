"""What tells one training run from another: tables, losses, settings and the twin's own shape."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from textsiamese.encoders.encoder import Encoder
from textsiamese.inputs.pairs import Pairs
from textsiamese.learning.config import FitConfig
from textsiamese.learning.named import describe_losses
from textsiamese.learning.objectives import WeightedLoss
from textsiamese.twins.pseudo_siamese import PseudoSiamese
from textsiamese.twins.twin import Twin

_SHOWN = 16  # digits of a fingerprint: enough to tell any two twins apart
_WITHOUT_EFFECT = ("gradient_checkpointing", "save_steps", "keep_checkpoints")


def describe_run(
    twin: Twin,
    train: Pairs,
    dev: Pairs,
    held: Pairs,
    losses: list[WeightedLoss],
    config: FitConfig,
    teacher: Twin | None = None,
) -> dict[str, Any]:
    """All that the finished weights depend on, but for the first ones of a new twin."""
    settings = config.to_json()
    return {
        "train": _table(train),
        "dev": _table(dev),
        "decide_on": _table(held),
        "losses": describe_losses(losses),
        "settings": {key: settings[key] for key in settings if key not in _WITHOUT_EFFECT},
        **_encoders(twin),
        "similarity": twin.measure.name,
        "begun from": twin.fingerprint,
        "teacher": f"{teacher.info.name} ({teacher.fingerprint[:_SHOWN]})" if teacher else None,
    }


def _encoders(twin: Twin) -> dict[str, Any]:
    if isinstance(twin, PseudoSiamese):
        return {"left": _encoder(twin.encoder.left), "right": _encoder(twin.encoder.right)}
    return _encoder(twin.encoder)


def _encoder(encoder: Encoder) -> dict[str, Any]:
    config = json.loads(json.dumps(asdict(encoder.config)))  # as it comes back from a file
    said: dict[str, Any] = {"encoder": config}
    if encoder.reads == "texts":
        pieces = encoder.vocabulary.to_json()
        said["vocabulary"] = hashlib.sha256(pieces.encode()).hexdigest()
    return said


def _table(pairs: Pairs) -> dict[str, Any]:
    return {"name": pairs.name, "pairs": len(pairs), "sha256": pairs.fingerprint()}
